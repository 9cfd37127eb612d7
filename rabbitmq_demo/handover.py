"""Hands what came out of the hub's queues to those who do the work: as Celery tasks, by name.

    [feeds], [web], [media], [sms], [calls], [desk-...] --> consumers --> handover --confirmed--> ack
                                                                            `--> vhost celery, the task's queue

No line of Celery is imported: a task is a message of a known form (Celery's "message protocol, version 2"), sent to the
default exchange with the queue's name as its key. The notification is acknowledged when the broker has confirmed the
task, so neither a dead handover nor a missing worker loses one; a task may be sent twice, under one id.
"""

import json
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from kombu import Connection

from rabbitmq_demo.broker import BROKEN, connect, hang_up, plain
from rabbitmq_demo.errors import BrokerUnavailable
from rabbitmq_demo.notification import Notification
from rabbitmq_demo.publisher import Publisher
from rabbitmq_demo.terminal import say

AGAIN_AFTER = 1.0
EMBLEM = (
    "iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAbElEQVR42hXNQRUAUQhCUaMYhShGeVGIQhSizB+XXA7ODDtouIHBQ4YOM8suWm5h8ZKl"
    "+0CskDiBsIioHhx76LiDw0eO3oN/4FVf+J8h0PduzBqZ8x/bxNQPwgaFy192SGgelC0q13/CJaXlA8Z7WAFXOTbyAAAAAElFTkSuQmCC"
)
"""A picture of 8 x 8 pixels, as base64: notifications carry text only, and the thumbnail needs something to shrink."""


@dataclass(frozen=True, slots=True)
class Task:
    """A task of Celery by its name, the queue that its workers take from, and its arguments."""

    name: str
    queue: str
    arguments: tuple[Any, ...]


def task_for(queue: str, found: Notification) -> Task | None:
    """What is to be done about a notification that came out of this queue of the hub; None: nothing, it was read.

    A notification that several queues get (an urgent one; a text message in Russian) leads to one task only.
    """
    contact = found.contact or found.id
    if queue == "feeds":
        return Task("feed.tasks.render", "feeds", (contact, [{"title": found.region, "text": found.text}]))
    if queue == "web":
        return Task("web.tasks.notify_page", "web", (contact, found.text))
    if queue == "media" and found.kind == "video":
        return Task("video.tasks.poster", "media", (contact, found.text, 1 + len(found.text)))
    if queue == "media":
        return Task("image.tasks.thumbnail", "media", (contact, EMBLEM))
    if queue in ("sms", "calls"):
        return Task("gateway.tasks.covid_sms_send", "sms-channel", (contact, found.text))
    if queue.startswith("desk-"):
        return Task("officialsnotification.tasks.worker", "default", (contact, found.text))
    return None


@dataclass(slots=True)
class _Pending:
    task: Task
    found: Notification
    trace: list[str]
    done: Callable[[], None]


class Handover:
    """Sends tasks on a connection of its own. Not for several threads."""

    def __init__(self, url: str, tell: Callable[[str, str], None] = say) -> None:
        self._url, self._tell, self._said = url, tell, ""
        self._connection: Connection | None = None
        self._publisher: Publisher | None = None
        self._pending: deque[_Pending] = deque()
        self._attempt_next = 0.0

    def give(self, task: Task, found: Notification, trace: list[str], done: Callable[[], None]) -> None:
        """Send the task as soon as it can be; `done` is called once it is confirmed."""
        self._pending.append(_Pending(task, found, trace, done))

    def turn(self) -> None:
        """Send what is pending, hear the confirms. Whatever fails is tried again a second later, and said once."""
        if not (self._pending or self._publisher) or time.monotonic() < self._attempt_next:
            return
        try:
            self._send()
        except (BrokerUnavailable, *BROKEN) as error:
            self._lost(plain(error))

    def forget(self) -> None:
        """The notifications' own connection is gone, and what is pending will come again on another one."""
        self._pending.clear()
        self._hang_up()

    def _send(self) -> None:
        if self._publisher is None:
            self._connection = connect("rabbitmq_demo handover", url=self._url, patience=2.0)
            self._publisher = Publisher(self._connection)
        for one in [self._pending.popleft() for _ in range(len(self._pending))]:
            headers, body = message(one.task, one.found, one.trace)
            self._publisher.publish(
                "", one.task.queue, body, partial(self._ended, one), id=one.found.id, headers=headers, mandatory=True,
                correlation_id=one.found.id,
            )  # fmt: skip
        self._publisher.settle(within=5)

    def _ended(self, one: _Pending, outcome: str, value: Mapping[str, Any] | None, error: str | None) -> None:
        if outcome == "ok":
            self._said = ""
            one.done()
            return
        self._pending.append(one)
        self._attempt_next = time.monotonic() + AGAIN_AFTER
        self._say(f"no worker's queue took {one.task.name} ({error})")

    def _lost(self, why: str) -> None:
        self._attempt_next = time.monotonic() + AGAIN_AFTER
        self._hang_up()
        self._say(why)

    def _say(self, why: str) -> None:
        before, self._said = self._said, why
        if before != why:
            self._tell("handover", f"{why}; trying again until it works")

    def _hang_up(self) -> None:
        self._publisher = None
        if self._connection:
            hang_up(self._connection)
            self._connection = None


def message(task: Task, found: Notification, trace: list[str]) -> tuple[dict[str, Any], bytes]:
    """Headers and body of a task; its id is the notification's, so that a second sending can be told as one."""
    hop = f"rabbitmq_demo.handover@{time.monotonic():.6f}"
    headers = {
        "lang": "py", "task": task.name, "id": found.id, "root_id": found.id, "parent_id": None, "group": None,
        "argsrepr": repr(task.arguments)[:200], "kwargsrepr": "{}", "origin": "rabbitmq_demo", "retries": 0,
        "eta": None, "expires": None, "timelimit": [None, None], "ignore_result": True, "sent_at": time.monotonic(),
        "hub": {"notification": found.id, "region": found.region, "trace": [*trace, hop]},
    }  # fmt: skip
    embedded = {"callbacks": None, "errbacks": None, "chain": None, "chord": None}
    return headers, json.dumps([list(task.arguments), {}, embedded]).encode()
