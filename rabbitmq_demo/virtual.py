"""The same topic bindings on kombu's virtual transports: in the memory of this process, and on Redis.

There is no broker that routes there. kombu itself keeps the bindings, compares patterns with keys, and pushes into
lists. Celery and kombu programs are moved between transports by changing a URL; this shows what changes with it.
"""

import json
import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence

import kombu
from kombu import Connection
from redis.exceptions import RedisError

from rabbitmq_demo import settings
from rabbitmq_demo.errors import BrokerUnavailable

TRANSPORTS = ("memory", "redis")


def route_on(transport: str, patterns: Sequence[str], keys: Sequence[str]) -> Mapping[str, frozenset[str]]:
    """For each key the patterns whose queue got the message. Raises BrokerUnavailable when Redis does not answer."""
    url = "memory://" if transport == "memory" else settings.read().redis
    try:
        with Connection(url, connect_timeout=5) as connection:
            return _route(connection, patterns, keys)
    except (RedisError, OSError) as error:
        raise BrokerUnavailable(f"no Redis answers at {url}: {error}") from error


def _route(connection: Connection, patterns: Sequence[str], keys: Sequence[str]) -> Mapping[str, frozenset[str]]:
    prefix = f"twin-{uuid.uuid4().hex[:8]}"
    channel = connection.channel()
    exchange = kombu.Exchange(prefix, "topic")
    queues = {pattern: kombu.Queue(f"{prefix}.{n}", exchange, pattern)(channel) for n, pattern in enumerate(patterns)}
    for queue in queues.values():
        queue.declare()
    try:
        producer = kombu.Producer(channel)
        for key in keys:
            producer.publish(json.dumps(key), exchange=prefix, routing_key=key, content_type="text/plain")
        got: dict[str, set[str]] = defaultdict(set)
        for pattern, queue in queues.items():
            while message := queue.get(no_ack=True):
                got[json.loads(message.body)].add(pattern)
    finally:
        for queue in queues.values():
            queue.delete()
        exchange(channel).delete()
    return {key: frozenset(got[key]) for key in keys}
