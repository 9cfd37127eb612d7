"""What lab/look.py is made of (a part in a thread of its own, the services), and what lab/watch.py draws of it."""
