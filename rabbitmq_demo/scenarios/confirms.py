"""Kill the broker while publishers are sending. What did they believe, and what is on its disk?

    publishers --message--> broker --> [durable queue] on disk
         <--confirm--         ^ killed here, and started again

A confirm comes once the queue has the message on its disk. So a message that was confirmed is there after the broker
was killed, whatever was going on. Messages without a confirm when the connection broke are *unknown*: some are in the
queue, some never arrived, and the publisher cannot tell. Sending those again is the only way not to lose any, and is
what makes duplicates.

A publisher that does not ask for confirms believes that a message is safe when the operating system has taken it. To
make the loss certain instead of lucky, `--breaks` freezes the broker for a moment before the kill: what is sent
meanwhile lies in the buffers of the network, dies with the broker, and nobody is told.
"""

from contextlib import nullcontext
from typing import Literal

from lab.checks import a_second_time_is_marked, nothing_confirmed_is_lost, the_fault_was_felt
from lab.faults import killed, paused
from lab.scenario import Prediction, count_in, scenario
from lab.script import Lab
from rabbitmq_demo.broker import connected, versions
from rabbitmq_demo.sender import Sender
from rabbitmq_demo.subscription import everything_in
from rabbitmq_demo.topology import declare, delete, depth
from rabbitmq_demo.wiring import Queue, Topology

nothing_lost = nothing_confirmed_is_lost(at_least=100)


@scenario(
    "rabbitmq-confirms",
    claim="A message in a durable queue that the broker has confirmed survives the death of the broker.",
    question="The broker is killed while publishers are sending with confirms. What happens to their messages?",
    predictions=[
        Prediction(
            "none-lost",
            "Every confirmed one is there; of those without an answer some are and some are not.",
            lambda findings: (
                count_in(findings, "nothing_confirmed_is_lost", "lost") == 0
                and count_in(findings, "nothing_confirmed_is_lost", "unknown") > 0
            ),
        ),
        Prediction(
            "all-certain",
            "Every message ends with a certain answer, lost or safe.",
            lambda findings: count_in(findings, "nothing_confirmed_is_lost", "unknown") == 0,
        ),
        Prediction(
            "some-lost",
            "Some that were confirmed are gone.",
            lambda findings: count_in(findings, "nothing_confirmed_is_lost", "lost") > 0,
        ),
    ],
    nodes=["rabbitmq"],
    needs=["kill", "pause"],
    seconds=40,
    checks=[the_fault_was_felt, nothing_lost, a_second_time_is_marked],
    breaks_with={"confirms": "off", "broker": "frozen_first"},
    breaks=[nothing_lost],
)
def confirms(
    lab: Lab,
    confirms: Literal["on", "off"] = "on",
    queue: Literal["quorum", "classic"] = "quorum",
    broker: Literal["running", "frozen_first"] = "running",
) -> None:
    topology = Topology((), (Queue(f"{lab.run}.safe", queue, arguments={"x-expires": 600_000}),), ())
    name = topology.queues[0].name
    with connected("rabbitmq-confirms") as connection:
        lab.note("versions", versions(connection))
        declare(topology, connection)
    senders = [Sender(f"publisher-{number}", name, confirms=confirms == "on") for number in (1, 2)]

    with lab.workload("publish", senders, per_second=400):
        lab.observe("the broker runs", seconds=6)
        with lab.fault(paused, "rabbitmq") if broker == "frozen_first" else nullcontext() as freeze:
            if freeze:
                lab.await_effect("the broker answers nobody", lambda: not answers(name), within=10)
                lab.observe("the broker is frozen", seconds=0.5, at_any_pace=True)
            with lab.fault(killed, "rabbitmq"):
                lab.await_effect(
                    "every publisher has lost its connection",
                    lambda: all(sender.connected_since is None for sender in senders),
                    within=10,
                )
                lab.observe("no broker", seconds=2)
        lab.await_recovery(
            "every publisher is told ok again",
            lambda: all(sender.connected_since and sender.ok_since_connected > 10 for sender in senders),
            within=60,
        )
        lab.observe("the broker runs again", seconds=3)

    with connected("rabbitmq-confirms") as connection:
        for delivery in everything_in(name, connection):
            lab.record("reader", "ok", "receive", delivery.id, {"queue": "safe", "redelivered": delivery.redelivered})
        lab.record("reader", "ok", "drained", value={"queue": "safe", "left": depth(name, connection)})
        delete(topology, connection)


def answers(queue: str) -> bool:
    """Whether the broker says within a moment how long the queue is."""
    try:
        with connected("rabbitmq-confirms", patience=0.5) as connection:
            return depth(queue, connection) is not None
    except ConnectionError:
        return False
