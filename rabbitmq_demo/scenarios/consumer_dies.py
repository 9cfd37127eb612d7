"""A consumer dies with messages in its hands.

    [work] --20 at a time--> consumer-1   handles some, acknowledges each, then its connection is torn
       ^-----------------------'  what it had not acknowledged goes back to the queue
       `---------------> consumer-2   gets it again, marked "redelivered"

The broker keeps a message until the consumer acknowledges it. When the connection is gone, however it went, every
message without an acknowledgement goes back. So one may be handled twice (the consumer died between its work and the
acknowledgement), but none is lost.

With automatic acknowledgement the broker forgets a message as soon as it has written it to the network, and it writes
without limit. Whatever the consumer had received and not yet handled dies with it: `--breaks` shows that.

In a control run consumer-1 handles everything and nobody dies: each message is handled once.
"""

from typing import Literal

from lab.checks import a_second_time_is_marked, nothing_confirmed_is_lost, unacknowledged_messages_come_back
from lab.scenario import Prediction, count_in, scenario
from lab.script import Lab
from lab.waiting import wait_for
from rabbitmq_demo.broker import connect, connected, hang_up, tear, versions
from rabbitmq_demo.publisher import Publisher
from rabbitmq_demo.subscription import Subscription
from rabbitmq_demo.topology import consumers, declared, depth
from rabbitmq_demo.wiring import Queue, Topology

MESSAGES, HANDLED_FIRST, PREFETCH = 300, 50, 20

nothing_lost = nothing_confirmed_is_lost(at_least=MESSAGES)


@scenario(
    "rabbitmq-consumer-dies",
    claim="What a dead consumer had not acknowledged is delivered again: twice is possible, lost is not.",
    question="A consumer dies with twenty messages in its hands. How often is a message handled?",
    predictions=[
        Prediction(
            "once",
            "Each once: the twenty are lost, or the broker knows which were done.",
            lambda findings: (
                count_in(findings, "unacknowledged_messages_come_back", "handled_twice") == 0
                or count_in(findings, "nothing_confirmed_is_lost", "lost") > 0
            ),
        ),
        Prediction(
            "at-least-once",
            "Each at least once, and the one that it was at work on twice.",
            lambda findings: (
                count_in(findings, "unacknowledged_messages_come_back", "handled_twice") > 0
                and count_in(findings, "nothing_confirmed_is_lost", "lost") == 0
            ),
        ),
    ],
    nodes=["rabbitmq"],
    seconds=5,
    checks=[nothing_lost, unacknowledged_messages_come_back, a_second_time_is_marked],
    breaks_with={"ack": "automatic"},
    breaks=[nothing_lost, unacknowledged_messages_come_back],
)
def consumer_dies(
    lab: Lab, ack: Literal["by_hand", "automatic"] = "by_hand", queue: Literal["quorum", "classic"] = "quorum"
) -> None:
    connection = lab.uses(connected("rabbitmq-consumer-dies"))
    lab.note("versions", versions(connection))
    work = f"{lab.run}.work"
    lab.uses(declared(Topology((), (Queue(work, queue),), ()), connection))
    publish(lab, Publisher(connection), work)

    lab.note("phase", "consumer-1")
    first = connect("consumer-1")
    taken = Subscription(first, [work], PREFETCH, no_ack=ack == "automatic")
    handle(lab, "consumer-1", taken, MESSAGES if lab.variant == "control" else HANDLED_FIRST, by_hand=ack == "by_hand")
    if lab.variant == "control":
        hang_up(first)
    else:
        taken.gather(PREFETCH - 1, within=10)
        lab.note("held", [delivery.id for delivery in taken.waiting])
        at_work_on = taken.waiting[0]
        lab.record("consumer-1", "ok", "receive", at_work_on.id, {"queue": "work", "redelivered": False})
        lab.note("phase", "consumer-1 dies after its work, before the acknowledgement")
        tear(first)
    wait_for("the broker to notice", lambda: consumers(work, connection) == 0, within=20)

    lab.note("phase", "consumer-2")
    with connected("consumer-2") as second:
        rest = depth(work, connection) or 0
        handle(lab, "consumer-2", Subscription(second, [work], PREFETCH), rest, by_hand=True)
    lab.record("reader", "ok", "drained", value={"queue": "work", "left": depth(work, connection)})


def publish(lab: Lab, publisher: Publisher, queue: str) -> None:
    """All messages, confirmed, before anybody consumes."""
    for number in range(1, MESSAGES + 1):
        id = f"m-{number:03d}"

        def done(outcome: str, value: object, error: str | None, id: str = id) -> None:
            lab.record("publisher", outcome, "publish", id, value, error)

        lab.record("publisher", "invoke", "publish", id)
        publisher.publish("", queue, b"{}", done, id=id, mandatory=True)
    publisher.settle()


def handle(lab: Lab, name: str, taken: Subscription, count: int, by_hand: bool) -> None:
    """Handle so many messages one after the other."""
    for _ in range(count):
        delivery = taken.take(within=10)
        if delivery is None:
            return
        lab.record(name, "ok", "receive", delivery.id, {"queue": "work", "redelivered": delivery.redelivered})
        if by_hand:
            taken.ack(delivery)
