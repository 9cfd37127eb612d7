"""What can go wrong on the command line: one tree, each error with the exit code that the command ends with."""


class ChannelsDemoError(Exception):
    """Says what, why, and what to do. exit_code: 69, something that we need does not answer."""

    exit_code = 69


class WrongUsage(ChannelsDemoError):
    """A command or a variable makes no sense."""

    exit_code = 64
