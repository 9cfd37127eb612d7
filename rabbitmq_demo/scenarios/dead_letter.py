"""Four ways for a message to die, one place where they all end, and one message that nobody can handle.

    [rejecting]  a consumer refuses it for good     --rejected-------.
    [expiring]   nobody took it in its time         --expired--------+--> dead (exchange) --> [graveyard]
    [short]      there is no room for it            --maxlen---------+
    [poison]     given back again and again         --delivery_limit-'

A queue with a dead letter exchange does not drop a message that it cannot keep: it publishes it there, and writes into
the header x-death why, from which queue, and how often. Without such an exchange all of these just vanish.

The last way is the important one. A message that makes its consumer fail is given back, delivered again, fails again:
for ever, unless the queue counts. A quorum queue with a delivery limit of 3 delivers it four times (once, and three
times more) and then lets it die. The limit is set here, since the default is none before RabbitMQ 4.0 and 20 since.

In a control run consumers stand ready and acknowledge everything: the graveyard must stay empty. `--breaks` puts the
poison into a classic queue, which does not count: we stop it after twenty deliveries.
"""

from collections.abc import Callable
from typing import Any, Literal

from kombu import Connection

from lab.checks import a_poison_message_stops_at_its_limit, dead_letters_say_why
from lab.scenario import Prediction, count_in, scenario
from lab.script import Lab
from lab.waiting import wait_for
from rabbitmq_demo.broker import connected, versions
from rabbitmq_demo.publisher import Publisher
from rabbitmq_demo.subscription import Delivery, Subscription, everything_in
from rabbitmq_demo.topology import declared, depth
from rabbitmq_demo.wiring import Binding, Exchange, Queue, Topology

EACH, ROOM, LIMIT, PATIENCE = 8, 3, 3, 20
"""Messages into each queue; places in the short one; deliveries after the first; ours with a queue without limit."""

WAYS = ("rejected", "expired", "maxlen")
say_why = dead_letters_say_why(ways=WAYS)


def topology(poison: Literal["quorum", "classic"]) -> Topology:
    """The four queues and the graveyard."""
    limit = {"x-delivery-limit": LIMIT} if poison == "quorum" else {}
    return Topology(
        exchanges=(Exchange("dead", "fanout"),),
        queues=(
            Queue("rejected", "quorum", "dead"),
            Queue("expired", "classic", "dead", {"x-message-ttl": 200}),
            Queue("maxlen", "classic", "dead", {"x-max-length": ROOM}),
            Queue("poison", poison, "dead", limit),
            Queue("graveyard"),
        ),
        bindings=(Binding("dead", "graveyard"),),
    )


@scenario(
    "rabbitmq-dead-letter",
    claim="What is rejected, expires or finds no room is kept with the reason; poison is delivered limit + 1 times.",
    question="A consumer gives the same message back each time it gets it. How often is it delivered?",
    predictions=[
        Prediction(
            "limit",
            "Four times: once, and as often again as the queue's limit of three says.",
            lambda findings: count_in(findings, "a_poison_message_stops_at_its_limit", "wrong") == 0,
        ),
        Prediction(
            "for-ever",
            "Until somebody stops it.",
            lambda findings: count_in(findings, "a_poison_message_stops_at_its_limit", "wrong") > 0,
        ),
    ],
    nodes=["rabbitmq"],
    seconds=6,
    checks=[say_why, a_poison_message_stops_at_its_limit],
    breaks_with={"poison": "classic"},
    breaks=[a_poison_message_stops_at_its_limit],
)
def dead_letter(lab: Lab, poison: Literal["quorum", "classic"] = "quorum") -> None:
    connection = lab.uses(connected("rabbitmq-dead-letter"))
    lab.note("versions", versions(connection))
    names = lab.uses(declared(topology(poison).renamed(f"{lab.run}."), connection))
    lab.note("topology", names.describe())
    control = lab.variant == "control"

    with Subscription(connection, [f"{lab.run}.{way}" for way in WAYS] if control else [], prefetch=EACH) as ready:
        send(lab, connection, [f"{way}-{number}" for way in WAYS for number in range(EACH)])
        handle(ready, 3 * EACH if control else 0, ready.ack)
    if not control:
        with Subscription(connection, [f"{lab.run}.rejected"], prefetch=EACH) as refusing:
            handle(refusing, EACH, lambda delivery: refusing.reject(delivery, requeue=False))
    due = 0 if control else EACH + EACH + EACH - ROOM
    died = buried(lab, connection, due)
    for way in WAYS:
        for number in range(EACH):
            stays = control or (way == "maxlen" and number >= EACH - ROOM)
            predicted = None if stays else {"reason": way, "count": 1, "queue": f"{lab.run}.{way}"}
            seen = died.get(f"{way}-{number}")
            told = {"way": way, "predicted": predicted, "seen": seen}
            lab.record("lab", "observe", "dead_letter", f"{way}-{number}", told)

    send(lab, connection, ["poison-0"])
    deliveries = give_back(lab, connection, give_up=control)
    reason = buried(lab, connection, 0 if control or poison == "classic" else 1).get("poison-0", {}).get("reason")
    predicted = {"deliveries": 1, "reason": None} if control else {"deliveries": LIMIT + 1, "reason": "delivery_limit"}
    told = {"way": "poison", "predicted": predicted, "seen": {"deliveries": deliveries, "reason": reason}}
    lab.record("lab", "observe", "poison", "poison-0", told)


def send(lab: Lab, connection: Connection, ids: list[str]) -> None:
    """Each message to the queue that its name begins with."""
    publisher = Publisher(connection)
    for id in ids:
        queue = f"{lab.run}.{id.partition('-')[0]}"

        def done(outcome: str, value: object, error: str | None, id: str = id) -> None:
            lab.record("publisher", outcome, "publish", id, value, error)

        lab.record("publisher", "invoke", "publish", id)
        publisher.publish("", queue, b"{}", done, id=id, mandatory=True)
    publisher.settle()


def handle(taken: Subscription, count: int, end: Callable[[Delivery], None]) -> None:
    """End so many messages in the same way."""
    for _ in range(count):
        if delivery := taken.take(within=10):
            end(delivery)


def give_back(lab: Lab, connection: Connection, give_up: bool) -> int:
    """Take the poison and give it back until it is dead, or PATIENCE is over. How often it came."""
    deliveries = 0
    with Subscription(connection, [f"{lab.run}.poison"], prefetch=1) as taken:
        while deliveries < PATIENCE and not depth(f"{lab.run}.graveyard", connection):
            delivery = taken.take(within=0.2)
            if delivery is None:
                continue
            deliveries += 1
            told = {"queue": "poison", "redelivered": delivery.redelivered}
            lab.record("consumer", "info", "receive", delivery.id, told)
            if give_up:
                taken.ack(delivery)
                return deliveries
            taken.reject(delivery, requeue=True)
    return deliveries


def buried(lab: Lab, connection: Connection, due: int) -> dict[str, dict[str, Any]]:
    """What is in the graveyard once `due` messages are: the first x-death entry of each, by the message's id."""
    graveyard = f"{lab.run}.graveyard"
    wait_for(f"{due} dead letters", lambda: (depth(graveyard, connection) or 0) >= due, within=20)
    found = {}
    for delivery in everything_in(graveyard, connection):
        death = delivery.headers["x-death"][0]
        found[delivery.id] = {name: death[name] for name in ("reason", "count", "queue")}
        lab.record("reader", "ok", "receive", delivery.id, {"queue": "graveyard"} | found[delivery.id])
    return found
