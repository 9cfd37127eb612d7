"""Checks of messages that wait in a queue until they expire, and are then dead-lettered to whoever wants them.

`publish` invoke says in its value "group" (which way of waiting was tried) and "ttl", in seconds; `receive` ok is the
message after its wait. The lines' own times tell how long it was: it began between the invoke and its confirm.
"""

import itertools
from dataclasses import dataclass

from lab.history import History
from lab.verdict import MOST_WITNESSES, Check, Finding, Verdict, named
from lab.words import _, later

OWN_TIME = (
    later("{off} of {messages} did not come at their own time: {first} after {waited} s."),
    later("All {messages} came at their own time, the latest {late:.2f} s after its own."),
)
THE_LONGEST = (
    later("{off} of {messages} did not come at the time of the longest before them: {first} after {waited} s."),
    later("All {messages} came at the time of the longest before them, the latest {late:.2f} s after its own."),
)
"""What is said when some came at another time than was due, and when none did."""


@dataclass(frozen=True, slots=True)
class _Wait:
    id: str
    group: str
    sent: float
    safe: float
    ttl: float
    came: float | None


def messages_expire_on_time(group: str, within: float = 1.0) -> Check:
    """Every message of `group` came back after its own time, at most `within` seconds late."""

    @named("messages_expire_on_time")
    def check(history: History) -> Finding:
        waits = [wait for wait in _waits(history) if wait.group == group]
        due = [(wait.sent + wait.ttl, wait.safe + wait.ttl) for wait in waits]
        return _judge("messages_expire_on_time", waits, due, within, OWN_TIME)

    return check


def expiry_waits_for_the_head(group: str, within: float = 1.0) -> Check:
    """In `group`, one queue, a message came back only after all that were before it: nothing expires behind them."""

    @named("expiry_waits_for_the_head")
    def check(history: History) -> Finding:
        waits = [wait for wait in _waits(history) if wait.group == group]
        first = itertools.accumulate((wait.sent + wait.ttl for wait in waits), max)
        last = itertools.accumulate((wait.safe + wait.ttl for wait in waits), max)
        due = list(zip(first, last, strict=True))
        return _judge("expiry_waits_for_the_head", waits, due, within, THE_LONGEST)

    return check


def _waits(history: History) -> list[_Wait]:
    """In the order of publishing."""
    came = {line.id: line.t for line in history.of("receive", "ok")}
    confirmed = {line.id: line.t for line in history.of("publish", "ok")}
    return [
        _Wait(
            line.id or "",
            line.value["group"],
            line.t,
            confirmed.get(line.id, line.t),
            line.value["ttl"],
            came.get(line.id),
        )
        for line in history.of("publish", "invoke")
    ]


def _judge(
    name: str, waits: list[_Wait], due: list[tuple[float, float]], within: float, sentences: tuple[str, str]
) -> Finding:
    """due: for each message the earliest and the latest moment at which it may expire."""
    missing = [wait for wait in waits if wait.came is None]
    off = [
        {"id": wait.id, "ttl": wait.ttl, "due": round(first - wait.sent, 3), "waited": round(wait.came - wait.sent, 3)}
        for wait, (first, last) in zip(waits, due, strict=True)
        # The clock of the broker ticks in milliseconds.
        if wait.came is not None and not first - 0.05 <= wait.came <= last + within
    ]
    late = [wait.came - wait.sent - wait.ttl for wait in waits if wait.came is not None]
    counts = {"messages": len(waits), "off": len(off), "latest": round(max(late), 3) if late else None}
    if off:
        says = _(sentences[0]).format(**counts, first=off[0]["id"], waited=off[0]["waited"])
        return Finding(name, Verdict.BROKEN, counts, off[:MOST_WITNESSES], says)
    if missing or not waits:
        says = _("{missing} of {messages} messages never came back, so their wait is not known.")
        return Finding(name, Verdict.UNKNOWN, counts, [], says.format(**counts, missing=len(missing)))
    says = _(sentences[1]).format(**counts, late=max(late))
    return Finding(name, Verdict.HOLDS, counts, [], says)
