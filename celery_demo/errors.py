"""What can go wrong in this demo, as one tree; `__main__.py` turns each into a sentence and an exit code."""


class CeleryDemoError(Exception):
    """Root of everything that the demo reports in one sentence."""

    exit_code = 70


class WrongUsage(CeleryDemoError):
    """A variable or an argument makes no sense."""

    exit_code = 64


class BrokerUnavailable(CeleryDemoError):
    """No broker answers, or it does not do what was asked."""

    exit_code = 69


class LedgerUnavailable(CeleryDemoError):
    """PostgreSQL, which keeps the ledger, does not answer."""

    exit_code = 69


class NotSent(CeleryDemoError):
    """A task was not handed to the broker: its name, its arguments or its size are wrong."""

    exit_code = 64
