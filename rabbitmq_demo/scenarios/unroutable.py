"""A message that no binding takes, published in four ways. Who notices?

    plain       no confirm, not mandatory        silent: the publisher hears nothing, the message is gone
    confirm     with a confirm                   acknowledged: the broker did what it was told, which was nothing
    mandatory   mandatory                        returned: 312 NO_ROUTE, with the message in it
    alternate   the exchange has an alternate    captured: a queue for lost messages has it; nothing is returned

A confirm says that every queue that should have the message has it; when none should, that is true at once. Only
`mandatory` and an alternate exchange tell a lost message from one that arrived, and the second also keeps it.

In a control run the same publishers use a key that is bound: all four messages must simply arrive.

The alternate exchange has a hole: it is asked only when none of the exchange's own bindings matched. `--breaks` adds
such a binding, to an exchange that has no queue. The message then matches, goes there, and is captured by nobody.
"""

from typing import Literal

from lab.checks import unroutable_messages_end_as_predicted
from lab.scenario import Prediction, count_in, scenario
from lab.script import Lab
from rabbitmq_demo.broker import connected, versions
from rabbitmq_demo.publisher import Publisher
from rabbitmq_demo.subscription import everything_in
from rabbitmq_demo.topology import declared
from rabbitmq_demo.wiring import Binding, Exchange, Queue, Topology

TOPOLOGY = Topology(
    exchanges=(Exchange("bare", "direct"), Exchange("watched", "direct", alternate="lost"), Exchange("lost", "fanout")),
    queues=(Queue("work"), Queue("captured")),
    bindings=(Binding("bare", "work", "known"), Binding("watched", "work", "known"), Binding("lost", "captured")),
)
HOLE = Topology(
    exchanges=(*TOPOLOGY.exchanges, Exchange("forgotten", "fanout")),
    queues=TOPOLOGY.queues,
    bindings=(*TOPOLOGY.bindings, Binding("watched", "forgotten", "unknown", to="exchange")),
)
EACH = 10

PREDICTED = {
    "plain": "silent",
    "confirm": "acknowledged",
    "mandatory": "returned 312 NO_ROUTE",
    "alternate": "captured",
}
ends_as_predicted = unroutable_messages_end_as_predicted(ways=list(PREDICTED))


@scenario(
    "rabbitmq-unroutable",
    claim="An unroutable message vanishes, confirmed or not; mandatory returns it, an alternate exchange keeps it.",
    question="A publisher waits for the confirm of a message that no binding takes. What does it hear?",
    predictions=[
        Prediction(
            "acknowledged",
            "An ordinary confirm, as if all were well.",
            lambda findings: count_in(findings, "unroutable_messages_end_as_predicted", "ended: acknowledged") > 0,
        ),
        Prediction(
            "refused",
            "An error, or nothing at all.",
            lambda findings: not count_in(findings, "unroutable_messages_end_as_predicted", "ended: acknowledged") > 0,
        ),
    ],
    nodes=["rabbitmq"],
    seconds=5,
    checks=[ends_as_predicted],
    breaks_with={"binding": "to_nowhere"},
    breaks=[ends_as_predicted],
)
def unroutable(lab: Lab, binding: Literal["none", "to_nowhere"] = "none") -> None:
    connection = lab.uses(connected("rabbitmq-unroutable"))
    lab.note("versions", versions(connection))
    names = f"{lab.run}."
    topology = lab.uses(declared((HOLE if binding == "to_nowhere" else TOPOLOGY).renamed(names), connection))
    lab.note("topology", topology.describe())
    key = "known" if lab.variant == "control" else "unknown"
    heard: dict[str, str] = {}

    for way in PREDICTED:
        publisher = Publisher(connection, confirms=way in ("confirm", "alternate"))
        for number in range(EACH):
            id = f"{way}-{number}"

            def done(outcome: str, value: object, error: str | None, id: str = id) -> None:
                heard[id] = error or outcome
                lab.record("publisher", outcome, "publish", id, value, error)

            lab.record("publisher", "invoke", "publish", id, {"way": way, "key": key})
            exchange = f"{names}watched" if way == "alternate" else f"{names}bare"
            publisher.publish(exchange, key, b"{}", done, id=id, mandatory=way in ("mandatory", "alternate"))
        publisher.settle()
        publisher.hear_all()
        heard.update((id, f"returned {why}") for id, why in publisher.returns)

    found = {
        delivery.id: queue for queue in ("work", "captured") for delivery in everything_in(names + queue, connection)
    }
    for id, heard_of in heard.items():
        way = id.partition("-")[0]
        seen = _ended(way, heard_of, found.get(id))
        predicted = "arrived" if lab.variant == "control" else PREDICTED[way]
        lab.record("lab", "observe", "unroutable", id, {"way": way, "predicted": predicted, "seen": seen})


def _ended(way: str, heard: str, found_in: str | None) -> str:
    """How it ended, from what its publisher heard and where it is."""
    if found_in:
        return {"work": "arrived", "captured": "captured"}[found_in]
    if heard.startswith("returned"):
        return heard
    return "acknowledged" if way in ("confirm", "alternate") else "silent"
