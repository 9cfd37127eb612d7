"""The Channels demo inside this process, on a small real stack of its own (block 98): PostgreSQL and Redis.

Consumers talk to the database in a thread of their own, which no transaction of a test reaches: so we use the stack's
own database, which nobody else has, and each test makes its own users. Settings were read before this file is: Django
is pointed at the stack here, before it has connected to anything.
"""

import asyncio
import os
import re
import uuid
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.conf import settings as django_settings
from pytest_django import DjangoDbBlocker

from channels_demo import settings, store
from channels_demo.layers import CoreLayer
from lab import settings as lab_settings
from lab.cluster.target import Target
from lab.cluster.targets import open_target
from tests.conftest import ROOT, Stack

BLOCK = 98
NODES = ("postgres", "redis", "channels-migrate")


def _point_here() -> lab_settings.Settings:
    """Everything in this process, and in those that it starts, finds the stack of this block."""
    for name in [name for name in os.environ if re.fullmatch(r"CHANNELS_DEMO_\w+|LAB_\w+_PORT", name)]:
        del os.environ[name]
    os.environ |= {"LAB_BLOCK": str(BLOCK), "LAB_TARGET": "local"}
    found = lab_settings.read(ROOT)
    lab_settings.share_with_demos(found)
    settings.read.cache_clear()
    told = settings.read()
    django_settings.DATABASES["default"]["PORT"] = int(told.database.rpartition(":")[2].partition("/")[0])
    django_settings.CHANNEL_LAYERS["default"]["CONFIG"]["hosts"] = [told.redis]
    # A socket that ends waits for the answer to its last question to Redis, which is asked for five seconds.
    CoreLayer.brpop_timeout = 0.2
    return found


_FOUND = _point_here()


@pytest.fixture(scope="session")
def small_stack() -> Iterator[Target]:
    """The stack as a target, with the demo's tables and users in it."""
    running = Stack(_FOUND)
    try:
        up = running.lab("up", *NODES, "--target", "local", "--preset", "fast", "--yes")
        assert up.returncode == 0, up.stderr
        yield open_target("local", _FOUND)
    finally:
        open_target("local", _FOUND).down(print, volumes=True)


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
    """Runs one play of a test in an event loop of its own, and hangs up on Redis at its end."""

    def run(script: Callable[[], Awaitable[None]]) -> None:
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
