"""What a Celery application of this demo is made of, as plain data: the broker, the queues, the settings.

`celery.py` builds the hub's application from HUB; scenarios describe theirs, hand it to their workers in
CELERY_DEMO_SETUP, and build the sending side from the same words.
"""

import json
import time
import warnings
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

from celery import Celery, signals
from celery.exceptions import CDeprecationWarning
from kombu import Exchange, Queue

from celery_demo.feed import tasks as feed
from celery_demo.gateway import tasks as gateway
from celery_demo.image import tasks as image
from celery_demo.officialsnotification import tasks as officialsnotification
from celery_demo.probe import tasks as probe
from celery_demo.routing import ORDERED
from celery_demo.tasks import register
from celery_demo.video import tasks as video
from celery_demo.web import tasks as web

TASKS = (feed, web, video, image, gateway, officialsnotification, probe)
"""Every module whose functions are tasks. Imported before any application is made: each then gets every task, once.
`tasks.py` holds a class, which must be registered."""

SENT_AT = "sent_at"
"""The header that says when a task was sent, in seconds of the monotonic clock: Celery has none of its own."""
DELIVERY_LIMIT = 3
"""After so many failed deliveries a quorum queue takes a task for poison. Set, because RabbitMQ's default differs: none
before 4.0, 20 since."""
LARGEST = 64 * 1024
"""Bytes of a task's arguments as JSON; whoever needs more stores it and sends where it is."""


@dataclass(frozen=True, slots=True)
class TaskQueue:
    """A queue of tasks. `key` is its routing key, the queue's name if empty.

    dead_letters: what is rejected, or fails too often, goes to `NAME.dead`, an ordinary classic queue.
    """

    name: str
    type: Literal["quorum", "classic"] = "quorum"
    key: str = ""
    dead_letters: bool = False

    def declared(self, exchange: Exchange) -> Queue:
        """As kombu declares it, on every broker that Celery knows."""
        arguments: dict[str, Any] = {"x-queue-type": self.type}
        if self.type == "quorum":
            arguments["x-delivery-limit"] = DELIVERY_LIMIT
        if self.dead_letters:
            arguments |= {"x-dead-letter-exchange": "", "x-dead-letter-routing-key": self.dead_name}
        return Queue(self.name, exchange, routing_key=self.key or self.name, queue_arguments=arguments)

    @property
    def dead_name(self) -> str:
        return f"{self.name}.dead"


@dataclass(frozen=True, slots=True)
class Setup:
    """One application. `broker` is a URL, "" for the one that settings.py names; `conf` are Celery's own settings."""

    broker: str = ""
    exchange: str = "tasks"
    exchange_type: Literal["topic", "direct"] = "topic"
    queues: tuple[TaskQueue, ...] = ()
    default: str = "default"
    conf: Mapping[str, Any] = field(default_factory=dict)

    def with_conf(self, **conf: Any) -> "Setup":
        """The same with some of Celery's settings changed."""
        return replace(self, conf={**self.conf, **conf})

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "Setup":
        found = json.loads(text)
        return cls(**{**found, "queues": tuple(TaskQueue(**queue) for queue in found["queues"])})


HUB = Setup(
    queues=tuple(TaskQueue(name, dead_letters=True) for name in ("feeds", "web", "media", "sms-channel", "default")),
    conf={"task_acks_late": True, "task_reject_on_worker_lost": True, "worker_prefetch_multiplier": 1},
)
"""The hub's own: what survives. Quorum queues on a topic exchange, so that a countdown waits in the broker and not in a
worker (`celery-eta-blocks-worker`); no routing key is the end of another one's words (`celery-suffix-collision`)."""


def build(setup: Setup, broker: str, *, knows_tasks: bool = True) -> Celery:
    """The application: JSON only, every publish confirmed, no queue that nobody declared, no result backend.

    knows_tasks: False for somebody who sends by name only, from another code base.
    """
    app = Celery("celery_demo", broker=setup.broker or broker, set_as_current=False)
    exchange = Exchange(setup.exchange, type=setup.exchange_type)
    app.conf.update(
        task_serializer="json",
        accept_content=["json"],
        result_accept_content=["json"],
        task_ignore_result=True,
        task_queues=[queue.declared(exchange) for queue in setup.queues],
        task_default_queue=setup.default,
        task_default_exchange=setup.exchange,
        task_default_exchange_type=setup.exchange_type,
        task_default_routing_key=setup.default,
        task_create_missing_queues=False,
        task_routes=(ORDERED,),
        broker_connection_retry_on_startup=True,
        broker_transport_options={"confirm_publish": True},
        worker_hijack_root_logger=True,
        worker_send_task_events=False,
        timezone="UTC",
    )
    app.conf.update(setup.conf)
    if not knows_tasks:
        return app
    with warnings.catch_warnings():
        # The queue in the decorator is the notes' own form; Celery 5.7 says of it that it goes away in 6.0.
        warnings.simplefilter("ignore", CDeprecationWarning)
        app.finalize()
        register(app)
    return app


@signals.before_task_publish.connect
def _stamp(headers: dict[str, Any] | None = None, **_: object) -> None:
    if headers is not None:
        headers.setdefault(SENT_AT, time.monotonic())
