"""Messages through every kind of exchange, and an independent model that names the queues of each beforehand.

    direct    the key is the binding's key                       fanout   every queue, whatever the key
    topic     the key fits the pattern: * one word, # any        headers  the message's headers are as the binding asks
    default   the queue of that name                             alternate  what no binding of the exchange took
    exchange to exchange: a binding may lead to another exchange, which asks again; a queue gets one copy at most

The grid holds the corners that people trip over: `a.#` takes the key `a`, the empty key has no words, a headers binding
that asks for nothing takes everything, the number 1 is not the text "1". (Is it 1.0? In RabbitMQ 3.10 it is, since 4.0
it is not; the model is told the version.) Then topologies are generated from the run's seed, circles and all.

The model reads the same bindings and never asks the broker. The twin of the topology lives in queues of this run alone.

In a control run no queue is bound to anything: then only the default exchange may still reach one, or the messages of
the main run did not come through the bindings. `--breaks` removes bindings on the broker that the model still believes
in: the claim must then break.
"""

from typing import Literal

from lab.checks import messages_reach_the_predicted_queues
from lab.scenario import Prediction, count_in, scenario
from lab.script import Lab
from rabbitmq_demo.broker import connected, release, versions
from rabbitmq_demo.grid import CASES, GENERATED, GRID, WAYS, Case, changed_by_hand, generate, unbound
from rabbitmq_demo.model import route
from rabbitmq_demo.twin import Twin
from rabbitmq_demo.wiring import Topology

as_predicted = messages_reach_the_predicted_queues(ways=[*WAYS, GENERATED])


@scenario(
    "rabbitmq-exchange-types",
    claim="Exchange types and bindings alone decide which queues get a message; a model can say which.",
    question="A model predicts the queues of every message, by the documented rules. How often does the broker differ?",
    predictions=[
        Prediction(
            "never",
            "Never, in whatever shape the topology is.",
            lambda findings: count_in(findings, "messages_reach_the_predicted_queues", "wrong") == 0,
        ),
        Prediction(
            "sometimes",
            "In some corner the rules leave it open.",
            lambda findings: count_in(findings, "messages_reach_the_predicted_queues", "wrong") > 0,
        ),
    ],
    nodes=["rabbitmq"],
    seconds=15,
    checks=[as_predicted],
    breaks_with={"bindings": "changed_by_hand"},
    breaks=[as_predicted],
    notes={"N35": as_predicted},
)
def exchange_types(lab: Lab, bindings: Literal["as_declared", "changed_by_hand"] = "as_declared") -> None:
    connection = lab.uses(connected("rabbitmq-exchange-types"))
    lab.note("versions", versions(connection))

    def try_all(known: Topology, cases: list[Case]) -> None:
        if lab.variant == "control":
            known = unbound(known)
        with Twin(changed_by_hand(known) if bindings == "changed_by_hand" else known, connection) as twin:
            reached = twin.route_all([(exchange, key, headers) for _, exchange, key, headers in cases])
        for (way, exchange, key, headers), queues in zip(cases, reached, strict=True):
            predicted = route(known, exchange, key, headers, release(connection)).queues
            told = {"way": way, "exchange": exchange, "key": key, "headers": headers}
            id = f"{way.replace(' ', '-')}: {key!r} {headers or ''}".strip()
            seen = {"predicted": sorted(predicted), "seen": sorted(queues)}
            lab.record("broker", "observe", "routed", id, told | seen)

    lab.note("phase", "the grid")
    lab.note("topology", GRID.describe())
    try_all(GRID, list(CASES))
    lab.note("phase", "generated topologies")
    for _ in range(10 if lab.pace == "quick" else 40):
        try_all(*generate(lab.random))
