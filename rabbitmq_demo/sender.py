"""Sends numbered messages to one queue through whatever happens to the broker, and says of each how it ended.

A workload of the lab drives it (`publish` and `close`), from one thread. It connects anew by itself, and never sends a
message twice: what it does not know, it calls unknown.
"""

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from kombu import Connection

from rabbitmq_demo.broker import connect, hang_up
from rabbitmq_demo.errors import BrokerUnavailable
from rabbitmq_demo.publisher import Publisher

AGAIN_AFTER = 0.2
LAST_ANSWERS = 10.0
"""Seconds between two attempts to connect; seconds in which the last confirms may come."""


class Sender:
    """One publisher. Without `confirms` "ok" means no more than that the message was handed to the operating system."""

    def __init__(self, name: str, queue: str, confirms: bool = True) -> None:
        self.name = name
        self._queue, self._confirms = queue, confirms
        self._connection: Connection | None = None
        self._publisher: Publisher | None = None
        self._attempt_next = 0.0
        self.connected_since: float | None = None
        """Monotonic seconds; None from the moment at which the connection was lost until there is another."""
        self.ok_since_connected = 0
        """How many messages were told "ok" on the present connection, or on the last one."""

    def publish(self, id: str, done: Callable[[str, Mapping[str, Any] | None, str | None], None]) -> None:
        """Send one message to the queue, by the default exchange; `done` hears once how it ended."""

        def ended(outcome: str, value: Mapping[str, Any] | None, error: str | None) -> None:
            self.ok_since_connected += outcome == "ok"
            done(outcome, value, error)

        try:
            publisher = self._connected()
        except BrokerUnavailable as error:
            done("fail", None, f"not sent: {error}")
            return
        try:
            publisher.publish("", self._queue, b"{}", ended, id=id, mandatory=True)
            publisher.hear()
        except BrokerUnavailable:
            self._lost()

    def close(self) -> None:
        """Wait for what is in flight; afterwards every message has ended."""
        if self._publisher:
            with suppress(BrokerUnavailable):  # then everybody has been told
                self._publisher.settle(LAST_ANSWERS)
            self._lost()

    def _connected(self) -> Publisher:
        if self._publisher is None:
            if time.monotonic() < self._attempt_next:
                raise BrokerUnavailable("no connection at the moment")
            self._attempt_next = time.monotonic() + AGAIN_AFTER
            self._connection = connect(self.name, patience=1.0)
            self._publisher = Publisher(self._connection, confirms=self._confirms)
            self.ok_since_connected = 0
            self.connected_since = time.monotonic()
        return self._publisher

    def _lost(self) -> None:
        self.connected_since = None
        self._publisher = None
        if self._connection:
            hang_up(self._connection)
            self._connection = None
