"""The router: takes notifications from the inbox and hands them to the hub, by kind, region, priority and headers.

    [router.inbox] --> read --ok--> hub, key KIND.REGION.PRIORITY --confirmed--> ack
                         `--not--> hub.dead, with the reason --confirmed--> ack

A message is acknowledged only when the next exchange has confirmed it, so a router that dies loses nothing (and may
send twice). Nothing that a message contains may end the router: what it cannot accept goes to the dead letters with a
reason and is counted; what breaks the very connection is stopped by the inbox's delivery limit.
"""

import time
from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from kombu import Connection

from rabbitmq_demo.notification import Notification, Unacceptable, read, traced
from rabbitmq_demo.publisher import Publisher
from rabbitmq_demo.subscription import Delivery, Subscription
from rabbitmq_demo.terminal import say
from rabbitmq_demo.topology import DEAD, HUB, ROUTER_QUEUE

PREFETCH = 50
CAREFUL_FOR = 20.0
"""Seconds. After a message has broken the connection they are taken one by one for a while: every message that we hold
when it breaks counts a failed delivery, and with fifty in hand a poisonous one would take the others along."""

Tell = Callable[[str, str], None]


class Router:
    """Works on one connection; `counts` may outlive it."""

    def __init__(
        self, connection: Connection, careful: bool = False, counts: Counter[str] | None = None, tell: Tell = say
    ) -> None:
        self.counts: Counter[str] = Counter() if counts is None else counts
        """How many were "routed", and how many refused for each reason."""
        self._tell = tell
        self._publisher = Publisher(connection)
        self._inbox = Subscription(connection, [ROUTER_QUEUE], 1 if careful else PREFETCH)
        self._again: list[Delivery] = []
        self._careful_until = time.monotonic() + CAREFUL_FOR if careful else None

    @property
    def is_done(self) -> bool:
        """A careful one has been careful for long enough: `service.serve` makes another."""
        return self._careful_until is not None and time.monotonic() > self._careful_until

    def turn(self) -> None:
        """Wait up to half a second for a message, route what has come, hear the confirms."""
        first = self._inbox.take(within=0.5)
        if first:
            self._handle(first)
        while self._inbox.waiting:
            self._handle(self._inbox.waiting.popleft())
        self._publisher.settle(within=10)
        for delivery in self._again:
            self._inbox.reject(delivery, requeue=True)
        self._again.clear()

    def _handle(self, delivery: Delivery) -> None:
        try:
            found = read(delivery.body, delivery.headers)
        except Unacceptable as refusal:
            self._refuse(delivery, refusal)
        else:
            self._pass_on(delivery, found)

    def _pass_on(self, delivery: Delivery, found: Notification) -> None:
        headers = dict(found.headers) | {
            "trace": [*traced(delivery.headers), f"rabbitmq_demo.router@{time.monotonic():.6f}"]
        }
        done = partial(self._settled, delivery, "routed")
        self._publisher.publish(HUB, found.key, delivery.body, done, id=found.id, headers=headers, mandatory=True)

    def _refuse(self, delivery: Delivery, refusal: Unacceptable) -> None:
        headers = {"reason": refusal.reason, "detail": str(refusal)[:500], "refused-by": "router"}
        done = partial(self._settled, delivery, refusal.reason)
        self._publisher.publish(
            DEAD, ROUTER_QUEUE, delivery.body, done, id=f"dead-{time.time_ns():x}", headers=headers,
            content_type="application/octet-stream", content_encoding="binary",
        )  # fmt: skip
        self._tell("refused", f"{refusal.reason}: {refusal} (so far {self.counts[refusal.reason] + 1} of these)")

    def _settled(
        self, delivery: Delivery, what: str, outcome: str, value: Mapping[str, Any] | None, error: str | None
    ) -> None:
        """The next exchange has answered, or not: then the message goes back, at the latest with the connection."""
        if outcome == "ok":
            self.counts[what] += 1
            self._inbox.ack(delivery)
        else:
            self._tell("again", f"the next exchange did not take a message ({error}); it goes back to the inbox")
            self._again.append(delivery)
