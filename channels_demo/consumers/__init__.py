"""One consumer a module: what a socket of each path does. routing.py says which path is whose."""
