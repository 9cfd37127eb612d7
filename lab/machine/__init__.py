"""Makes this machine ready: which target to use, what it still needs, how to get it. Called by the command line."""
