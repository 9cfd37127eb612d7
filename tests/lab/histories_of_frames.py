"""The three histories of each check of sockets' frames; `histories.py` takes them in."""

from collections.abc import Mapping
from typing import Any

from lab import checks
from lab.history import History, Op
from lab.verdict import Check
from tests.lab.lines import history, line, note

AS_ASKED: Mapping[str, Check] = {
    "no_frame_is_missed": checks.no_frame_is_missed(ways=["core"]),
    "frames_are_lost_as_predicted": checks.frames_are_lost_as_predicted(ways=["core"]),
    "sockets_end_as_predicted": checks.sockets_end_as_predicted(ways=["core"]),
    "servers_stop_as_predicted": checks.servers_stop_as_predicted(ways=["daphne TERM"]),
}
"""The factories as they were called for CASES."""


def event(t: float, seq: int, way: str = "core", kind: Any = "ok") -> Op:
    return line(t, "publisher", kind, "event", f"{way}-{seq}", {"way": way, "region": "north", "seq": seq})


def opened(t: float, socket: str = "s-1", after: int = 0, way: str = "core") -> Op:
    return line(t, socket, "ok", "socket_open", None, {"way": way, "region": "north", "after": after})


def frame(t: float, seq: int, socket: str = "s-1", way: str = "core") -> Op:
    return line(t, socket, "ok", "frame", f"{way}-{seq}", {"region": "north", "seq": seq})


def settled() -> Op:
    return note(90, "settled", {})


def case(op: str, way: str, predicted: Any, seen: Any) -> Op:
    return line(1, "lab", "observe", op, "case", {"way": way, "predicted": predicted, "seen": seen})


_THREE = [event(1, 1), event(2, 2), event(3, 3)]
_NOTHING_LEFT = {"codes": {"1006": 10}, "disconnect": 0, "ghosts": 10}

CASES: Mapping[str, Mapping[str, History | str]] = {
    "no_frame_is_missed": {
        "HOLDS": history(opened(0), *_THREE, frame(2, 1), frame(3, 2), opened(4, after=2), frame(5, 3), settled()),
        "BROKEN": history(opened(0), *_THREE, frame(2, 1), frame(4, 3), settled()),
        "UNKNOWN": history(opened(0), *_THREE, frame(2, 1), frame(4, 3)),
    },
    "frames_come_in_order": {
        "HOLDS": history(opened(0), *_THREE, frame(2, 1), frame(4, 3), opened(5), frame(6, 1), frame(6, 2)),
        "BROKEN": history(opened(0), *_THREE, frame(2, 1), frame(4, 3), frame(5, 2)),
        "UNKNOWN": history(opened(0), *_THREE),
    },
    "frames_are_lost_as_predicted": {
        "HOLDS": history(case("lost", "core", 200, 200)),
        "BROKEN": history(case("lost", "core", 200, 0)),
        "UNKNOWN": history(case("lost", "pubsub", 0, 0)),
    },
    "sockets_end_as_predicted": {
        "HOLDS": history(case("socket_end", "core", "closed", "closed")),
        "BROKEN": history(case("socket_end", "core", "closed", "open")),
        "UNKNOWN": history(case("socket_end", "pubsub", "open", "open")),
    },
    "servers_stop_as_predicted": {
        "HOLDS": history(case("server_end", "daphne TERM", _NOTHING_LEFT, _NOTHING_LEFT)),
        "BROKEN": history(case("server_end", "daphne TERM", _NOTHING_LEFT, _NOTHING_LEFT | {"disconnect": 10})),
        "UNKNOWN": history(case("server_end", "daphne KILL", _NOTHING_LEFT, _NOTHING_LEFT)),
    },
}
"""For each check: verdict -> a history that gives it."""
