"""The REST demo inside this process, on a small real stack of its own (block 97): PostgreSQL, Redis, RabbitMQ.

pytest-django makes the database `test_lab` beside the stack's own, with our schema in it.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db.models.signals import pre_migrate
from rest_framework.test import APIClient

from lab.cluster.target import Target
from lab.settings import Settings
from rest_demo import broker, settings, throttling
from tests.in_django import point_at, port_in, running
from tests.rest_demo.instances import Instance

BLOCK = 97
NODES = ("postgres", "redis", "rabbitmq")


def _point_here() -> Settings:
    found = point_at(BLOCK, "REST_DEMO")
    settings.read.cache_clear()
    told = settings.read()
    django_settings.DATABASES["default"]["PORT"] = port_in(told.database)
    django_settings.CACHES["default"]["LOCATION"] = told.cache
    return found


_FOUND = _point_here()


@pytest.fixture(scope="session")
def small_stack() -> Iterator[Target]:
    """The stack as a target: .kill(node), .start(node), and so on."""
    with running(_FOUND, NODES) as target:
        yield target


@pytest.fixture(scope="session")
def django_db_modify_db_settings(small_stack: Target) -> None:
    """Before the test database is made: PostgreSQL is there, and our tables get their schema."""
    pre_migrate.connect(_make_schema, weak=False)


def _make_schema(using: str, **_: Any) -> None:
    from django.db import connections

    with connections[using].cursor() as cursor:
        cursor.execute("create schema if not exists rest")


@pytest.fixture
def api(db: None) -> APIClient:
    """A client of the API in this process; nobody is logged in."""
    return APIClient()


@pytest.fixture
def instance(small_stack: Target, transactional_db: None, tmp_path: Path) -> Iterator[Callable[..., Instance]]:
    """Starts instances as gunicorn runs them, on the test database: instance("rest-1", REST_DEMO_OPTIONS="{}")."""
    started: list[Instance] = []

    def start(name: str = "rest-1", **environment: str) -> Instance:
        where = {"REST_DEMO_DATABASE": database_url()}
        started.append(Instance(name, tmp_path / f"{name}.log", where | environment))
        started[-1].wait_until_it_listens()
        return started[-1]

    yield start
    for one in started:
        one.kill()


@pytest.fixture
def searches(small_stack: Target) -> None:
    """Nobody has searched yet."""
    for key in throttling._redis().scan_iter("rest:searches:*"):
        throttling._redis().delete(key)


@pytest.fixture
def inbox(small_stack: Target) -> Iterator[str]:
    """The hub's inbox with one queue bound to it, which is empty; yields the queue's name."""
    with broker.connected(settings.read().broker) as connection:
        amqp_channel = connection.channel()
        amqp_channel.exchange_declare(broker.EXCHANGE, "direct", durable=True, auto_delete=False)
        queue = amqp_channel.queue_declare("test.inbox", durable=True, auto_delete=False).queue
        amqp_channel.queue_bind(queue, broker.EXCHANGE, broker.ROUTING_KEY)
        amqp_channel.queue_purge(queue)
    yield queue
    with broker.connected(settings.read().broker) as connection:
        connection.channel().queue_delete(queue)


def database_url() -> str:
    """The database that pytest-django made, for processes of their own."""
    return re.sub(r"/lab$", f"/{django_settings.DATABASES['default']['NAME']}", settings.read().database)


def messages(queue: str) -> list[Any]:
    """Everything in the queue, taken out of it."""
    found = []
    with broker.connected(settings.read().broker) as connection:
        amqp_channel = connection.channel()
        while message := amqp_channel.basic_get(queue, no_ack=True):
            found.append(message)
    return found
