"""How fast one publisher is, by how it waits for confirms: `lab bench rabbitmq-publish`.

    one by one   kombu's own confirm_publish: a round trip for each message
    window       our Publisher: up to 200 messages unconfirmed
    none         no confirms, for comparison: a rate without a promise

All in one run against one broker, in turns. The rate of each is that of its best turn: whatever else the machine does
only ever slows one down. The ratio is the result; the rates are this machine's.
"""

import time
import uuid
from collections.abc import Callable
from typing import Any

from kombu import Connection, Producer

from rabbitmq_demo.broker import connected, errors_told, versions
from rabbitmq_demo.publisher import Publisher
from rabbitmq_demo.topology import declared, depth
from rabbitmq_demo.wiring import Queue, Topology

BODY = b"x" * 100
ROUNDS = 8
SECONDS_EACH = 0.6
WINDOW = 200


def bench_publish() -> dict[str, Any]:
    """Persistent messages of 100 bytes, messages a second; for a quorum and a classic queue.

    {"rabbitmq", "window", "quorum_one_by_one", "quorum_window", "quorum_none", "quorum_ratio" (window : one by one),
    "classic_..." likewise, "lost" (confirmed and not in the queue: 0)}
    """
    with connected("bench") as plain, connected("bench, one by one", confirm_publish=True) as confirming:
        figures: dict[str, Any] = {"rabbitmq": versions(plain)["rabbitmq"], "window": WINDOW}
        lost = 0
        for kind in ("quorum", "classic"):
            name = f"bench-{uuid.uuid4().hex[:8]}"
            queues = Queue(name, kind), Queue(f"{name}-unconfirmed", kind)
            with declared(Topology((), queues, ()), plain):
                rates, confirmed = _measure(name, plain, confirming)
                lost += confirmed - (depth(name, plain) or 0)
            figures |= {f"{kind}_{way}": round(rate) for way, rate in rates.items()}
            figures[f"{kind}_ratio"] = round(rates["window"] / rates["one_by_one"], 1)
        return figures | {"lost": max(lost, 0)}


def _measure(queue: str, plain: Connection, confirming: Connection) -> tuple[dict[str, float], int]:
    """The best rate of each way, and how many messages were confirmed in all."""
    ways: dict[str, Callable[[], tuple[int, float]]] = {
        "one_by_one": lambda: _one_by_one(queue, confirming),
        "window": lambda: _published(queue, Publisher(plain, window=WINDOW)),
        "none": lambda: _published(f"{queue}-unconfirmed", Publisher(plain, confirms=False)),
    }
    rates: dict[str, list[float]] = {way: [] for way in ways}
    confirmed = 0
    for _ in range(ROUNDS):
        for way, run in ways.items():
            count, seconds = run()
            rates[way].append(count / seconds)
            confirmed += count if way != "none" else 0
    return {way: max(found) for way, found in rates.items()}, confirmed


def _one_by_one(queue: str, connection: Connection) -> tuple[int, float]:
    with errors_told("publishing"), connection.channel() as amqp_channel:
        producer = Producer(amqp_channel)
        began = time.monotonic()
        count = 0
        while time.monotonic() - began < SECONDS_EACH:
            producer.publish(
                BODY, routing_key=queue, delivery_mode=2, content_type="text/plain", content_encoding="utf-8"
            )
            count += 1
        return count, time.monotonic() - began


def _published(queue: str, publisher: Publisher) -> tuple[int, float]:
    """Messages and seconds, from the first publish to the last confirm."""
    confirmed = 0

    def done(outcome: str, value: object, error: str | None) -> None:
        nonlocal confirmed
        confirmed += outcome == "ok"

    began = time.monotonic()
    number = 0
    while time.monotonic() - began < SECONDS_EACH:
        number += 1
        publisher.publish("", queue, BODY, done, id=str(number))
    publisher.settle()
    seconds = time.monotonic() - began
    publisher.hear_all()
    return confirmed, seconds
