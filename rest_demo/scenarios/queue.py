"""A queue of a scenario's own at the hub's inbox: it gets a copy of every notification that is sent.

The router has its own and is not disturbed. Ours is durable, and goes by itself when nobody has used it for a while.
"""

import json
from types import TracebackType
from typing import Any, Self

from lab.script import Lab
from rest_demo import broker, settings
from rest_demo.scenarios.client import tag

UNUSED_FOR = 600_000
"""Milliseconds."""


class Watched:
    """A context manager: the queue is there from the beginning, whatever happens to the broker meanwhile."""

    def __init__(self, lab: Lab) -> None:
        self._lab, self._name = lab, f"{lab.run}.watched"

    def __enter__(self) -> Self:
        with self._connected() as connection, connection.channel() as amqp_channel:
            amqp_channel.exchange_declare(broker.EXCHANGE, "direct", durable=True, auto_delete=False)
            amqp_channel.queue_declare(self._name, durable=True, auto_delete=False, arguments={"x-expires": UNUSED_FOR})
            amqp_channel.queue_bind(self._name, broker.EXCHANGE, broker.ROUTING_KEY)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            with self._connected() as connection, connection.channel() as amqp_channel:
                amqp_channel.queue_delete(self._name)
        except broker.BROKEN:
            return  # it goes by itself

    def record(self, unsent: int) -> None:
        """The final read: every message about a notification of this run, by its request, and that these are all.

        unsent: how many the outbox still has.
        """
        run = tag(self._lab.run, "")
        with self._connected() as connection, connection.channel() as amqp_channel:
            while message := amqp_channel.basic_get(self._name, no_ack=True):
                text = str(_read(message.body).get("text", ""))
                if text.startswith(run):
                    id = message.properties.get("message_id")
                    self._lab.record("reader", "ok", "receive", text.removeprefix(run), {"notification": id})
        self._lab.record("reader", "ok", "drained", value={"left": 0, "unsent": unsent})

    @staticmethod
    def _connected() -> Any:
        return broker.connected(settings.read().broker, patience=10)


def _read(body: bytes | str) -> dict[str, Any]:
    """Other senders may put anything there."""
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
