"""Ask a real broker where messages go, without disturbing anybody: in a twin of the topology.

The twin has the same exchanges and bindings under other names. Its queues belong to one connection and go with it,
however this process ends; so are its exchanges, which vanish with their last binding, but for those that have none.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any, Self

from kombu import Connection

from rabbitmq_demo.broker import errors_told
from rabbitmq_demo.errors import BrokerUnavailable
from rabbitmq_demo.publisher import Publisher
from rabbitmq_demo.topology import declare, delete
from rabbitmq_demo.wiring import DEFAULT_EXCHANGE, Topology

Question = tuple[str, str, Mapping[str, Any]]
"""Exchange, routing key, headers; names as in the topology, not in the twin."""


class Twin:
    """A twin of a topology, for the length of a `with`."""

    def __init__(self, topology: Topology, connection: Connection) -> None:
        self._prefix = f"twin-{uuid.uuid4().hex[:8]}."
        self._topology, self._connection = topology, connection
        declare(topology.renamed(self._prefix), connection, temporary=True)
        self._publisher = Publisher(connection)
        self._reader = connection.channel()
        self._asked = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        with suppress(BrokerUnavailable):  # then the broker has removed what it could
            delete(self._topology.renamed(self._prefix), self._connection)

    def route(self, exchange: str, key: str, headers: Mapping[str, Any] | None = None) -> frozenset[str]:
        """The queues that one message reaches. Raises BrokerUnavailable."""
        return self.route_all([(exchange, key, headers or {})])[0]

    def route_all(self, questions: Iterable[Question]) -> list[frozenset[str]]:
        """The queues of many messages, in the order of the questions; two copies in one queue raise AssertionError."""
        ids, outcomes = [], []
        for exchange, key, headers in questions:
            self._asked += 1
            ids.append(f"q-{self._asked}")
            name, key = (
                (exchange, self._prefix + key) if exchange == DEFAULT_EXCHANGE else (self._prefix + exchange, key)
            )
            self._publisher.publish(
                name,
                key,
                b"{}",
                lambda *outcome: outcomes.append(outcome),
                id=ids[-1],
                headers=headers,
                delivery_mode=1,
            )
        self._publisher.settle(within=30)
        if lost := [error for outcome, _, error in outcomes if outcome != "ok"]:
            raise BrokerUnavailable(f"the broker did not confirm {len(lost)} messages: {lost[0]}")
        reached = self._collect()
        return [reached[id] for id in ids]

    def _collect(self) -> Mapping[str, frozenset[str]]:
        """Empty every queue. What is confirmed has been enqueued, so an empty answer means that there is no more."""
        reached: dict[str, list[str]] = defaultdict(list)
        with errors_told("reading what the twin's queues got"):
            for queue in self._topology.queues:
                while message := self._reader.basic_get(self._prefix + queue.name, no_ack=True):
                    reached[message.properties["message_id"]].append(queue.name)
        doubled = {id: queues for id, queues in reached.items() if len(set(queues)) < len(queues)}
        assert not doubled, f"a queue got two copies: {doubled}"
        return defaultdict(frozenset, {id: frozenset(queues) for id, queues in reached.items()})
