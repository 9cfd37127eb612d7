"""Consumers of every queue of the hub: one line for each message, with the way that it came and why.

    14:02:11.3  pager  t-000012  feed.north.urgent  "..."  hub --*.*.urgent--> hub.urgent --> pager: * is 'feed', ...

What is to be done about a message is handed to Celery's workers (`handover.py`), where the settings name them.

AMQP tells a consumer only the first exchange and the key. The bindings in between are the model's word on the way.
"""

import json
import time
from functools import partial

from kombu import Connection

from rabbitmq_demo.broker import release
from rabbitmq_demo.handover import Handover, task_for
from rabbitmq_demo.model import Routed, Step, route
from rabbitmq_demo.notification import Unacceptable, read, traced
from rabbitmq_demo.subscription import Delivery, Subscription
from rabbitmq_demo.terminal import printable, say
from rabbitmq_demo.topology import DEAD_QUEUE, LEAVES, TOPOLOGY, depth
from rabbitmq_demo.wiring import DEFAULT_EXCHANGE

LOOK_EVERY = 2.0


class Consumers:
    """Takes from all of LEAVES on one connection, and watches how many dead letters there are."""

    is_done = False

    def __init__(self, connection: Connection, careful: bool = False, handover: Handover | None = None) -> None:
        self._connection = connection
        self._handover = handover
        if handover:
            handover.forget()
        self._release = release(connection)
        self._dead: int | None = None
        self._look_next = 0.0
        self._queues = Subscription(connection, LEAVES, prefetch=1 if careful else 20)

    def turn(self) -> None:
        """Wait up to half a second for messages."""
        if delivery := self._queues.take(within=0.5):
            say(delivery.queue, self._line(delivery))
            self._do(delivery)
        if self._handover:
            self._handover.turn()
        if time.monotonic() >= self._look_next:
            self._look_next = time.monotonic() + LOOK_EVERY
            self._look_at_dead_letters()

    def _do(self, delivery: Delivery) -> None:
        """Acknowledge what was only to be read, at once; and the rest when its task is confirmed."""
        try:
            found = read(delivery.body, delivery.headers)
        except Unacceptable:  # it did not come by the router
            found = None
        task = task_for(delivery.queue, found) if self._handover and found else None
        if task and found and self._handover:
            self._handover.give(task, found, traced(delivery.headers), partial(self._queues.ack, delivery))
        else:
            self._queues.ack(delivery)

    def _line(self, delivery: Delivery) -> str:
        again = "again: " if delivery.redelivered else ""
        return f'{again}{delivery.id}  {delivery.key}  "{_text(delivery.body)}"  {self._way(delivery)}'

    def _way(self, delivery: Delivery) -> str:
        exchange = delivery.exchange
        if exchange != DEFAULT_EXCHANGE and exchange not in {known.name for known in TOPOLOGY.exchanges}:
            return f"through {exchange}, which is not of this topology"
        return told(route(TOPOLOGY, exchange, delivery.key, delivery.headers, self._release), delivery.queue)

    def _look_at_dead_letters(self) -> None:
        waiting = depth(DEAD_QUEUE, self._connection)
        if waiting != self._dead and not (self._dead is None and not waiting):
            say(DEAD_QUEUE, f"{waiting} messages wait there for somebody to look at them")
        self._dead = waiting


def told(routed: Routed, queue: str) -> str:
    """The way to a queue in one clause, and the reasons that are not plain from the way itself."""
    steps = list(routed.why_in(queue))[::-1]
    if not steps:
        return "by a binding that is not of this topology"
    way = steps[0].exchange or "the default exchange"
    for step in steps:
        asks = step.binding.asks if step.binding else ""
        way += (f" --{asks}--> " if asks else " --> ") + (step.binding.destination if step.binding else queue)
    telling = [step for step in steps if not _is_plain(step)] or steps
    return f"{way}: {'; '.join(step.why for step in telling)}"


def _is_plain(step: Step) -> bool:
    """A fanout or direct exchange's binding says by itself why it matched; an alternate exchange has no binding."""
    return step.binding in TOPOLOGY.bindings and TOPOLOGY.exchange(step.exchange).type in ("fanout", "direct")


def _text(body: bytes) -> str:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return printable(repr(body), 40)
    return printable(str(found.get("text", "")) if isinstance(found, dict) else repr(found), 60)
