"""The relay: sends what stands in the outbox, and crosses a message out once the broker has confirmed it.

    [outbox, sent is null] --oldest first, locked--> hub.inbox --confirmed--> sent = now --commit-->

Only what is committed is seen, so nothing uncommitted is sent. A relay that dies between the confirm and the commit
sends once more: the message's id is the notification's, a consumer can tell. Several relays share the work: what one
has locked, another skips (so messages are in order for one relay only).

Without Django: a process of its own, with two connections and no more.
"""

import json
import time
from threading import Event
from typing import Any

import psycopg

from rest_demo import settings
from rest_demo.broker import BROKEN, Outgoing, Publisher, connected
from rest_demo.heartbeat import Heartbeat

BATCH = 100
IDLE = 0.2
AGAIN_AFTER = 0.5
HEARTBEAT = 10
KEEP = "1 day"
"""How long what was sent stays in the outbox, and an Idempotency-Key is known."""

_TAKE = """select id, notification_id, body, headers from notifications_outbox
           where sent is null order by id limit %s for update skip locked"""
_CROSS_OUT = "update notifications_outbox set sent = now() where id = any(%s)"
_FORGET = (
    f"delete from notifications_outbox where sent < now() - interval '{KEEP}'",
    f"delete from notifications_idempotencykey where created < now() - interval '{KEEP}'",
)


class Relay:
    """Runs until `stop`; what is in hand by then is finished."""

    def __init__(self, stop: Event, tell: Any = print, database: str | None = None) -> None:
        """`database`: another than that of the settings."""
        self._stop = stop
        self._tell = tell
        self._said = ""
        self._forget_next = 0.0
        self._database = database or settings.read().database
        self._health = Heartbeat(settings.read().health)
        self.sent = 0

    def run(self) -> None:
        try:
            while not self._stop.is_set():
                self._health.beat()
                try:
                    self._work()
                except (psycopg.Error, *BROKEN) as error:
                    self._say(f"{' '.join(str(error).split()) or type(error).__name__}; trying again until it works")
                    self._stop.wait(AGAIN_AFTER)
        finally:
            self._health.close()

    def _work(self) -> None:
        """On one connection to each side, for as long as both hold."""
        with (
            psycopg.connect(self._database, options="-c search_path=rest", connect_timeout=2) as database,
            connected(settings.read().broker, heartbeat=HEARTBEAT) as broker,
        ):
            publisher = Publisher(broker)
            self._say("connected: what is committed is sent")
            while not self._stop.is_set():
                self._health.beat()
                self._forget_the_old(database)
                if not self._send_some(database, publisher):
                    publisher.listen(IDLE)
                broker.heartbeat_tick()

    def _forget_the_old(self, database: psycopg.Connection[Any]) -> None:
        """At the first turn, and every hour."""
        if time.monotonic() >= self._forget_next:
            with database.transaction():
                for statement in _FORGET:
                    database.execute(statement)
            self._forget_next = time.monotonic() + 3600

    def _send_some(self, database: psycopg.Connection[Any], publisher: Publisher) -> int:
        """One batch, in one transaction; returns how many were confirmed."""
        with database.transaction():
            rows = database.execute(_TAKE, [BATCH]).fetchall()
            if not rows:
                return 0
            safe = publisher.publish([Outgoing(row[1].hex, row[2], row[3]) for row in rows])
            confirmed = [row[0] for row in rows if row[1].hex in safe]
            database.execute(_CROSS_OUT, [confirmed])
        self.sent += len(confirmed)
        if len(confirmed) < len(rows):
            self._say(f"{len(rows) - len(confirmed)} messages reached no queue; they stay in the outbox")
        for row in rows:
            if row[0] in confirmed:
                self._tell(json.dumps({"sent": row[1].hex}), flush=True)
        return len(confirmed)

    def _say(self, sentence: str) -> None:
        """Once, until there is something else to say."""
        if sentence != self._said:
            self._tell(f"relay: {sentence}", flush=True)
        self._said = sentence
