"""Publishes events to the servers of a run, as the bridge does: first the backlog, which numbers them, then the layer.

The scenario is its own bridge here, so that it knows of each event whether it got in: `event` ok in the history (in the
backlog, and handed to the layer), info (in the backlog, the layer raised) or fail (not even there).
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Any, Self

from channels.layers import BaseChannelLayer
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from channels_demo import backlog, groups, layers, settings
from channels_demo.scenarios.feed import Feed
from channels_demo.settings import Options

_LAYERS_LOG = logging.getLogger("channels_redis.core")
NOT_REACHED = (RedisError, OSError, asyncio.TimeoutError)


class _Drops(logging.Handler):
    """Counts, while it is entered, the lines in which the core layer says that it dropped an event: its only sign."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.lines = 0

    def emit(self, record: logging.LogRecord) -> None:
        self.lines += "over capacity" in record.getMessage()

    def __enter__(self) -> Self:
        _LAYERS_LOG.setLevel(logging.INFO)
        _LAYERS_LOG.addHandler(self)
        return self

    def __exit__(self, *exc: object) -> None:
        _LAYERS_LOG.removeHandler(self)


class Publisher:
    """Of one way of the run: the server (or servers) with these options."""

    def __init__(self, feed: Feed, record: Callable[..., None] | None, way: str, options: Options) -> None:
        """feed: whose loop does the work. record: Lab.record."""
        self.last: dict[str, int] = {}
        self._feed, self._record, self._way, self._options = feed, record, way, options
        self._count = 0
        self._layer: BaseChannelLayer | None = None
        self.drops = _Drops()

    def publish(self, count: int, region: str = "north", body: str = "", within: float = 60.0) -> int:
        """Publish so many, one after the other. Returns how many got in."""
        return self._feed.do(self._publish(count, region, body), within)

    async def _publish(self, count: int, region: str, body: str) -> int:
        async with AsyncExitStack() as used:
            used.enter_context(self.drops)
            once = Retry(NoBackoff(), 0)
            client = Redis.from_url(settings.read().redis, socket_connect_timeout=2, socket_timeout=10, retry=once)
            used.push_async_callback(client.aclose)
            return sum([await self._one(client, region, body) for _ in range(count)])

    async def _one(self, client: Redis, region: str, body: str) -> bool:
        self._count += 1
        id = f"{self._way}-{region}-{self._count}"
        try:
            event, _ = await backlog.append_to(client, self._options, region, id, body, [])
        except NOT_REACHED as error:
            self._tell("fail", id, {"way": self._way, "region": region, "seq": None}, error)
            return False
        value = {"way": self._way, "region": region, "seq": event["seq"]}
        self.last[region] = event["seq"]
        try:
            await self._hand_over(event)
        except NOT_REACHED as error:
            self._tell("info", id, value, error)
        else:
            self._tell("ok", id, value)
        return True

    async def _hand_over(self, event: dict[str, Any]) -> None:
        """As the bridge does, which tries again what raised: after a restart of Redis old connections are dead."""
        for last_try in (False, False, True):
            try:
                message = {"type": "feed.event", "event": event}
                return await self._channel_layer.group_send(groups.region(event["region"]), message)
            except NOT_REACHED:
                if last_try:
                    raise
        return None

    @property
    def _channel_layer(self) -> Any:
        if self._layer is None:
            config = layers.channel_layers(settings.read().redis, self._options)["default"]
            kind = {"core": layers.CoreLayer, "pubsub": layers.PubSubLayer}[self._options.layer]
            self._layer = kind(**config["CONFIG"])
        return self._layer

    def _tell(self, kind: str, id: str, value: Any, error: Exception | None = None) -> None:
        if self._record:
            self._record("publisher", kind, "event", id, value, None if error is None else str(error)[:200])
