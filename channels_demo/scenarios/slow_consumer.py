"""Publish faster than a server can take, and faster than one client reads. Who loses what, and who is told?

    publisher --group_send--> channel layer --one queue a process--> server --one queue a socket--> slow client
                              full: the newest is dropped            full: the oldest is dropped

The core layer keeps `capacity` messages, 100 unless told otherwise, for a process, and as many for each of its sockets.
A server that stands still for a moment (here: a stopped process; as well a long garbage collection, or code that
blocks) while 200 events are published gets the first 100. The other 100 are dropped, for all of its sockets. The
sender's call returns as always; the only sign is a line in its log, at level INFO. A client that does not read holds up
its own consumer: the queue of its socket overflows, and there even that line is missing. That is `--breaks`.

With room for 10,000 the same burst is only late. On the pub/sub layer nothing overflows at all: what the slow one does
not take piles up in the server's memory. Both mend the loss and not the cause: in real life bound the slow client (this
service closes it with 4408 after five seconds; switched off here) and let numbers in the events show what is missing.

In the control run nobody stands still, nobody is slow, and even 100 are enough.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from channels_demo.scenarios.feed import Feed, Socket
from channels_demo.scenarios.publisher import Publisher
from channels_demo.scenarios.servers import Servers
from lab.checks import frames_are_lost_as_predicted, frames_come_in_order, no_frame_is_missed, the_fault_was_felt
from lab.faults import paused
from lab.scenario import Prediction, count_in, scenario
from lab.script import Lab
from lab.waiting import wait_for

ROOMY: Mapping[str, Mapping[str, Any]] = {
    "core 10000": {"layer": "core", "capacity": 10_000},
    "pubsub": {"layer": "pubsub"},
}
DEFAULT: Mapping[str, Mapping[str, Any]] = {"core 100": {"layer": "core", "capacity": 100}}
BURST, READERS = 200, 5
BIG_ONES, BODY = 250, "x" * 40_000
"""10 MB: more than the buffers between server and client take (4 MB at most on Linux), and 100 events beside."""
BATCH = 50
NOTHING, NEWEST, OLDEST = "nothing", "the newest, on every socket", "the oldest that waited, on the slow socket alone"
no_loss = no_frame_is_missed()


@scenario(
    "channels-slow-consumer",
    claim="With room enough, or on the pub/sub layer, neither a burst nor a slow reader costs any socket a frame.",
    question="200 events are published while a server stands still. With room for 10,000, when it goes on ...",
    predictions=[
        Prediction("none", "... no socket misses any.", lambda f: count_in(f, "no_frame_is_missed", "missed") == 0),
        Prediction("some", "... some frames are missed.", lambda f: count_in(f, "no_frame_is_missed", "missed") > 0),
    ],
    nodes=["redis"],
    seconds=30,
    checks=[
        the_fault_was_felt,
        no_loss,
        frames_are_lost_as_predicted(ways=["burst", "slow reader"]),
        frames_come_in_order,
    ],
    breaks_with={"room": "default"},
    breaks=[no_loss],
)
def slow_consumer(lab: Lab, room: Literal["enough", "default"] = "enough") -> None:
    control = lab.variant == "control"
    ways = DEFAULT if control or room == "default" else ROOMY
    servers, feed = lab.uses(Servers(lab.run)), lab.uses(Feed(lab.record))
    for way, options in ways.items():
        servers.start(way, backlog=50, **options)
    servers.await_ready()
    servers.note(lab)
    publishers = {way: Publisher(feed, lab.record, way, servers.options[way]) for way in ways}
    for way in ways:
        _connect(feed, servers, way, slow=not control)
    feed.await_open()

    lab.note("phase", "a burst meets a server that stands still")
    for way, publisher in publishers.items():
        readers = _of(feed, way, "north")
        with lab.fault(paused, way, of=servers.programs):
            _publish(publisher, BURST, "north", readers if control else ())
            lab.await_effect(
                "all is published, and nothing came", lambda r=readers: not any(s.last for s in r), within=5
            )
        _settle(publisher, readers, "north", BURST)
        seen = _what_is_lost(readers, BURST)
        _tell(
            lab,
            way,
            "burst",
            seen,
            readers,
            publisher.drops.lines,
            NEWEST if way in DEFAULT and not control else NOTHING,
        )

    lab.note("phase", "one client does not read")
    for way, publisher in publishers.items():
        reader, slow = _of(feed, way, "south")
        before = servers.memory(way)
        _publish(publisher, BIG_ONES, "south", [reader], BODY)
        lab.note("memory", {"way": way, "before_mb": before, "after_mb": servers.memory(way)})
        feed.wake(slow)
        _settle(publisher, [reader, slow], "south", BIG_ONES)
        seen = _what_is_lost([reader, slow], BIG_ONES)
        _tell(lab, way, "slow reader", seen, [slow], 0, OLDEST if way in DEFAULT and not control else NOTHING)
    lab.note("settled", {"last": {way: publisher.last for way, publisher in publishers.items()}})


def _connect(feed: Feed, servers: Servers, way: str, *, slow: bool) -> None:
    def address() -> str:
        return servers.url(way, "/ws/feed/")

    for number in range(READERS):
        feed.add(Socket(f"{way}: reader {number + 1}", way, address, "north", resumes=False))
    feed.add(Socket(f"{way}: big reader", way, address, "south", resumes=False))
    feed.add(Socket(f"{way}: slow reader", way, address, "south", resumes=False, slow=slow))


def _of(feed: Feed, way: str, region: str) -> list[Socket]:
    return [one for one in feed.of(way) if one.region == region]


def _publish(publisher: Publisher, count: int, region: str, readers: Sequence[Socket], body: str = "") -> None:
    """In one go; or, with readers, in batches that they can follow."""
    if not readers:
        publisher.publish(count, region, body)
        return
    for _ in range(count // BATCH):
        publisher.publish(BATCH, region, body)
        _await(readers, publisher.last[region])


def _await(readers: Sequence[Socket], number: int) -> None:
    wait_for("the readers to follow", lambda: all(one.last >= number for one in readers), within=60, every=0.005)


def _settle(publisher: Publisher, readers: Sequence[Socket], region: str, count: int) -> None:
    """Publish one more event until each has got such a one: then all that may come before it has come."""

    def one_more_has_come() -> bool:
        if min(one.last for one in readers) > count:
            return True
        publisher.publish(1, region)
        return False

    wait_for("a last event on every socket", one_more_has_come, within=60, every=0.5)
    _await(readers, publisher.last[region])


def _what_is_lost(readers: Sequence[Socket], count: int) -> str:
    """In the words of the prediction; the slow one is the last of the readers."""
    *others, slow = [one.missing(count) for one in readers]
    if not slow and not any(others):
        return NOTHING
    one_run = bool(slow) and slow == list(range(slow[0], slow[-1] + 1))
    if one_run and slow[-1] == count and all(other == slow for other in others):
        return NEWEST
    if one_run and slow[-1] < count and not any(others):
        return OLDEST
    return f"otherwise: {[len(missing) for missing in (*others, slow)]}"


def _tell(lab: Lab, way: str, what: str, seen: str, readers: Sequence[Socket], logged: int, predicted: str) -> None:
    count = BURST if what == "burst" else BIG_ONES
    missing = [len(one.missing(count)) for one in readers]
    value = {"way": what, "predicted": predicted, "seen": seen, "of": count, "missing": missing, "logged": logged}
    lab.record("lab", "observe", "lost", way, value)
