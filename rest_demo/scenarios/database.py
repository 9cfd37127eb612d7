"""What the scenarios see of the database, past the service: rows by request, who waits for a lock, releases.

It is PostgreSQL itself that is asked, so an instance that hangs or is dead cannot be wrong about what it has done.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Literal, Self

import psycopg

from lab.script import Lab
from rest_demo import settings
from rest_demo.scenarios.client import tag

Table = Literal["notifications_notification", "notifications_outbox"]


def contact_code(run: str, name: str) -> str:
    """What a run calls a contact that it makes."""
    return tag(run, name).replace(":", "-")


def connect(**more: Any) -> "psycopg.Connection[Any]":
    """To the service's own database and schema; each statement is a transaction. more: psycopg's own arguments."""
    return psycopg.connect(
        settings.read().database,
        autocommit=True,
        options="-c search_path=rest",
        application_name="lab",
        connect_timeout=5,
        **more,
    )


class Database:
    """One connection of this run. A context manager."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab

    def __enter__(self) -> Self:
        self._connection = connect()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def rows(self) -> list[tuple[str, str]]:
        """Request and notification of every row that this run has made."""
        found = self._ask(
            "select client_request, id::text from notifications_notification where client_request like %s order by 1",
            [tag(self._lab.run, "%")],
        )
        return [(request.partition(":")[2], id) for request, id in found]

    def unsent(self) -> int:
        """How many messages about this run's notifications wait in the outbox."""
        found = self._ask(
            "select count(*) from notifications_outbox o join notifications_notification n on n.id = o.notification_id "
            "where o.sent is null and n.client_request like %s",
            [tag(self._lab.run, "%")],
        )
        return int(found[0][0])

    def forget_contacts(self) -> None:
        """Take away the contacts that this run has made; their codes are tags with a hyphen."""
        self._connection.execute("delete from contacts_contact where code like %s", [contact_code(self._lab.run, "%")])

    def record_rows(self) -> None:
        """The final read: every row into the history, and that these are all."""
        rows = self.rows()
        for request, id in rows:
            self._lab.record("database", "ok", "row", request, {"notification": id})
        self._lab.record("database", "ok", "rows_read", value={"rows": len(rows)})

    @contextmanager
    def locked(self, table: Table) -> Iterator[None]:
        """Nobody else can insert into the table for the length of the body; they wait."""
        with connect() as connection:
            connection.autocommit = False
            connection.execute(f"lock table {table} in share mode")
            yield
            connection.rollback()

    def waiting(self, table: Table) -> Counter[str]:
        """How many requests each instance has in hand that wait to insert into the table."""
        found = self._ask(
            "select application_name, count(*) from pg_stat_activity "
            "where wait_event_type = 'Lock' and query ilike %s group by 1",
            [f"insert into%{table}%"],
        )
        return Counter(dict(found))

    def connections(self) -> dict[str, int]:
        """How many connections each instance holds."""
        found = self._ask(
            "select application_name, count(*) from pg_stat_activity where application_name like %s group by 1",
            ["rest-_"],
        )
        return dict(sorted(found))

    def release(self, instance: str, version: int) -> None:
        """The instance takes it up when it starts next (`python -m rest_demo release` writes the same)."""
        self._ask(
            "insert into rules_release (instance, version) values (%s, %s) "
            "on conflict (instance) do update set version = excluded.version returning version",
            [instance, version],
        )

    def _ask(self, query: str, values: list[Any]) -> list[tuple[Any, ...]]:
        return self._connection.execute(query, values).fetchall()
