"""Kill Redis under open sockets, and start it again. Who is closed, who loses without a sign, and what brings it back?

                         core layer                          pub/sub layer
    Redis is away        every socket is closed              every socket stays open
    it comes back        the clients connect again           the server subscribes again, by itself
    published before     comes when they say what they       is lost, and nobody is told
    that                 saw last (`after=N`)

Each is honest in its own way: a closed socket is a sign that something may be missing. The socket that stays open looks
well, until the next event comes with a number that is not the next one. Then the client knows, and asks for the rest:
`resume`. The backlog that answers it is in the same Redis, whose append-only file it survives in.

So that the loss does not hang on luck, 20 events are published when Redis is back and nobody else yet: the clients of
the core server wait with their connect, and the pub/sub server stands still. In real life it is what happens to be
published before a client's back-off is over, or before redis-py has connected again: a second or more.

`--breaks`: clients connect again, but never say what they saw last. In the control run nothing is touched.
"""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from math import isnan
from typing import Any, Literal

from channels_demo import groups
from channels_demo.scenarios.feed import Feed, Socket
from channels_demo.scenarios.publisher import Publisher
from channels_demo.scenarios.servers import Servers
from lab.checks import (
    frames_are_lost_as_predicted,
    frames_come_in_order,
    no_frame_is_missed,
    sockets_end_as_predicted,
    the_fault_was_felt,
)
from lab.faults import FAULTS, paused
from lab.scenario import Prediction, count_in, scenario
from lab.script import Lab
from lab.verdict import Finding
from lab.waiting import wait_for

LAYERS = ("core", "pubsub")
SOCKETS, BEFORE, MEANWHILE = 5, 10, 20
no_gap = no_frame_is_missed(ways=list(LAYERS))


def _closed(findings: Sequence[Finding]) -> float:
    """On how many layers sockets were closed."""
    closed, still_open = (count_in(findings, "sockets_end_as_predicted", f"ended: {how}") for how in ("closed", "open"))
    return float("nan") if isnan(closed) and isnan(still_open) else 0 if isnan(closed) else closed


@scenario(
    "channels-redis-restart",
    claim="When Redis dies and comes back, clients that say which number they saw last have no gap at the end.",
    question="Redis is killed under open sockets, on the core layer and on the pub/sub layer. Sockets are closed ...",
    predictions=[
        Prediction("both", "... on both layers.", lambda f: _closed(f) == 2),
        Prediction("one", "... on one of them; on the other they stay open.", lambda f: _closed(f) == 1),
        Prediction("none", "... on none.", lambda f: _closed(f) == 0),
    ],
    nodes=["redis"],
    needs=["kill"],
    seconds=30,
    checks=[
        the_fault_was_felt,
        no_gap,
        sockets_end_as_predicted(ways=list(LAYERS)),
        frames_are_lost_as_predicted(ways=list(LAYERS)),
        frames_come_in_order,
    ],
    breaks_with={"resume": "never"},
    breaks=[no_gap],
)
def redis_restart(
    lab: Lab, resume: Literal["always", "never"] = "always", how: Literal["killed", "stopped"] = "killed"
) -> None:
    control = lab.variant == "control"
    servers, feed = lab.uses(Servers(lab.run)), lab.uses(Feed(lab.record))
    for layer in LAYERS:
        servers.start(layer, layer=layer)
    servers.await_ready()
    servers.note(lab)
    publishers = {layer: Publisher(feed, lab.record, layer, servers.options[layer]) for layer in LAYERS}
    _connect(feed, servers, resumes=resume == "always")

    lab.note("phase", "a quiet feed")
    for layer, publisher in publishers.items():
        publisher.publish(BEFORE)
        _await(feed, layer, publisher, whole=True)

    lab.note("phase", "Redis is away")
    with ExitStack() as standing, lab.fault(FAULTS[how], "redis") as redis:
        lab.await_effect("the core server closes its sockets", lambda: not any(_open(feed, "core")), within=90)
        for layer in LAYERS:
            _tell_how_they_are(lab, feed, layer, "closed" if layer == "core" and not control else "open")
        publishers["pubsub"].publish(1)
        standing.enter_context(lab.fault(paused, "pubsub", of=servers.programs))
        redis.mend()

        lab.note("phase", "Redis is back, and nobody has noticed")
        lab.await_effect("nobody listens", lambda: _listeners(servers) == 0, within=30)
        for publisher in publishers.values():
            publisher.publish(MEANWHILE)

    lab.note("phase", "all is back")
    feed.connect_again()
    lab.await_recovery("every socket is open", lambda: all(one.is_open for one in feed.sockets), within=60)
    lab.await_recovery("the pub/sub server listens", lambda: _listeners(servers) > 0, within=60)
    if resume == "always":
        _await(feed, "core", publishers["core"], whole=True)
    for layer in LAYERS:
        lost = 0 if control or (layer == "core" and resume == "always") else MEANWHILE
        _tell_what_is_lost(lab, feed, publishers[layer], layer, lost)

    lab.note("phase", "one more event shows the hole")
    for layer, publisher in publishers.items():
        publisher.publish(1)
        _await(feed, layer, publisher, whole=resume == "always" or control)
    lab.note("settled", {layer: publisher.last for layer, publisher in publishers.items()})


def _connect(feed: Feed, servers: Servers, *, resumes: bool) -> None:
    for layer in LAYERS:
        for number in range(SOCKETS):
            name = f"{layer}: socket {number + 1}"
            feed.add(Socket(name, layer, partial(servers.url, layer, "/ws/feed/"), resumes=resumes))
    feed.await_open()


def _open(feed: Feed, layer: str) -> list[bool]:
    return [one.is_open for one in feed.of(layer)]


def _listeners(servers: Servers) -> int:
    """How many servers Redis would hand an event of the pub/sub layer to."""
    name = f"{servers.options['pubsub'].prefix}.layer__group__{groups.region('north')}"
    return int(servers.redis.pubsub_numsub(name)[0][1])


def _await(feed: Feed, layer: str, publisher: Publisher, *, whole: bool) -> None:
    """Until every socket has the last event, or all of them."""
    last = publisher.last["north"]

    def arrived() -> bool:
        return all(one.last >= last and not (whole and one.missing(last)) for one in feed.of(layer))

    wait_for(f"the events on the {layer} layer", arrived, within=60, every=0.02)


def _tell_how_they_are(lab: Lab, feed: Feed, layer: str, predicted: str) -> None:
    found = _open(feed, layer)
    seen = "open" if all(found) else "some are closed" if any(found) else "closed"
    codes = sorted({code for one in feed.of(layer) for code in one.closes})
    _tell(lab, "socket_end", {"way": layer, "predicted": predicted, "seen": seen, "codes": codes})


def _tell_what_is_lost(lab: Lab, feed: Feed, publisher: Publisher, layer: str, predicted: int) -> None:
    """How many a socket lacks now, when all stands again and no event has come since."""
    missing = [len(one.missing(publisher.last["north"])) for one in feed.of(layer)]
    seen = missing[0] if len(set(missing)) == 1 else str(missing)
    _tell(lab, "lost", {"way": layer, "predicted": predicted, "seen": seen})


def _tell(lab: Lab, op: str, value: Mapping[str, Any]) -> None:
    lab.record("lab", "observe", op, value["way"], value)
