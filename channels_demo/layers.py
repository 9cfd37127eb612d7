"""The channel layer, which carries an event from the bridge to the sockets of every server; settings.py chooses it.

Delivery is at most once in both. What each loses:

core    A full queue. All sockets of a process share one key in Redis: with `capacity` messages waiting there a new one
        is dropped, for all of them, and the sender hears nothing (a line in its log at level INFO). A socket that
        does not take its messages loses the oldest of them, without any line. Redis away: every socket closes.
pubsub  No queue in Redis, so none that overflows; a slow socket's messages pile up in the server's memory. Redis
        away: sockets stay open and what was sent meanwhile is lost, with no sign of it.

So every event carries a number (backlog.py): whoever misses one sees it, and asks for it again.
"""

from typing import Any

from channels_redis.core import RedisChannelLayer
from channels_redis.pubsub import RedisPubSubChannelLayer
from redis.asyncio import BlockingConnectionPool

from channels_demo.settings import Options

CONNECTIONS = 24
"""At most so many connections to Redis a process. redis-py's own pool refuses the 101st caller: at a hundred
handshakes at once one of them got an HTTP 500. Ours lets it wait."""

ANSWERS_WITHIN = 30.0
"""Seconds. redis-py's own 5 are also those for which the core layer lets Redis wait for a message: whichever comes
first. On a busy machine a quiet socket was closed with 1011 each time that Redis's answer "nothing" lost that race."""


class CoreLayer(RedisChannelLayer):
    """The layer of channels_redis, with a pool whose callers wait."""

    def create_pool(self, index: int) -> BlockingConnectionPool:
        return BlockingConnectionPool.from_url(
            self.hosts[index]["address"], max_connections=CONNECTIONS, timeout=30, socket_timeout=ANSWERS_WITHIN
        )


class PubSubLayer(RedisPubSubChannelLayer):
    """As it comes: it has one connection to speak and one to listen."""


def channel_layers(redis: str, options: Options) -> dict[str, Any]:
    """Django's CHANNEL_LAYERS. `capacity` is nothing to the pub/sub layer, which accepts and ignores it."""
    backend = {"core": "CoreLayer", "pubsub": "PubSubLayer"}[options.layer]
    config: dict[str, Any] = {"hosts": [redis], "prefix": f"{options.prefix}.layer"}
    if options.layer == "core":
        config |= {"capacity": options.capacity, "group_expiry": options.group_expiry}
    return {"default": {"BACKEND": f"channels_demo.layers.{backend}", "CONFIG": config}}
