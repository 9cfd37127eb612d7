"""Where a task really goes: sent for real, into a virtual host that has the same queues and no worker.

`python -m celery_demo route NAME` compares what it finds here with what `routing.explain` says.
"""

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from celery import Celery

from celery_demo import settings
from celery_demo.broker import declare, make, remove
from celery_demo.setup import Setup, build


@contextmanager
def in_a_world_of_its_own(setup: Setup, name: str | None = None) -> Iterator[tuple[Setup, Celery]]:
    """The same set-up in a virtual host of its own, with every queue declared; removed at the end, messages and all."""
    name = name or f"route-{uuid.uuid4().hex[:8]}"
    make(name)
    try:
        own = replace(setup, broker=urlunsplit(urlsplit(settings.read().broker)._replace(path=f"/{name}")))
        app = build(own, own.broker)
        try:
            declare(app)
            yield own, app
        finally:
            app.close()
    finally:
        remove(name)


def queues_reached(app: Celery, names: Sequence[str]) -> dict[str, list[str]]:
    """Empty every queue and say which tasks were in it, by task id: those queues, or none. `names`: of the queues."""
    found: dict[str, list[str]] = {}
    with app.connection_for_read() as connection, connection.channel() as amqp_channel:
        for name in names:
            while message := amqp_channel.basic_get(name, no_ack=True):
                found.setdefault(str(message.headers.get("id")), []).append(name)
    return found


def where_it_goes(setup: Setup, task: str, **options: Any) -> list[str]:
    """The queues that one task reaches when it is sent by name."""
    with in_a_world_of_its_own(setup) as (_, app):
        sent = app.send_task(task, **options)
        return queues_reached(app, [queue.name for queue in setup.queues]).get(sent.id, [])
