"""Taking messages from queues, raw: one at a time, in the order in which the broker sent them.

    queues --> broker --prefetch--> deliveries --> whoever calls `take`

kombu's own Consumer would look into a message before we can: it unpacks what says it is compressed, however large that
becomes, and raises when it is not. And it hands a message over in the middle of reading from the network, where nobody
may read or publish; here it only waits until somebody takes it.
"""

import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Self

from amqp import Message
from kombu import Connection

from rabbitmq_demo.broker import BROKEN, drain, errors_told
from rabbitmq_demo.errors import BrokerUnavailable
from rabbitmq_demo.topology import depth


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message as it came. `queue` is the one that it was taken from; `tag` numbers the channel's deliveries."""

    queue: str
    body: bytes
    headers: Mapping[str, Any]
    properties: Mapping[str, Any]
    exchange: str
    key: str
    redelivered: bool
    tag: int

    @property
    def id(self) -> str:
        """What the publisher called it; "" when it has no name."""
        return str(self.properties.get("message_id", ""))


def everything_in(queue: str, connection: Connection, within: float = 30.0) -> Iterator[Delivery]:
    """Take all messages out of a queue that nobody else consumes, until the broker says that there is no more.

    Raises BrokerUnavailable when a message that the broker counted does not come in `within` seconds.
    """
    while left := depth(queue, connection):
        with errors_told(f"reading {queue}"), Subscription(connection, [queue], prefetch=0, no_ack=True) as taken:
            for _ in range(left):
                delivery = taken.take(within)
                if delivery is None:
                    raise BrokerUnavailable(f"{queue} should hold {left} messages, but no more came in {within:g} s")
                yield delivery
        # What came in while we took the others has been sent to us as well, and will not be sent again.
        yield from taken.waiting


def _delivery(queue: str, message: Message) -> Delivery:
    told, properties = message.delivery_info, dict(message.properties)
    headers = properties.pop("application_headers", None) or {}
    body = message.body.encode() if isinstance(message.body, str) else bytes(message.body)
    return Delivery(
        queue, body, headers, properties, told["exchange"], told["routing_key"], told["redelivered"],
        told["delivery_tag"],
    )  # fmt: skip


class Subscription:
    """Consumes on a channel of its own. Of each queue at most `prefetch` messages are here unacknowledged.

    With `no_ack` the broker takes a message for handled as soon as it is sent, and `prefetch` limits nothing. What the
    methods raise when the connection breaks is in `broker.BROKEN`.
    """

    def __init__(self, connection: Connection, queues: Iterable[str], prefetch: int, no_ack: bool = False) -> None:
        self.waiting: deque[Delivery] = deque()
        """What the broker has sent and nobody has taken yet."""
        self._connection = connection
        self._amqp_channel = connection.channel()
        self._amqp_channel.auto_decode = False  # the body's encoding is the sender's word, and may be anything
        self._amqp_channel.basic_qos(0, prefetch, False)
        self._tags: list[str] = []
        for queue in queues:
            self._consume(queue, no_ack)

    def take(self, within: float) -> Delivery | None:
        """The next message, or None when none came in `within` seconds."""
        self.gather(1, within)
        return self.waiting.popleft() if self.waiting else None

    def gather(self, count: int, within: float) -> int:
        """Let messages come until `count` are waiting, for `within` seconds at most; returns how many are."""
        deadline = time.monotonic() + within
        while len(self.waiting) < count and (left := deadline - time.monotonic()) > 0:
            with suppress(TimeoutError):
                drain(self._connection, left)
        return len(self.waiting)

    def ack(self, delivery: Delivery) -> None:
        """It is done with: the broker may forget it."""
        self._amqp_channel.basic_ack(delivery.tag)

    def reject(self, delivery: Delivery, requeue: bool) -> None:
        """Back to its queue, or out of it: to the dead letters where there are some."""
        self._amqp_channel.basic_reject(delivery.tag, requeue)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        """Stop consuming; what is unacknowledged goes back to its queue."""
        with suppress(*BROKEN):
            for tag in self._tags:
                self._amqp_channel.basic_cancel(tag)
            self._amqp_channel.close()

    def _consume(self, queue: str, no_ack: bool) -> None:
        def came(message: Message) -> None:
            self.waiting.append(_delivery(queue, message))

        self._tags.append(self._amqp_channel.basic_consume(queue, no_ack=no_ack, callback=came))
