"""The kernel of the lab: starts the stack, breaks it on purpose, records what happened and judges the record."""
