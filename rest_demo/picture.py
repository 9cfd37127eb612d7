"""The front door as it is now, as plain values: balancer, instances, outbox. For whoever draws it, again and again.

balancer, instances --GET, connections kept--> look() <--select-- outbox
"""

import time
from contextlib import suppress
from functools import cache
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import urlsplit

import psycopg

from rest_demo import settings

ANSWERS_WITHIN = 1.0
READY_EVERY = 3.0
"""Seconds between two questions for readiness, by turns: an instance connects to all its neighbours to answer one."""

_WAITING = "select count(*) from notifications_outbox where sent is null"
_LATEST = "select coalesce(max(id), 0) from notifications_outbox"
_ONE = "select sent is not null from notifications_outbox where notification_id = %s"


class Door:
    """An HTTP address that is asked again and again, over one connection as long as it holds."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._http = HTTPConnection(parts.hostname or "", parts.port, timeout=ANSWERS_WITHIN)

    def status(self, path: str) -> int:
        """The status of the answer, 0 when there is none. A kept connection may have ended since: one more try."""
        for _ in range(2):
            kept = self._http.sock is not None
            try:
                self._http.request("GET", path)
                with self._http.getresponse() as answer:
                    answer.read()
                    return answer.status
            except TimeoutError:
                self._http.close()
                return 0
            except (OSError, HTTPException):
                self._http.close()
                if not kept:
                    return 0
        return 0


class Picture:
    """All connections for all looks. Not for several threads."""

    def __init__(self) -> None:
        told = settings.read()
        self._balancer = Door(told.url)
        self._instances = {name: Door(url) for name, url in told.published.items()}
        self._ready = dict.fromkeys(self._instances, False)
        self._turn = list(self._instances)
        self._ready_next = 0.0
        self._database: psycopg.Connection[Any] | None = None
        self._outbox = self._accepted = 0

    def look(self) -> dict[str, Any]:
        """{"balancer": alive, "instances": [{"name", "alive", "ready"}], "outbox": waiting, "accepted": total}.

        `accepted` is the number of the latest row in the outbox, so what was rolled back counts too. While the
        database is away both numbers stand still, and "error" says so.
        """
        alive = {name: door.status("/livez") == 200 for name, door in self._instances.items()}
        self._look_who_is_ready(alive)
        error = ""
        try:
            self._outbox, self._accepted = self._ask(_WAITING)[0][0], self._ask(_LATEST)[0][0]
        except psycopg.Error as found:
            error = f"the database does not answer: {' '.join(str(found).split())}"
        return {
            "balancer": self._balancer.status("/nginx") == 200,
            "instances": [
                {"name": name, "alive": answers, "ready": answers and self._ready[name]}
                for name, answers in alive.items()
            ],
            "outbox": self._outbox,
            "accepted": self._accepted,
            "error": error,
        }

    def sent(self, id: str) -> bool | None:
        """Whether a notification has left the outbox; None: it is not in it. Raises psycopg.Error."""
        rows = self._ask(_ONE, [id])
        return rows[0][0] if rows else None

    def _look_who_is_ready(self, alive: dict[str, bool]) -> None:
        """One instance, in its turn; at first each of them."""
        now = time.monotonic()
        if now < self._ready_next:
            return
        asked = self._turn if self._ready_next == 0 else self._turn[:1]
        self._turn = [*self._turn[1:], *self._turn[:1]]
        self._ready_next = now + READY_EVERY
        for name in asked:
            self._ready[name] = alive[name] and self._instances[name].status("/readyz") == 200

    def _ask(self, statement: str, values: list[Any] | None = None) -> list[Any]:
        try:
            if self._database is None or self._database.closed:
                self._database = psycopg.connect(
                    settings.read().database, autocommit=True, connect_timeout=2, options="-c search_path=rest",
                    application_name="rest_demo picture",
                )  # fmt: skip
            return self._database.execute(statement, values).fetchall()
        except psycopg.Error:
            with suppress(psycopg.Error):
                if self._database:
                    self._database.close()
            self._database = None
            raise


@cache
def _picture() -> Picture:
    return Picture()


def look() -> dict[str, Any]:
    """See Picture.look."""
    return _picture().look()


def follow(id: str) -> dict[str, Any] | None:
    """{"sent": whether the broker has confirmed it}; None: there is no such notification in the outbox."""
    sent = _picture().sent(id)
    return None if sent is None else {"sent": sent}
