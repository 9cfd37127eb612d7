"""The same bindings and keys on RabbitMQ, and on kombu's transports that only imitate it.

                       a.#  takes a    #.z  takes z    a.#.c  takes a.c    #.b.#  takes b
    RabbitMQ               yes             yes             yes                 yes
    kombu on memory        no              no              no                  no
    kombu on Redis         no              no              no                  no

In a topic pattern `#` stands for any number of words, also for none. kombu's own matcher, which works where there is
no RabbitMQ, turns the pattern into a regular expression in which the dots beside `#` must be there: a `#` with a dot
beside it takes one word at least. Who moves a program by changing the URL loses exactly these messages, without a word.

The list of the differences is part of the claim: no key more and none less. In a control run the patterns have no `#`,
and all three agree. `--breaks` states that there is no difference at all, and must be found wrong.

(Headers exchanges, alternate exchanges, dead letters and times to live do not exist there at all.)
"""

from typing import Literal

from lab.checks import transports_differ_only_as_listed
from lab.scenario import Prediction, count_in, scenario
from lab.script import Lab
from rabbitmq_demo.broker import connected, versions
from rabbitmq_demo.twin import Twin
from rabbitmq_demo.virtual import TRANSPORTS, route_on
from rabbitmq_demo.wiring import Binding, Exchange, Queue, Topology

PATTERNS = ("#", "*", "a", "a.#", "#.z", "a.*", "*.b.*", "a.#.c", "#.b.#", "a.b")
KEYS = ("", "a", "z", "b", "a.b", "a.c", "a.z", "a.b.c", "x.b.y", "a.b.z", "a..b", "a.b.c.z", "A")
LISTED = {
    ("a.#", "a"),
    ("#.z", "z"),
    ("a.#.c", "a.c"),
    ("#.b.#", "b"),
    ("#.b.#", "a.b"),
    ("#.b.#", "a..b"),
}
"""(pattern, key): delivered by RabbitMQ, not by kombu 5.7 on memory or Redis."""

as_listed = transports_differ_only_as_listed(ways=TRANSPORTS)


@scenario(
    "rabbitmq-virtual-transport",
    claim="On kombu's memory and redis transports a # beside a dot takes a word at least; all else is as on RabbitMQ.",
    question="A queue is bound with a.# and a message has the key a. On RabbitMQ it arrives. On Redis, through kombu?",
    predictions=[
        Prediction(
            "arrives",
            "It arrives: the program is the same.",
            lambda findings: not count_in(findings, "transports_differ_only_as_listed", "ended: not delivered") > 0,
        ),
        Prediction(
            "vanishes",
            "It vanishes: # takes no empty word there.",
            lambda findings: count_in(findings, "transports_differ_only_as_listed", "ended: not delivered") > 0,
        ),
    ],
    nodes=["rabbitmq", "redis"],
    seconds=5,
    checks=[as_listed],
    breaks_with={"listed": "nothing"},
    breaks=[as_listed],
)
def virtual_transport(lab: Lab, listed: Literal["the_differences", "nothing"] = "the_differences") -> None:
    patterns = [pattern for pattern in PATTERNS if lab.variant != "control" or "#" not in pattern]
    with connected("rabbitmq-virtual-transport") as connection:
        lab.note("versions", versions(connection))
        with Twin(topology(patterns), connection) as twin:
            reached = twin.route_all([("topic", key, {}) for key in KEYS])
    on_rabbitmq = dict(zip(KEYS, reached, strict=True))
    for transport in TRANSPORTS:
        there = route_on(transport, patterns, KEYS)
        for key in KEYS:
            for pattern in patterns:
                here, differs = pattern in on_rabbitmq[key], (pattern, key) in LISTED and listed != "nothing"
                predicted = "not delivered" if differs else "as on RabbitMQ"
                told = {"way": transport, "pattern": pattern, "key": key, "on RabbitMQ": here, "predicted": predicted}
                seen = _compared(here, pattern in there[key])
                lab.record("lab", "observe", "compared", f"{transport}: {pattern} {key!r}", told | {"seen": seen})


def topology(patterns: list[str]) -> Topology:
    """One queue for each pattern, called like it."""
    return Topology(
        exchanges=(Exchange("topic", "topic"),),
        queues=tuple(Queue(pattern) for pattern in patterns),
        bindings=tuple(Binding("topic", pattern, pattern) for pattern in patterns),
    )


def _compared(on_rabbitmq: bool, there: bool) -> str:
    if on_rabbitmq == there:
        return "as on RabbitMQ"
    return "delivered" if there else "not delivered"
