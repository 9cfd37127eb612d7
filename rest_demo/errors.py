"""What can go wrong on the command line: one tree, each error with the exit code that the command ends with."""


class RestDemoError(Exception):
    """Says what, why, and what to do. exit_code: 69, something that we need does not answer."""

    exit_code = 69


class WrongUsage(RestDemoError):
    """A command or a variable makes no sense."""

    exit_code = 64


class FileRefused(RestDemoError):
    """A file is no table of contacts, or too much of one. status: what HTTP says about it, 400, 413 or 415."""

    exit_code = 1

    def __init__(self, says: str, status: int = 400) -> None:
        super().__init__(says)
        self.status = status


class ImportFailed(RestDemoError):
    """The database did not take what had passed every check."""


class ImportBusy(RestDemoError):
    """Another import is under way, and has been for as long as one waits for it."""


class RowsRefused(RestDemoError):
    """Rows of a file were refused, and named."""

    exit_code = 1
