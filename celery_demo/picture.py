"""Celery's workers, their queues and the ledger as they are now, as plain values: for whoever draws them.

    workers --their queues--> .
    broker  --depths--------> look() --> {"workers", "queues", "started", "ended"}
    ledger  --new rows------> '

Without Celery itself, which is large: a question to the workers is a message on their mailbox, as kombu sends it.
"""

import time
from functools import cache
from typing import Any

import psycopg
from amqp import Channel
from amqp.exceptions import AMQPError, NotFound
from kombu import Connection
from kombu.pidbox import Mailbox

from celery_demo import settings
from celery_demo.errors import BrokerUnavailable, LedgerUnavailable

WORKERS = {"feeds": "feeds", "web": "web", "media": "media", "sms": "sms-channel", "default": "default"}
"""The hub's workers by the first part of their names, each with the queue that it takes from (docker-compose.yml)."""
PATIENCE = 2.0
ASKED_EVERY = 2.0
SILENT_AFTER = 5.0
"""Seconds without an answer after which a worker counts as gone."""
LATE = 200
"""So many rows before the latest are looked at again: an insert gets its number before others see it."""

_BROKEN = (AMQPError, OSError)
_FIRST = """select count(*), count(ended), coalesce(max(number), 0) from executions
            where split_part(worker, '@', 1) = any(%s)"""
_NEW = """select number, split_part(worker, '@', 1), ended is not null from executions
          where (number > %s or number = any(%s)) and split_part(worker, '@', 1) = any(%s)"""
_ONE = """select started, ended, split_part(worker, '@', 1), queue, outcome, result::jsonb -> 'published'
          from executions where task_id = %s order by number desc limit 1"""


class Workers:
    """What the broker knows: who answers, what waits. One connection, made anew when it breaks."""

    def __init__(self) -> None:
        self._connection: Connection | None = None
        self._amqp_channel: Channel | None = None
        self._answered: dict[str, float] = {}
        self._queues = {name: [queue] for name, queue in WORKERS.items()}
        self._ask_next = 0.0
        self._counted: list[dict[str, Any]] = [
            {"name": name, "waiting": None, "consumers": None} for name in WORKERS.values()
        ]

    def look(self) -> None:
        """Ask broker and workers. Raises BrokerUnavailable."""
        try:
            if self._connection is None:
                self._connection = Connection(
                    settings.read().broker,
                    connect_timeout=PATIENCE,
                    transport_options={
                        "read_timeout": PATIENCE,
                        "write_timeout": PATIENCE,
                        "client_properties": {"connection_name": "celery_demo picture"},
                    },
                )
                self._connection.connect()
            self._counted = [{"name": name, **self._counts(self._connection, name)} for name in WORKERS.values()]
            self._ask(self._connection)
        except _BROKEN as error:
            self._hang_up()
            raise BrokerUnavailable(f"no broker answers: {' '.join(str(error).split())}") from error

    def seen(self) -> dict[str, Any]:
        """{"workers": [{"name", "alive", "queues"}], "queues": [{"name", "waiting", "consumers"}]}, as last seen."""
        since = time.monotonic() - SILENT_AFTER
        workers = [
            {"name": name, "alive": self._answered.get(name, -1.0) > since, "queues": self._queues[name]}
            for name in sorted(self._queues, key=[*WORKERS, *self._queues].index)
        ]
        return {"workers": workers, "queues": self._counted}

    def _ask(self, connection: Connection) -> None:
        """Ask all workers which queues they take from. With all of them there the last answer comes in milliseconds."""
        if time.monotonic() < self._ask_next:
            return
        mailbox = Mailbox("celery", type="fanout", connection=connection, accept=["json"], serializer="json")
        with connection.channel() as amqp_channel:
            mailbox.exchange(amqp_channel).declare()
            answers = mailbox.multi_call("active_queues", timeout=0.5, limit=len(WORKERS), channel=amqp_channel)
        for answer in answers:
            for worker, queues in answer.items():
                name = worker.partition("@")[0]
                self._answered[name] = time.monotonic()
                self._queues[name] = [queue["name"] for queue in queues]
        self._ask_next = time.monotonic() + ASKED_EVERY

    def _counts(self, connection: Connection, queue: str) -> dict[str, int | None]:
        if self._amqp_channel is None:
            self._amqp_channel = connection.channel()
        try:
            told = self._amqp_channel.queue_declare(queue, passive=True)
        except NotFound:
            self._amqp_channel = None  # the broker closes a channel with such an answer
            return {"waiting": None, "consumers": None}
        return {"waiting": told.message_count, "consumers": told.consumer_count}

    def _hang_up(self) -> None:
        connection, self._connection, self._amqp_channel = self._connection, None, None
        if connection:
            connection.collect()


class Executions:
    """What the ledger holds of the hub's own workers. Running totals: each look reads only what is new or was open."""

    def __init__(self) -> None:
        self._connection: psycopg.Connection[Any] | None = None
        self._latest: int | None = None
        self._open: dict[int, str] = {}
        self._counted: set[int] = set()
        self.started = self.ended = 0
        self.started_by = dict.fromkeys(WORKERS, 0)
        self.ended_by = dict.fromkeys(WORKERS, 0)

    def look(self) -> None:
        """Bring the totals up to date. Raises LedgerUnavailable."""
        if self._latest is None:
            self.started, self.ended, self._latest = self._ask(_FIRST, [[*WORKERS]])[0]
            for number, worker, ended in self._new():
                self._counted.add(number)
                if not ended:
                    self._open[number] = worker
            return
        for number, worker, ended in self._new():
            if number not in self._counted and number not in self._open:
                self.started += 1
                self.started_by[worker] += 1
                self._open[number] = worker
            self._counted.add(number)
            if ended and self._open.pop(number, None):
                self.ended += 1
                self.ended_by[worker] += 1
            self._latest = max(self._latest, number)
        self._counted = {number for number in self._counted if number > self._latest - LATE}

    def one(self, task_id: str) -> dict[str, Any] | None:
        """The latest execution of a task. Times are monotonic seconds; `published` is [partition, offset] or None."""
        for started, ended, worker, queue, outcome, published in self._ask(_ONE, [task_id]):
            return {
                "started": started,
                "ended": ended,
                "worker": worker,
                "queue": queue,
                "outcome": outcome,
                "published": published,
            }
        return None

    def _new(self) -> list[tuple[int, str, bool]]:
        return self._ask(_NEW, [(self._latest or 0) - LATE, sorted(self._open), [*WORKERS]])

    def _ask(self, statement: str, values: list[Any]) -> list[Any]:
        try:
            if self._connection is None or self._connection.closed:
                self._connection = psycopg.connect(
                    settings.read().ledger, autocommit=True, connect_timeout=2, application_name="celery_demo picture"
                )
            return self._connection.execute(statement, values).fetchall()
        except psycopg.errors.UndefinedTable as error:
            raise LedgerUnavailable("there is no ledger yet: no worker has run here") from error
        except psycopg.Error as error:
            self._connection = None
            raise LedgerUnavailable(f"the ledger does not answer: {' '.join(str(error).split())}") from error


@cache
def _workers() -> Workers:
    return Workers()


@cache
def _executions() -> Executions:
    return Executions()


def look() -> dict[str, Any]:
    """{"workers": [{"name", "alive", "queues", "started", "ended"}], "queues": [{"name", "waiting", "consumers"}],
    "started", "ended"}. `started` and `ended` are totals of the ledger; those of a worker count from the first look on.

    While one of broker and ledger is away its numbers stand still and "error" says so. Raises when both are.
    """
    errors, ledger = [], _executions()
    for part in (_workers(), ledger):
        try:
            part.look()
        except (BrokerUnavailable, LedgerUnavailable) as error:
            errors.append(str(error))
    if len(errors) == 2:
        raise BrokerUnavailable("; ".join(errors))
    seen = _workers().seen()
    for worker in seen["workers"]:
        worker["started"] = ledger.started_by.get(worker["name"], 0)
        worker["ended"] = ledger.ended_by.get(worker["name"], 0)
    return seen | {"started": ledger.started, "ended": ledger.ended, "error": "; ".join(errors)}


def follow(id: str) -> dict[str, Any] | None:
    """The execution of the notification's task, see Executions.one; None: no worker has started it."""
    return _executions().one(id)
