"""The connection to Redis for what is ours beside the channel layer: backlogs and tickets. One client an event loop."""

import asyncio
from weakref import WeakKeyDictionary

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff

from channels_demo import settings

_CLIENTS: WeakKeyDictionary[asyncio.AbstractEventLoop, Redis] = WeakKeyDictionary()


def redis() -> Redis:
    """Answers in text. An outage is an error after two seconds, not a wait without end.

    A pool of one's own does not try again unless it is told to. After a restart of Redis each of its connections is
    dead: without the second try that many sockets were closed with 1011, at the very moment of their `resume`.
    """
    loop = asyncio.get_running_loop()
    if loop not in _CLIENTS:
        pool = BlockingConnectionPool.from_url(
            settings.read().redis, decode_responses=True, max_connections=8, timeout=20, socket_connect_timeout=2,
            socket_timeout=5, retry=Retry(ExponentialBackoff(cap=0.5, base=0.05), 3),
        )  # fmt: skip
        _CLIENTS[loop] = Redis(connection_pool=pool)
    return _CLIENTS[loop]


def key(*parts: str, prefix: str | None = None) -> str:
    """A key of ours in Redis; of servers with another prefix, when that is given."""
    return ":".join((prefix or settings.read().options.prefix, *parts))
