"""The Channels demo inside this process, on a small real stack of its own (block 98): PostgreSQL and Redis.

Consumers talk to the database in a thread of their own, which no transaction of a test reaches: so we use the stack's
own database, which nobody else has, and each test makes its own users.
"""

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from channels import DEFAULT_CHANNEL_LAYER
from channels.layers import channel_layers
from django.conf import settings as django_settings
from pytest_django import DjangoDbBlocker

from channels_demo import settings, store
from channels_demo.layers import CoreLayer
from lab.cluster.target import Target
from lab.settings import Settings
from tests.in_django import point_at, port_in, running

BLOCK = 98
NODES = ("postgres", "redis", "channels-migrate")


def _point_here() -> Settings:
    found = point_at(BLOCK, "CHANNELS_DEMO")
    settings.read.cache_clear()
    told = settings.read()
    django_settings.DATABASES["default"]["PORT"] = port_in(told.database)
    django_settings.CHANNEL_LAYERS["default"]["CONFIG"]["hosts"] = [told.redis]
    # A socket that ends waits for the answer to its last question to Redis, which is asked for five seconds.
    CoreLayer.brpop_timeout = 0.2
    return found


_FOUND = _point_here()


@pytest.fixture(scope="session")
def small_stack() -> Iterator[Target]:
    """The stack as a target, with the demo's tables and users in it."""
    with running(_FOUND, NODES) as target:
        yield target


@pytest.fixture(autouse=True)
def _real_database(small_stack: Target, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    from django.db import connection

    with django_db_blocker.unblock():
        yield
        connection.close()


@pytest.fixture(scope="session", autouse=True)
def _closed_pool(small_stack: Target) -> Iterator[None]:
    from django.db import connection

    yield
    connection.close_pool()


@pytest.fixture
def play() -> Callable[[Callable[[], Awaitable[None]]], None]:
    """Runs one play of a test in an event loop of its own, and hangs up on Redis at its end.

    A channel layer belongs to one event loop, as a server has one; each play gets its own. In one that is used again,
    channels_redis may still hold a lock of the last loop: a socket that ends while its next message waits for the
    clean-up of the one before leaves that lock's count of waiters one too high, and it is never dropped.
    """

    def run(script: Callable[[], Awaitable[None]]) -> None:
        channel_layers.set(DEFAULT_CHANNEL_LAYER, channel_layers.make_backend(DEFAULT_CHANNEL_LAYER))

        async def whole() -> None:
            try:
                async with asyncio.timeout(240):
                    await script()
            finally:
                await store.redis().aclose(close_connection_pool=True)

        asyncio.run(whole())

    return run


@pytest.fixture
def options(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """options(recheck=0.2): the service as if it had been told so."""
    told = settings.read()

    def change(**changes: Any) -> None:
        changed = replace(told, options=replace(told.options, **changes))
        monkeypatch.setattr(settings, "read", lambda: changed)

    return change


@pytest.fixture
def region() -> str:
    """A region that no other test has."""
    return f"r{uuid.uuid4().hex[:12]}"


@pytest.fixture
def name() -> str:
    """The name of a new user, whose password is `secret`."""
    from django.contrib.auth.hashers import PBKDF2PasswordHasher
    from django.contrib.auth.models import User

    made = f"u{uuid.uuid4().hex[:12]}"
    # Hashed once, not a million times: that is Django's to test, and takes a second.
    User.objects.create(username=made, password=PBKDF2PasswordHasher().encode("secret", "salt", iterations=1))
    return made
