"""Sends made-up events the way the bridge does, without Kafka: `python -m channels_demo publish --region north`."""

import time
import uuid
from typing import Any

from redis.exceptions import RedisError

from channels_demo import backlog, groups
from channels_demo.errors import ChannelsDemoError


async def publish(region: str, count: int, kind: str = "feed") -> list[dict[str, Any]]:
    """The events with their numbers. Raises ChannelsDemoError when Redis does not answer."""
    run, sent = uuid.uuid4().hex[:8], []
    try:
        for number in range(1, count + 1):
            body = {"kind": kind, "text": f"number {number} of {count}"}
            hop = f"channels_demo.publish@{time.monotonic():.6f}"
            event, _ = await backlog.append(region, f"{run}-{number}", body, [hop])
            await groups.send_event(event)
            sent.append(event)
    except (RedisError, OSError, TimeoutError) as error:
        raise ChannelsDemoError(f"Redis does not answer: {error}; is the stack up?") from error
    return sent
