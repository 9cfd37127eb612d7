"""The hub's exchanges, bindings and queues as they are now, as plain values: for whoever draws them, again and again.

    topology.py, and the broker's own counts (passive declares on one open channel) --> look()

Never from the management API, whose numbers are seconds old.
"""

from functools import cache
from typing import Any

from amqp import Channel
from amqp.exceptions import NotFound
from kombu import Connection

from rabbitmq_demo.broker import connect, errors_told, hang_up, versions
from rabbitmq_demo.errors import BrokerUnavailable
from rabbitmq_demo.topology import TOPOLOGY

PATIENCE = 2.0
"""Seconds that a frozen broker may hold up a look."""


class Picture:
    """One connection for all looks, made anew when it breaks. Not for several threads."""

    def __init__(self) -> None:
        self._connection: Connection | None = None
        self._amqp_channel: Channel | None = None

    def look(self) -> dict[str, Any]:
        """{"version", "exchanges": [{"name", "type"}], "bindings": [{"source", "destination", "kind", "key"}],
        "queues": [{"name", "waiting", "consumers"}]}. A queue that is not there has None for both.

        Raises BrokerUnavailable.
        """
        try:
            connection = self._connected()
            queues = [{"name": queue.name, **self._counts(connection, queue.name)} for queue in TOPOLOGY.queues]
        except BrokerUnavailable:
            self._hang_up()
            raise
        return {
            "version": versions(connection)["rabbitmq"],
            "exchanges": [{"name": one.name, "type": one.type} for one in TOPOLOGY.exchanges],
            "bindings": [
                {"source": one.source, "destination": one.destination, "kind": one.to, "key": one.asks}
                for one in TOPOLOGY.bindings
            ],
            "queues": queues,
        }

    def _connected(self) -> Connection:
        if self._connection is None:
            self._connection = connect("rabbitmq_demo picture", patience=PATIENCE, read_timeout=PATIENCE)
        return self._connection

    def _counts(self, connection: Connection, queue: str) -> dict[str, int | None]:
        with errors_told(f"looking at {queue}"):
            if self._amqp_channel is None:
                self._amqp_channel = connection.channel()
            try:
                told = self._amqp_channel.queue_declare(queue, passive=True)
            except NotFound:
                self._amqp_channel = None  # the broker closes a channel with such an answer
                return {"waiting": None, "consumers": None}
        return {"waiting": told.message_count, "consumers": told.consumer_count}

    def _hang_up(self) -> None:
        connection, self._connection, self._amqp_channel = self._connection, None, None
        if connection:
            hang_up(connection)


@cache
def _picture() -> Picture:
    return Picture()


def look() -> dict[str, Any]:
    """See Picture.look."""
    return _picture().look()
