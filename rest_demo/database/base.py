"""Django's backend for PostgreSQL, with a patience: an instance waits for a statement no longer than its clients do.

A database that is down refuses at once. One that hangs, or that the network hides, would let each thread of an instance
wait for ever on the connection that it keeps, and four requests later the instance would be as dead as the database.
Commands have no client who waits, and no patience that could end.
"""

import time
from collections.abc import Generator
from typing import Any

import psycopg
from django.db.backends.postgresql import base

PATIENCE = 4.5
"""Seconds for one statement: more than any lock is queued for, less than the balancer waits for an instance."""
PATIENCE_AT_FIRST = 1.0
"""Seconds for the question whether a connection that was kept still works; else there is a new one, or none."""


class ImpatientConnection(psycopg.Connection[Any]):
    """Gives up, and closes, when the server has not answered a statement in time: what it is doing is unknown then."""

    patience: float | None = None

    def wait(self, gen: Generator[Any, Any, Any], *args: Any, **kwargs: Any) -> Any:
        if self.patience is None:
            return super().wait(gen, *args, **kwargs)
        try:
            return super().wait(_limited(gen, self.patience), *args, **kwargs)
        except _NoAnswer:
            self.pgconn.finish()
            raise


def be_impatient() -> None:
    """From now on, in this process."""
    ImpatientConnection.patience = PATIENCE


class _NoAnswer(psycopg.OperationalError):
    pass


def _limited(gen: Generator[Any, Any, Any], patience: float) -> Generator[Any, Any, Any]:
    """psycopg drives a statement as a generator, and sends it something false now and then while nothing comes."""
    deadline = time.monotonic() + patience
    try:
        wanted = next(gen)
        while True:
            ready = yield wanted
            if not ready and time.monotonic() > deadline:
                raise _NoAnswer(f"no answer within {patience} s")
            wanted = gen.send(ready)
    except StopIteration as ended:
        return ended.value


class _Driver:
    """psycopg, but for the class of the connections that it makes."""

    def __getattr__(self, name: str) -> Any:
        return getattr(psycopg, name)

    connect = staticmethod(ImpatientConnection.connect)


class DatabaseWrapper(base.DatabaseWrapper):
    Database = _Driver()

    def is_usable(self) -> bool:
        if self.connection is None or self.connection.patience is None:
            return super().is_usable()
        self.connection.patience = PATIENCE_AT_FIRST  # this one's alone
        try:
            return super().is_usable()
        finally:
            del self.connection.patience
