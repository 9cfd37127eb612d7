"""The connection to RabbitMQ and one way to publish on it: with a confirm, and told when no queue took the message.

The relay and `send_now` publish here, to the hub's inbox, which RabbitMQ's own demo declares and reads.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from amqp import Connection, Message
from amqp.exceptions import AMQPError

EXCHANGE, ROUTING_KEY = "hub.inbox", "notify"
BROKEN = (AMQPError, OSError)
"""What a broken connection raises, or the broker that closes a channel (no such exchange)."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """`id` is what a consumer knows a message by when it comes twice."""

    id: str
    body: str
    headers: Mapping[str, Any]


@contextmanager
def connected(url: str, patience: float = 2.0, heartbeat: int = 0) -> Iterator[Connection]:
    """An open connection for the length of the body. Raises what BROKEN lists, each step within `patience` seconds."""
    told = urlsplit(url)
    connection = Connection(
        f"{told.hostname}:{told.port or 5672}", unquote(told.username or "guest"), unquote(told.password or "guest"),
        virtual_host=unquote(told.path[1:]) or "/", connect_timeout=patience, read_timeout=max(patience, 3 * heartbeat),
        write_timeout=patience, heartbeat=heartbeat, client_properties={"connection_name": "rest_demo"},
    )  # fmt: skip
    try:
        connection.connect()
        yield connection
        connection.close()
    finally:
        connection.collect()  # also when there is nobody at the other end any more


class Publisher:
    """Publishes batches on a channel of its own."""

    def __init__(self, connection: Connection) -> None:
        """Raises NotFound, one of BROKEN, while the hub's inbox is not there."""
        self._connection = connection
        self._channel = connection.channel()
        self._channel.events["basic_ack"].add(self._acked)
        self._channel.events["basic_nack"].add(self._nacked)
        self._channel.events["basic_return"].add(self._returned)
        self._channel.confirm_select()
        self._channel.exchange_declare(EXCHANGE, "direct", passive=True)
        self._tag = 0
        self._open: dict[int, str] = {}
        self._refused: set[str] = set()

    def publish(self, batch: Iterable[Outgoing], within: float = 10.0) -> set[str]:
        """Send all, in order, wait for the answers, and return the ids of those that some queue has safe."""
        sent = []
        for one in batch:
            message = Message(
                one.body.encode(), application_headers=dict(one.headers), message_id=one.id,
                content_type="application/json", content_encoding="utf-8", delivery_mode=2,
            )  # fmt: skip
            self._tag += 1
            self._open[self._tag] = one.id
            sent.append(one.id)
            self._channel.basic_publish(message, EXCHANGE, ROUTING_KEY, mandatory=True)
        while self._open:
            self._connection.drain_events(timeout=within)
        refused, self._refused = self._refused, set()
        return set(sent) - refused

    def listen(self, seconds: float) -> None:
        """Hear what the broker has to say meanwhile, if only that it is there: its heartbeats are read here."""
        with suppress(TimeoutError):
            self._connection.drain_events(timeout=seconds)

    def _acked(self, tag: int, multiple: bool) -> None:
        self._settled(tag, multiple)

    def _nacked(self, tag: int, multiple: bool) -> None:
        self._refused.update(self._settled(tag, multiple))

    def _returned(self, error: Any, exchange: str, key: str, message: Any) -> None:
        """No queue is bound: the broker says so before it confirms."""
        self._refused.add(message.properties["message_id"])

    def _settled(self, tag: int, multiple: bool) -> list[str]:
        tags = [one for one in self._open if one <= tag] if multiple else [tag]
        return [self._open.pop(one) for one in tags if one in self._open]
