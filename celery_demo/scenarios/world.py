"""The world of one run: a virtual host (or a part of Redis) of its own, the sending side, workers, and their ledger.

A scenario describes its set-up, enters a World with `lab.uses`, starts workers, sends, and reads the ledger at the end.
Whatever happens, nothing of it is left: workers end with the run, the virtual host goes with all its queues.
"""

import json
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self
from urllib.parse import quote, urlsplit, urlunsplit

import redis
from celery import Celery
from kombu import Queue

from celery_demo import broker, settings
from celery_demo.dispatch import send
from celery_demo.errors import CeleryDemoError
from celery_demo.ledger import Execution, Ledger
from celery_demo.setup import Setup, build
from lab.cluster.target import LabError
from lab.processes import Processes
from lab.script import Lab
from lab.waiting import wait_for

ROOT = Path(__file__).resolve().parents[2]
Kind = Literal["rabbitmq", "redis"]


class World:
    """One run's own. A context manager; times are seconds since it was entered."""

    def __init__(self, lab: Lab, setup: Setup, kind: Kind = "rabbitmq", name: str = "") -> None:
        """name: for a second world of the same run."""
        self.lab, self.kind = lab, kind
        self.name = lab.run + (f"-{name}" if name else "")
        if kind == "rabbitmq":
            parts = urlsplit(settings.read().broker)
            self.setup = replace(setup, broker=urlunsplit(parts._replace(path=f"/{quote(self.name, safe='')}")))
        else:
            options = {**setup.conf.get("broker_transport_options", {}), "global_keyprefix": f"{self.name}:"}
            self.setup = replace(setup, broker=settings.read().redis).with_conf(broker_transport_options=options)
        self.ledger = Ledger()
        self._numbers: dict[str, int] = {}
        self._delayed: dict[str, str] = {}
        """Celery's id of each task sent by `delay`, and ours."""

    def __enter__(self) -> Self:
        self.zero = time.monotonic()
        try:
            if self.kind == "rabbitmq":
                broker.make(self.name)
            self.ledger.make()
        except CeleryDemoError as error:
            raise LabError(str(error)) from error
        self.app: Celery = build(self.setup, self.setup.broker)
        broker.declare(self.app)
        self.workers = Processes(ROOT)
        self.lab.note("setup", json.loads(replace(self.setup, broker=self.kind).to_json()))
        self.lab.note("versions", self.versions())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.workers.__exit__(kind, error, trace)
        self.app.close()
        self.ledger.close()
        if self.kind == "rabbitmq":
            broker.remove(self.name)
        else:
            with redis.Redis.from_url(self.setup.broker) as client:
                for key in client.scan_iter(f"{self.name}:*"):
                    client.delete(key)

    @property
    def now(self) -> float:
        return time.monotonic() - self.zero

    def versions(self) -> dict[str, str]:
        """Who is talking to whom."""
        found = {name: version(name) for name in ("celery", "kombu")}
        if self.kind == "redis":
            with redis.Redis.from_url(self.setup.broker) as client:
                return found | {"redis": str(client.info("server")["redis_version"])}
        with self.app.connection_for_read() as connection:
            connection.connect()
            return found | {"rabbitmq": str(connection.connection.server_properties["version"])}

    def worker(
        self, name: str, queues: Sequence[str], *options: str, environment: dict[str, str] | None = None, **conf: Any
    ) -> None:
        """Start `celery -A celery_demo worker -Q QUEUES`; it is ready only after `workers.await_ready`.

        options: for the command; `-c 1` is given. conf: Celery's settings in which this worker differs.
        """
        told = settings.read()
        variables = {
            "CELERY_DEMO_SETUP": self.setup.with_conf(**conf).to_json(),
            "CELERY_DEMO_MANAGEMENT": told.management,
            "CELERY_DEMO_LEDGER": told.ledger,
            "CELERY_DEMO_HEALTH": "",
            "KAFKA_BOOTSTRAP": "",
            **(environment or {}),
        }
        command = [
            sys.executable,
            "-m",
            "celery",
            "-A",
            "celery_demo",
            "worker",
            "-Q",
            ",".join(queues),
            "-n",
            f"{name}@run",
        ]
        quiet = ["--without-gossip", "--without-mingle", "--loglevel", "INFO"]
        self.workers.run(name, [*command, *quiet, *(options or ("-c", "1"))], variables, ready=f"{name}@run ready.")
        self.lab.note("worker", {"name": name, "queues": list(queues), "conf": conf})

    def send(
        self,
        group: str,
        task: str,
        args: Sequence[Any] = (),
        *,
        countdown: float = 0,
        as_eta: bool = False,
        **options: Any,
    ) -> str:
        """Send one task, and record it. Returns its id in the history; in the ledger our name stands before it.

        as_eta: give the countdown as the time at which it is over.
        """
        id = self._invoked(group, task, countdown)
        if countdown:
            eta = datetime.now(UTC) + timedelta(seconds=countdown)
            options |= {"eta": eta} if as_eta else {"countdown": countdown}
        try:
            send(self.app, task, args, task_id=f"{self.name}:{id}", **options)
        except CeleryDemoError as error:
            self.lab.record("sender", "fail" if error.exit_code == 64 else "info", "send", id, None, str(error))
        else:
            self.lab.record("sender", "ok", "send", id)
        return id

    def delay(self, group: str, task: str, *args: Any, **kwargs: Any) -> str:
        """Send one task with `delay`, which takes the task's own arguments and nothing else. May raise TypeError."""
        id = self._invoked(group, task, 0)
        try:
            sent = self.app.tasks[task].delay(*args, **kwargs)
        except TypeError as error:
            self.lab.record("sender", "fail", "send", id, None, str(error))
            raise
        self.lab.record("sender", "ok", "send", id)
        self._delayed[sent.id] = id
        return id

    def _invoked(self, group: str, task: str, countdown: float) -> str:
        self._numbers[group] = self._numbers.get(group, 0) + 1
        id = f"{group}-{self._numbers[group]}"
        value = {"group": group, "task": task, "countdown": countdown, "at": round(self.now, 6)}
        self.lab.record("sender", "invoke", "send", id, value)
        return id

    def executions(self) -> list[Execution]:
        """What the ledger holds of this world, by our ids, in the order in which they started."""
        ours = f"{self.name}:"
        found = [replace(one, task_id=one.task_id.removeprefix(ours)) for one in self.ledger.executions(ours)]
        for theirs, id in self._delayed.items():
            found += [replace(one, task_id=id) for one in self.ledger.executions(theirs)]
        return sorted(found, key=lambda one: one.number)

    def waiting(self) -> dict[str, int]:
        """How many messages wait in each queue of the set-up, from the broker now; those that a worker holds do not
        count with RabbitMQ, and stand under "unacked" with Redis."""
        names = [queue.name for queue in self.setup.queues]
        if self.kind == "redis":
            with redis.Redis.from_url(self.setup.broker) as client:
                found = {name: client.llen(f"{self.name}:{name}") for name in names}
                return found | {"unacked": client.hlen(f"{self.name}:unacked")}
        with self.app.connection_for_read() as connection, connection.channel() as amqp_channel:
            return {name: Queue(name)(amqp_channel).queue_declare(passive=True).message_count for name in names}

    def queues_on_the_broker(self) -> list[str]:
        """Every queue of our virtual host, also those that nobody has written down."""
        return broker.queue_names(self.name)

    def delayed(self) -> dict[str, int]:
        """How many messages stand on each rung of RabbitMQ's ladder for delayed delivery, up to 16 seconds."""
        with self.app.connection_for_read() as connection, connection.channel() as amqp_channel:
            names = [f"celery_delayed_{rung}" for rung in range(5)]
            return {name: Queue(name)(amqp_channel).queue_declare(passive=True).message_count for name in names}

    def await_ended(self, tasks: int, within: float) -> None:
        """Wait until so many tasks have ended at least once. Raises NotReached."""

        def ended() -> set[str]:
            runs = self.executions()
            return {one.task_id for one in runs if one.ended is not None and one.outcome != "broken off"}

        wait_for(f"the end of {tasks} tasks", lambda: len(ended()) >= tasks, within, every=0.1)

    def settle(self, seconds: float = 2.0) -> None:
        """Give what may still come some time, at any pace, and note how much still waits."""
        self.lab.observe("nothing more should come", seconds, at_any_pace=True)
        self.lab.note("settled", {"waiting": sum(self.waiting().values())})

    def record_executions(self) -> None:
        """Copy this world's part of the ledger into the history."""
        for one in self.executions():
            value = {
                "started": round(one.started - self.zero, 6),
                "ended": None if one.ended is None else round(one.ended - self.zero, 6),
                "queue": one.queue, "pid": one.pid, "redelivered": one.redelivered, "retries": one.retries,
                "outcome": one.outcome, "error": one.error, "result": json.loads(one.result) if one.result else None,
            }  # fmt: skip
            process = one.worker.partition("@")[0]
            self.lab.record(process, "ok" if one.ended is not None else "info", "execution", one.task_id, value)
