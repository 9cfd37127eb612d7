"""The ledger: start and end of every execution, in PostgreSQL, because a broker under test cannot be its own witness.

`worker.py` writes it from Celery's signals, in the process that runs the task: one row when an execution starts, the
same row again when it ends. What a crash leaves is visible: started, never ended. Scenarios and
`python -m celery_demo ledger` read it.

Times are seconds of CLOCK_MONOTONIC, which all processes of one machine share (containers too); `wall` is for people.
"""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
from psycopg.rows import class_row

from celery_demo import settings
from celery_demo.errors import LedgerUnavailable

_TABLE = """
create table if not exists executions (
    number bigint generated always as identity primary key,
    task_id text not null, task text not null, retries int not null, redelivered boolean not null,
    queue text not null, worker text not null, pid int not null,
    sent double precision, started double precision not null, ended double precision,
    outcome text, error text, result text, wall timestamptz not null default now()
)"""
_INDEX = "create index if not exists executions_task_id on executions (task_id text_pattern_ops)"
_LOCK = 5672
"""Of `pg_advisory_xact_lock`: workers that start at once would both make the table, and one would fail."""


@dataclass(frozen=True, slots=True)
class Execution:
    """One row. `queue` is the routing key that the task came with; `sent` is known when our own side sent it."""

    number: int
    task_id: str
    task: str
    retries: int
    redelivered: bool
    queue: str
    worker: str
    pid: int
    sent: float | None
    started: float
    ended: float | None
    outcome: str | None
    error: str | None
    result: str | None
    """What the task returned, as JSON, cut short."""


class Ledger:
    """Appends to the table, over one connection that is made at the first use and anew in a forked child."""

    def __init__(self, url: str | None = None) -> None:
        self._url = url
        self._lock = threading.Lock()
        self._connection: psycopg.Connection[tuple[int]] | None = None
        self._pid = 0

    def make(self) -> None:
        """Make the table; harmless when it is there. Raises LedgerUnavailable."""
        with self._connected() as connection, connection.transaction():
            connection.execute("select pg_advisory_xact_lock(%s)", [_LOCK])
            connection.execute(_TABLE)
            connection.execute(_INDEX)

    def started(
        self, task_id: str, task: str, retries: int, redelivered: bool, queue: str, worker: str, sent: float | None
    ) -> int:
        """Write that an execution starts now; returns its number. Raises LedgerUnavailable."""
        values = [task_id, task, retries, redelivered, queue, worker, os.getpid(), sent, time.monotonic()]
        with self._connected() as connection:
            row = connection.execute(
                "insert into executions (task_id, task, retries, redelivered, queue, worker, pid, sent, started)"
                " values (%s, %s, %s, %s, %s, %s, %s, %s, %s) returning number",
                values,
            ).fetchone()
        assert row
        return row[0]

    def ended(self, number: int, outcome: str, error: str | None, result: str | None = None) -> None:
        """Write that it ends now, and how. Raises LedgerUnavailable."""
        with self._connected() as connection:
            connection.execute(
                "update executions set ended = %s, outcome = %s, error = %s, result = %s where number = %s",
                [time.monotonic(), outcome, error, result, number],
            )

    def executions(self, ids_begin_with: str = "", last: int | None = None) -> list[Execution]:
        """Executions in the order in which they started, only the `last` ones if asked. Raises LedgerUnavailable."""
        pattern = ids_begin_with.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_") + "%"
        columns = ", ".join(Execution.__dataclass_fields__)
        with self._connected() as connection, connection.cursor(row_factory=class_row(Execution)) as cursor:
            found = cursor.execute(
                f"select {columns} from executions where task_id like %s order by number desc limit %s",
                [pattern, last],
            ).fetchall()
        return found[::-1]

    def forget(self, ids_begin_with: str) -> None:
        """Take the rows of one run out again. Raises LedgerUnavailable."""
        assert ids_begin_with
        with self._connected() as connection:
            connection.execute("delete from executions where starts_with(task_id, %s)", [ids_begin_with])

    def close(self) -> None:
        if self._connection and self._pid == os.getpid():
            self._connection.close()
        self._connection = None

    @contextmanager
    def _connected(self) -> Iterator[psycopg.Connection[tuple[int]]]:
        with self._lock:
            try:
                if self._connection is None or self._pid != os.getpid() or self._connection.closed:
                    url = self._url or settings.read().ledger
                    self._connection = psycopg.connect(url, autocommit=True, connect_timeout=5)
                    self._pid = os.getpid()
                yield self._connection
            except psycopg.errors.UndefinedTable as error:
                raise LedgerUnavailable("there is no ledger yet: no worker has run here") from error
            except psycopg.Error as error:
                self._connection = None  # the next call tries anew
                raise LedgerUnavailable(f"the ledger does not answer: {' '.join(str(error).split())}") from error
