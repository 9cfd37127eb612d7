"""How many sockets one Daphne bears for how long: `lab bench channels-feed`, five minutes with 1,000 of them.

    publisher --per_second--> backlog and channel layer --> one Daphne of its own --> 1,000 sockets in this process

What must come out: every socket has every number (a gap would be a frame lost), none was closed, and the server's
memory at the end is what it was when the feed began. The delay is from the moment before an event is published to the
moment when a socket's frame is taken apart, here, in the same process that also publishes.
"""

import time
import uuid
from array import array
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from channels_demo.open_files import allow_many_open_files
from channels_demo.scenarios.feed import Feed, Socket
from channels_demo.scenarios.publisher import Publisher
from channels_demo.scenarios.servers import Servers
from lab.waiting import NotReached, pause, wait_for

AT_ONCE = 25
"""Handshakes in flight; a browser opens one."""
WARM_UP = 10
"""Events before the memory is taken as that of the beginning: buffers and code that are needed once."""
SAMPLE_EVERY = 5.0


def bench_feed(
    seconds: float = 300.0, sockets: int = 1000, per_second: float = 0.5, layer: str = "core", server: str = "daphne"
) -> dict[str, Any]:
    """MB are 10**6 bytes; all memory is the server's resident memory.

    {"sockets", "seconds", "events", "layer", "server", "connects_per_second", "frames", "frames_per_second", "missed"
    (frames), "gaps", "closed" (sockets), "dropped" (lines in which the layer said so), "delay_p50_ms", "delay_p99_ms",
    "server_busy", "client_busy" (share of one processor that each had while the feed ran), "empty_mb" (no socket),
    "begin_mb" (all open, first events sent), "end_mb", "most_mb", "growth_mb", "kb_per_socket"}
    """
    allow_many_open_files()
    delays = array("d")
    with Servers(f"bench-{uuid.uuid4().hex[:8]}") as servers, Feed(listen=partial(_take, delays)) as feed:
        servers.start("feed", "uvicorn" if server == "uvicorn" else "daphne", layer=layer)
        servers.await_ready()
        empty = servers.memory("feed")
        began = time.monotonic()
        _connect(feed, partial(servers.url, "feed", "/ws/feed/"), sockets)
        connecting = time.monotonic() - began

        publisher = Publisher(feed, None, "feed", servers.options["feed"])
        for _ in range(WARM_UP):
            publisher.publish(1, body=_now())
            pause(1 / per_second)
        before, busy = _frames(feed), _Busy(servers)
        samples = [servers.memory("feed")]
        events, took = _run(publisher, seconds, per_second, lambda: samples.append(servers.memory("feed")))
        _settle(feed, publisher)
        samples.append(servers.memory("feed"))
        frames = _frames(feed)
        return {
            "sockets": sockets, "seconds": round(took), "events": events + WARM_UP, "layer": layer, "server": server,
            "connects_per_second": round(sockets / connecting), "frames": frames,
            "frames_per_second": round((frames - before) / busy.seconds), **_gaps(feed, publisher),
            "dropped": publisher.drops.lines, **_delay(delays), **busy.shares(),
            "empty_mb": empty, "begin_mb": samples[0], "end_mb": samples[-1], "most_mb": max(samples),
            "growth_mb": round(samples[-1] - samples[0], 1),
            "kb_per_socket": round((samples[0] - empty) * 1000 / sockets, 1),
        }  # fmt: skip


def _run(publisher: Publisher, seconds: float, per_second: float, sample: Callable[[], None]) -> tuple[int, float]:
    """The feed itself. Returns how many events were published, and how long that took."""
    events, sampled, began = 0, 0.0, time.monotonic()
    while (passed := time.monotonic() - began) < seconds:
        publisher.publish(1, body=_now())
        events += 1
        if passed > sampled + SAMPLE_EVERY:
            sampled = passed
            sample()
        pause(began + events / per_second - time.monotonic())
    return events, time.monotonic() - began


class _Busy:
    """What server and client have of a processor from now on."""

    def __init__(self, servers: Servers) -> None:
        self._servers = servers
        self._before = self._now()

    def _now(self) -> tuple[float, float, float]:
        return time.monotonic(), self._servers.processor_seconds("feed"), time.process_time()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._before[0]

    def shares(self) -> dict[str, float]:
        passed, server, client = (now - before for now, before in zip(self._now(), self._before, strict=True))
        return {"server_busy": round(server / passed, 2), "client_busy": round(client / passed, 2)}


def _take(delays: "array[float]", frame: dict[str, Any]) -> None:
    delays.append(time.monotonic() - float(frame["body"]))


def _frames(feed: Feed) -> int:
    return sum(one.frames for one in feed.sockets)


def _now() -> str:
    return str(time.monotonic())


def _connect(feed: Feed, address: Any, count: int) -> None:
    """All of them, a few at a time. Raises NotReached when one is not welcomed."""
    for first in range(0, count, AT_ONCE):
        for number in range(first, min(first + AT_ONCE, count)):
            feed.add(Socket(f"socket {number + 1}", "feed", address, resumes=False))
        feed.await_open(within=120)


def _settle(feed: Feed, publisher: Publisher) -> None:
    """Until the last event has come, or will not."""
    last = publisher.last["north"]
    try:
        wait_for("the last event", lambda: all(one.last >= last for one in feed.sockets), within=60)
    except NotReached:
        return  # then it counts as missed


def _gaps(feed: Feed, publisher: Publisher) -> dict[str, int]:
    missing = [one.missing(publisher.last["north"]) for one in feed.sockets]
    return {
        "missed": sum(map(len, missing)),
        "gaps": sum(map(_runs, missing)),
        "closed": sum(bool(one.closes) for one in feed.sockets),
    }


def _runs(numbers: Sequence[int]) -> int:
    """How many there are of numbers in a row."""
    return sum(number - 1 not in numbers for number in numbers)


def _delay(delays: "array[float]") -> dict[str, float]:
    ordered = sorted(delays)
    return {f"delay_p{part}_ms": round(1000 * ordered[len(ordered) * part // 100], 1) for part in (50, 99)}
