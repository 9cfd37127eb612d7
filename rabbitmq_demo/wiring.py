"""What a topology is made of, as plain data: exchanges, queues and the bindings between them.

`topology.py` writes the hub's down and declares one on a broker; `model.py` says, without a broker, where it leads a
message.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

ExchangeType = Literal["direct", "fanout", "topic", "headers"]

DEFAULT_EXCHANGE = ""
"""Every queue is bound to it by its own name. It cannot be declared, bound to anything else, or have an alternate."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """`alternate` names the exchange that gets what none of this exchange's bindings matched."""

    name: str
    type: ExchangeType
    alternate: str | None = None


@dataclass(frozen=True, slots=True)
class Queue:
    """`dead_letters` names the exchange that gets what is rejected, expires, or does not fit.

    `arguments` are RabbitMQ's own `x-...` arguments, times in milliseconds.
    """

    name: str
    type: Literal["quorum", "classic"] = "classic"
    dead_letters: str | None = None
    arguments: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Binding:
    """From the exchange `source` to a queue, or to another exchange. `headers` are a headers exchange's arguments."""

    source: str
    destination: str
    key: str = ""
    headers: Mapping[str, Any] | None = None
    to: Literal["queue", "exchange"] = "queue"

    @property
    def asks(self) -> str:
        """What it wants of a message, in short."""
        return ", ".join(f"{name}={value}" for name, value in self.headers.items()) if self.headers else self.key

    def __str__(self) -> str:
        arrow = f"--{self.asks}-->" if self.asks else "-->"
        return f"{self.source} {arrow} {self.destination}" + (" (an exchange)" if self.to == "exchange" else "")


@dataclass(frozen=True, slots=True)
class Topology:
    """Everything between a publisher and the consumers."""

    exchanges: tuple[Exchange, ...]
    queues: tuple[Queue, ...]
    bindings: tuple[Binding, ...]

    def exchange(self, name: str) -> Exchange:
        """The exchange of that name; KeyError when there is none."""
        for found in self.exchanges:
            if found.name == name:
                return found
        raise KeyError(name)

    def renamed(self, prefix: str) -> "Topology":
        """The same topology with `prefix` before every name: a twin that disturbs nobody."""

        def name(old: str | None) -> str | None:
            return None if old is None else prefix + old

        return Topology(
            tuple(replace(x, name=prefix + x.name, alternate=name(x.alternate)) for x in self.exchanges),
            tuple(replace(q, name=prefix + q.name, dead_letters=name(q.dead_letters)) for q in self.queues),
            tuple(replace(b, source=prefix + b.source, destination=prefix + b.destination) for b in self.bindings),
        )

    def describe(self) -> dict[str, Any]:
        """As JSON: what the history notes about it."""
        return {
            "exchanges": {exchange.name: exchange.type for exchange in self.exchanges},
            "queues": {queue.name: queue.type for queue in self.queues},
            "bindings": [str(binding) for binding in self.bindings],
        }
