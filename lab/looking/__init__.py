"""What lab/look.py is made of: a part in a thread of its own, the services of the stack."""
