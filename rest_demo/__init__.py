"""The hub's front door: a REST service on several instances behind nginx. See README.md."""
