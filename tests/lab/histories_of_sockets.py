"""For every check of a socket's life a history that makes it HOLD, one BROKEN and one UNKNOWN."""

from collections.abc import Mapping
from typing import Any

from lab import checks
from lab.history import History, Op
from lab.verdict import Check
from tests.lab.lines import history, line

AS_ASKED: Mapping[str, Check] = {
    "the_scope_is_as_the_table_says": checks.the_scope_is_as_the_table_says(ways=["bare at daphne"]),
    "the_scope_carries_what_the_client_sent": checks.the_scope_carries_what_the_client_sent(ways=["path"]),
    "every_handler_has_the_scope": checks.every_handler_has_the_scope(ways=["websocket.connect"]),
    "the_sample_ends_as_predicted": checks.the_sample_ends_as_predicted(ways=["notes"]),
    "sockets_open_as_predicted": checks.sockets_open_as_predicted(ways=["ticket"]),
    "sockets_end_with_the_login": checks.sockets_end_with_the_login(ways=["scope"]),
    "nothing_private_leaks": checks.nothing_private_leaks(ways=["full"]),
    "handlers_overlap_as_predicted": checks.handlers_overlap_as_predicted(ways=["sync", "async"]),
    "bystanders_go_on_as_predicted": checks.bystanders_go_on_as_predicted(ways=["blocking"]),
}
"""Factories as they were called for CASES."""


def seen(op: str, way: str, predicted: Any, found: Any, **more: Any) -> Op:
    return line(1, "client", "observe", op, f"{way}, one", {"way": way, "predicted": predicted, "seen": found} | more)


def scope(id: str, channel: str | None, **keys: str) -> Op:
    told = {name.replace("__", "."): value for name, value in keys.items()}
    return line(1, "client", "observe", "scope", id, {"way": id, "channel": channel, "keys": told})


def private(id: str, way: str, may: bool, frames: int) -> Op:
    value = {"way": way, "of": "ada", "may": may, "frames": frames, "published": 5}
    return line(1, "client", "observe", "private", id, value)


def ladder(style: str, predicted: int, at_once: int) -> Op:
    return seen("ladder", style, predicted, at_once, last=0.5 * 4 / at_once)


_OWNER = private("own page", "full", True, 5)

CASES: Mapping[str, Mapping[str, History | str]] = {
    "the_scope_is_as_the_table_says": {
        "HOLDS": history(seen("scope_key", "bare at daphne", "str by server", "str by server")),
        "BROKEN": history(seen("scope_key", "bare at daphne", "str by server", None)),
        "UNKNOWN": history(seen("scope_key", "bare at uvicorn", "str by server", "str by server")),
    },
    "the_scope_carries_what_the_client_sent": {
        "HOLDS": history(seen("carried", "path", "/ws/", "/ws/")),
        "BROKEN": history(seen("carried", "path", "/ws/", "/")),
        "UNKNOWN": history(seen("carried", "kwargs", {}, {})),
    },
    "every_handler_has_the_scope": {
        "HOLDS": history(seen("handled", "websocket.connect", {"event": ["type"]}, {"event": ["type"]})),
        "BROKEN": history(seen("handled", "websocket.connect", {"event": ["type"]}, {"event": ["type", "scope"]})),
        "UNKNOWN": history(),
    },
    "the_sample_ends_as_predicted": {
        "HOLDS": history(seen("sample", "notes", "http 500", "http 500")),
        "BROKEN": history(seen("sample", "notes", "http 500", "in")),
        "UNKNOWN": history(seen("sample", "today", "in", "in")),
    },
    "sockets_open_as_predicted": {
        "HOLDS": history(seen("asked", "ticket", "in", "in"), seen("asked", "expired", "close 4401", "close 4401")),
        "BROKEN": history(seen("asked", "ticket", "in", "in"), seen("asked", "expired", "close 4401", "in")),
        "UNKNOWN": history(seen("asked", "expired", "close 4401", "close 4401")),
    },
    "sockets_end_with_the_login": {
        "HOLDS": history(seen("logged_out", "scope", "goes on", "goes on")),
        "BROKEN": history(seen("logged_out", "scope", "close 4401", "goes on")),
        "UNKNOWN": history(seen("logged_out", "group", "close 4401", "close 4401")),
    },
    "no_scope_key_names_the_connection": {
        "HOLDS": history(scope("a", "specific.1!a", path="/ws/"), scope("b", "specific.1!b", path="/ws/")),
        "BROKEN": history(scope("a", "specific.1!a", websocket__connecting="7"), scope("b", "specific.1!b")),
        "UNKNOWN": history(scope("a", "specific.1!a", path="/ws/")),
    },
    "nothing_private_leaks": {
        "HOLDS": history(_OWNER, private("evil.test", "full", False, 0), private("evil.test", "off", False, 5)),
        "BROKEN": history(_OWNER, private("evil.test", "full", False, 1)),
        "UNKNOWN": history(private("own page", "full", True, 4), private("evil.test", "full", False, 0)),
    },
    "handlers_overlap_as_predicted": {
        "HOLDS": history(ladder("sync", 1, 1), ladder("async", 4, 4)),
        "BROKEN": history(ladder("sync", 1, 1), ladder("async", 4, 1)),
        "UNKNOWN": history(ladder("sync", 1, 1)),
    },
    "bystanders_go_on_as_predicted": {
        "HOLDS": history(seen("bystander", "blocking", "stands", "stands", longest=2.0)),
        "BROKEN": history(seen("bystander", "blocking", "stands", "goes on", longest=0.1)),
        "UNKNOWN": history(seen("bystander", "async", "goes on", "goes on", longest=0.1)),
    },
}
"""For each check: verdict -> a history that gives it."""
