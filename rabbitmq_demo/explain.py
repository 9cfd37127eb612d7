"""`python -m rabbitmq_demo route KEY`: which queues a message reaches, by our model and by the real broker.

The model also says which binding matched and which did not, and why; AMQP tells nobody that. The broker is asked in a
twin of the topology (`twin.py`), so no consumer of the hub sees the message.
"""

from collections.abc import Mapping
from typing import Any

from kombu import Connection

from rabbitmq_demo.broker import release, versions
from rabbitmq_demo.errors import Disagreement
from rabbitmq_demo.model import Routed, route
from rabbitmq_demo.topology import HUB, TOPOLOGY
from rabbitmq_demo.twin import Twin


def compare(connection: Connection, key: str, headers: Mapping[str, Any], exchange: str = HUB) -> tuple[Routed, str]:
    """The model's answer, and a sentence that the broker's is the same. Raises Disagreement when it is not."""
    routed = route(TOPOLOGY, exchange, key, headers, release(connection))
    with Twin(TOPOLOGY, connection) as twin:
        reached = twin.route(exchange, key, headers)
    who = f"RabbitMQ {versions(connection)['rabbitmq']}"
    if reached != routed.queues:
        raise Disagreement(
            f"{who} put it into {_names(reached)}, our model says {_names(routed.queues)}. One of them is wrong about "
            f"key {key!r} and headers {dict(headers)}"
        )
    return routed, f"{who} says the same: {_names(reached)}"


def lines(routed: Routed) -> list[str]:
    """Every question that was asked on the way, `+` where the answer was yes."""
    told = [
        f"{'+' if step.matched else '-'} {step.binding or 'the default exchange'}: {step.why}" for step in routed.steps
    ]
    return [*told, f"our model: {_names(routed.queues)}"]


def _names(queues: frozenset[str]) -> str:
    return ", ".join(sorted(queues)) or "no queue at all"


def header(text: str) -> tuple[str, Any]:
    """`name=value` of the command line; true, false and whole numbers are typed, anything else is text.

    Raises ValueError in a clause that can follow the option's name.
    """
    name, sign, value = text.partition("=")
    if not sign or not name:
        raise ValueError(f"{text!r} is not of the form name=value")
    if value in ("true", "false"):
        return name, value == "true"
    return name, int(value) if value.lstrip("-").isdecimal() and len(value) < 19 else value
