"""Messages that wait: a short wait behind a long one takes as long as the long one.

    [waiting]      long, short, short, short   --each when it expires--> done (exchange) --> [arrived]
                   ^ only the head of the queue is looked at

    [waiting-long]   long                      --per delay one queue---> done --> [arrived]
    [waiting-short]  short, short, short

A queue whose messages expire into an exchange is the usual way to retry something later. RabbitMQ looks only at the
head of a queue: what stands behind a message with a longer time to live cannot expire before it, however short its own
time is. With one queue for each delay nobody ever stands behind a longer wait, and everybody comes back on time.

In a control run nobody waits long: then the shared queue is on time too, so the lateness of the main run is the long
message's doing. `--breaks` lets the second group use one queue as well, and the claim must break.
"""

from typing import Literal

from lab.checks import expiry_waits_for_the_head, messages_expire_on_time
from lab.scenario import Prediction, count_in, scenario
from lab.script import Lab
from rabbitmq_demo.broker import connected, versions
from rabbitmq_demo.publisher import Publisher
from rabbitmq_demo.subscription import Subscription
from rabbitmq_demo.topology import declared
from rabbitmq_demo.wiring import Binding, Exchange, Queue, Topology

LONG, SHORT = 4.0, 0.3
"""Seconds."""
SHARED, OWN = "one queue for all", "one queue a delay"
on_time = messages_expire_on_time(group=OWN, within=2.5)
waits_for_the_head = expiry_waits_for_the_head(group=SHARED, within=2.5)


def topology(kind: Literal["quorum", "classic"]) -> Topology:
    """Queues to wait in, and one to arrive in."""
    waiting = {"shared": None, "also-shared": None, "long": int(LONG * 1000), "short": int(SHORT * 1000)}
    return Topology(
        exchanges=(Exchange("done", "fanout"),),
        queues=(
            *(
                Queue(f"waiting-{name}", kind, "done", {"x-message-ttl": ttl} if ttl else None)
                for name, ttl in waiting.items()
            ),
            Queue("arrived"),
        ),
        bindings=(Binding("done", "arrived"),),
    )


@scenario(
    "rabbitmq-ttl-head-of-line",
    claim="A short wait behind a long one takes as long as the long one; with a queue for each delay all are on time.",
    question="A message with 0.3 s to live stands in a queue behind one with 4 s. When is it dead-lettered?",
    predictions=[
        Prediction(
            "own-time",
            "After 0.3 s: each message has its own time.",
            lambda findings: count_in(findings, "expiry_waits_for_the_head", "latest") < 2.5,
        ),
        Prediction(
            "after-the-head",
            "After 4 s, together with the one before it.",
            lambda findings: count_in(findings, "expiry_waits_for_the_head", "latest") >= 2.5,
        ),
    ],
    nodes=["rabbitmq"],
    seconds=7,
    checks=[on_time, waits_for_the_head],
    breaks_with={"delays": "in_one_queue"},
    breaks=[on_time],
)
def ttl_head_of_line(
    lab: Lab,
    delays: Literal["in_own_queues", "in_one_queue"] = "in_own_queues",
    queue: Literal["quorum", "classic"] = "classic",
) -> None:
    connection = lab.uses(connected("rabbitmq-ttl-head-of-line"))
    lab.note("versions", versions(connection))
    names = f"{lab.run}."
    lab.note("topology", lab.uses(declared(topology(queue).renamed(names), connection)).describe())
    arrived = lab.uses(Subscription(connection, [f"{names}arrived"], prefetch=100))
    publisher = Publisher(connection)
    waits = [SHORT] * 3 if lab.variant == "control" else [LONG, SHORT, SHORT, SHORT]

    def send(group: str, queue: str, id: str, ttl: float) -> None:
        def done(outcome: str, value: object, error: str | None) -> None:
            lab.record("publisher", outcome, "publish", id, value, error)

        lab.record("publisher", "invoke", "publish", id, {"group": group, "ttl": ttl})
        time_to_live = {"expiration": f"{ttl * 1000:.0f}", "delivery_mode": 1}  # no slow disk shall delay the confirm
        publisher.publish("", names + queue, b"{}", done, id=id, mandatory=True, **time_to_live)
        publisher.settle()

    for number, ttl in enumerate(waits):
        send(SHARED, "waiting-shared", f"shared-{number}", ttl)
        own = "waiting-also-shared" if delays == "in_one_queue" else f"waiting-{'long' if ttl == LONG else 'short'}"
        send(OWN, own, f"own-{number}", ttl)
    for _ in range(2 * len(waits)):
        if delivery := arrived.take(within=LONG + 5):
            lab.record("consumer", "ok", "receive", delivery.id, {"queue": "arrived", "redelivered": False})
            arrived.ack(delivery)
