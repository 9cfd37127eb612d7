"""An urgent message overtakes what is still in the queue, and nothing that the consumer has already fetched.

    [work, x-max-priority 10]   300 ordinary ones --> consumer, who has fetched `prefetch` of them
            ^ urgent one                              handles: 1, 2, ... prefetch, URGENT, ...

The broker keeps the queue in order of priority. But it sends ahead as many messages as the consumer's prefetch allows,
and what has been sent cannot be overtaken. With a prefetch of 1 the urgent message comes second; with 250 it comes at
place 251, and the priority was for nothing.

Quorum queues knew no priorities in 3.x; since 4.0 they have two classes, since 4.3 many (what the run's version does is
part of the prediction). They need no argument for it.

In a control run the "urgent" message has the priority of all others: it comes last, at place 301. `--breaks` declares
the queues without x-max-priority: RabbitMQ then ignores the message's priority without a word.
"""

from typing import Literal

from lab.checks import urgent_messages_come_at_the_predicted_place
from lab.scenario import Prediction, count_in, scenario
from lab.script import Lab
from rabbitmq_demo.broker import connected, release, versions
from rabbitmq_demo.publisher import Publisher
from rabbitmq_demo.subscription import Subscription
from rabbitmq_demo.topology import declared
from rabbitmq_demo.wiring import Queue, Topology

ORDINARY, URGENT_PRIORITY = 300, 9
PREFETCHES = (1, 10, 250)
QUORUM_PREFETCH = 10
QUORUM = f"quorum, prefetch {QUORUM_PREFETCH}"
at_its_place = urgent_messages_come_at_the_predicted_place(ways=[*(f"prefetch {n}" for n in PREFETCHES), QUORUM])


@scenario(
    "rabbitmq-priority-vs-prefetch",
    claim="An urgent message comes at place prefetch + 1: it overtakes the queue, never what the consumer has fetched.",
    question="A consumer with a prefetch of 250 has 300 ordinary messages to do. At which place comes an urgent one?",
    predictions=[
        Prediction(
            "next",
            "Next, whatever the consumer has fetched.",
            lambda findings: count_in(findings, "urgent_messages_come_at_the_predicted_place", "wrong") > 0,
        ),
        Prediction(
            "behind-the-fetched",
            "At place 251, behind everything that was sent ahead.",
            lambda findings: count_in(findings, "urgent_messages_come_at_the_predicted_place", "wrong") == 0,
        ),
    ],
    nodes=["rabbitmq"],
    seconds=5,
    checks=[at_its_place],
    breaks_with={"queue": "without_priority"},
    breaks=[at_its_place],
)
def priority_vs_prefetch(lab: Lab, queue: Literal["with_priority", "without_priority"] = "with_priority") -> None:
    with connected("rabbitmq-priority-vs-prefetch") as connection:
        lab.note("versions", versions(connection))
        quorum_knows = release(connection) >= (4, 0)
    arguments = {"x-max-priority": 10} if queue == "with_priority" else None

    def try_one(way: str, work: Queue, prefetch: int, predicted: int) -> None:
        if lab.variant == "control":
            predicted = ORDINARY + 1
        seen = place_of_the_urgent(work, prefetch, 0 if lab.variant == "control" else URGENT_PRIORITY)
        told = {"way": way, "prefetch": prefetch, "predicted": predicted, "seen": seen}
        lab.record("consumer", "observe", "urgent", way, told)

    for prefetch in PREFETCHES:
        work = Queue(f"{lab.run}.prefetch-{prefetch}", "classic", arguments=arguments)
        try_one(f"prefetch {prefetch}", work, prefetch, predicted=prefetch + 1)
    overtakes = QUORUM_PREFETCH + 1 if quorum_knows else ORDINARY + 1
    try_one(QUORUM, Queue(f"{lab.run}.quorum", "quorum"), QUORUM_PREFETCH, predicted=overtakes)


def place_of_the_urgent(work: Queue, prefetch: int, priority: int) -> int | None:
    """At which place the urgent message is handled when it is sent while the consumer holds all that it may."""
    with (
        connected("rabbitmq-priority-vs-prefetch") as connection,
        declared(Topology((), (work,), ()), connection),
    ):
        publisher = Publisher(connection)
        for number in range(ORDINARY):
            publisher.publish("", work.name, b"{}", ignore, id=f"ordinary-{number}", priority=0)
        publisher.settle()
        with Subscription(connection, [work.name], prefetch) as taken:
            taken.gather(prefetch, within=20)
            publisher.publish("", work.name, b"{}", ignore, id="urgent", priority=priority)
            publisher.settle()
            for place in range(1, ORDINARY + 2):
                delivery = taken.take(within=10)
                if delivery is None:
                    return None
                taken.ack(delivery)
                if delivery.id == "urgent":
                    return place
    return None


def ignore(outcome: str, value: object, error: str | None) -> None:
    """What became of one message does not matter here: the consumer counts."""
