"""What the scenarios' many-socket client remembers of a feed, and what a bench is told by `--set`."""

import json
from typing import Any

import pytest

from channels_demo.scenarios.bench import bench_feed
from channels_demo.scenarios.feed import Feed, Socket
from lab import demos
from lab.cluster.target import Refused


class Connection:
    """Takes what is sent to it."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []

    async def send(self, text: str) -> None:
        self.sent.append(json.loads(text))


def fed(socket: Socket, *frames: dict[str, Any]) -> tuple[list[tuple[Any, ...]], list[dict[str, Any]]]:
    """Hand the frames to a socket: what went into the history, and what the client sent."""
    history: list[tuple[Any, ...]] = []
    connection: Any = Connection()
    with Feed(lambda *line: history.append(line)) as feed:
        for frame in frames:
            feed.do(feed._take(socket, connection, frame))
    return history, connection.sent


def welcome(last: int) -> dict[str, Any]:
    return {"type": "welcome", "last": {"north": last}}


def event(seq: int) -> dict[str, Any]:
    return {"type": "event", "seq": seq, "region": "north", "id": f"e-{seq}"}


def socket(**more: Any) -> Socket:
    return Socket("s", "core", lambda: "ws://nowhere/", **more)


def test_a_socket_knows_up_to_which_number_it_has_all() -> None:
    one = socket()
    fed(one, welcome(4), event(5), event(6), event(9), event(7))
    assert (one.since, one.whole, one.last, one.missing(10)) == (4, 7, 9, [8, 10])


def test_a_socket_asks_once_for_each_hole_that_it_sees() -> None:
    _, sent = fed(socket(), welcome(0), event(1), event(4), event(5), event(2), event(3))
    assert sent == [{"type": "resume", "after": 1}]


def test_a_socket_that_does_not_resume_asks_for_nothing() -> None:
    one = socket(resumes=False)
    assert fed(one, welcome(0), event(1), event(4))[1] == []
    assert one.missing(4) == [2, 3]


def test_a_second_welcome_changes_nothing_of_what_is_missing() -> None:
    one = socket()
    history, _ = fed(one, welcome(0), event(1), welcome(7))
    assert one.missing(3) == [2, 3]
    assert [line[4]["after"] for line in history if line[2] == "socket_open"] == [0, 1]


def test_a_bench_takes_values_of_the_types_of_its_defaults() -> None:
    told = demos.parameters_of("channels-feed", bench_feed, {"seconds": "2.5", "sockets": "10", "layer": "pubsub"})
    assert told == {"seconds": 2.5, "sockets": 10, "layer": "pubsub"}


@pytest.mark.parametrize("told", [{"minutes": "5"}, {"sockets": "many"}])
def test_a_bench_refuses_what_it_does_not_take(told: dict[str, str]) -> None:
    with pytest.raises(Refused, match="channels-feed"):
        demos.parameters_of("channels-feed", bench_feed, told)
