"""Where results go: the Kafka topic `freblogg`, keyed by contact, and the delivery report is looked at.

Every task of the hub ends here. A result that Kafka did not take fails the task, which is then seen in the ledger.
Without KAFKA_BOOTSTRAP nothing is published: the demo runs alone.

    {"contact": "C-1", "kind": "web", "html": ..., "notification": id, "region": "north", "trace": [hop@seconds, ...]}

The last three are there when the task was sent for a notification of the hub: its header `hub` says so.
"""

import json
import os
import time
from functools import lru_cache
from typing import Any

from celery import current_task
from confluent_kafka import KafkaError, KafkaException, Message, Producer

from celery_demo import settings

TOPIC = "freblogg"
DELIVERED_WITHIN = 20.0
"""Seconds; longer than the election of a new leader takes."""


class NotPublished(Exception):
    """Kafka did not take the result, or nobody knows."""


def publish(contact: str, result: dict[str, Any]) -> dict[str, Any]:
    """Publish a task's result and wait for the report. Returns the result, with where it stands. NotPublished."""
    if not (bootstrap := settings.read().kafka):
        return result | {"published": None}
    told: list[tuple[KafkaError | None, Message]] = []
    producer = _producer(bootstrap, os.getpid())
    try:
        body = json.dumps({"contact": contact, **result, **_came_from()}).encode()
        producer.produce(TOPIC, body, key=contact, on_delivery=lambda error, message: told.append((error, message)))
        producer.flush(DELIVERED_WITHIN + 2)
    except (KafkaException, BufferError) as error:
        raise NotPublished(f"Kafka did not take the result for {contact}: {error}") from error
    if not told or told[0][0]:
        raise NotPublished(f"no delivery of the result for {contact}: {told[0][0] if told else 'no report'}")
    return result | {"published": [told[0][1].partition(), told[0][1].offset()]}


def _came_from() -> dict[str, Any]:
    """What the header `hub` of the task says: which notification, of which region, by which way, and this hop."""
    request = current_task.request if current_task else None
    hub = (request.headers or {}).get("hub") if request else None
    if not isinstance(hub, dict):
        return {}
    hop = f"celery_demo.{str(request.hostname).partition('@')[0]}@{time.monotonic():.6f}"
    return {"notification": hub.get("notification"), "region": hub.get("region"), "trace": [*hub.get("trace", []), hop]}


@lru_cache(maxsize=1)
def _producer(bootstrap: str, pid: int) -> Producer:
    """One a process: a forked child must not use its parent's."""
    return Producer(
        {
            "bootstrap.servers": bootstrap,
            "enable.idempotence": True,
            "message.timeout.ms": round(DELIVERED_WITHIN * 1000),
            "socket.timeout.ms": 3000,
            "reconnect.backoff.max.ms": 1000,
            "linger.ms": 0,
        }
    )
