"""Checks of messages that wait in a queue until they expire, and are then dead-lettered to whoever wants them.

`publish` invoke says in its value "group" (which way of waiting was tried) and "ttl", in seconds; `receive` ok is the
message after its wait. The lines' own times tell how long it was.
"""

import itertools
from dataclasses import dataclass

from lab.history import History
from lab.verdict import MOST_WITNESSES, Check, Finding, Verdict, named


@dataclass(frozen=True, slots=True)
class _Wait:
    id: str
    group: str
    sent: float
    ttl: float
    waited: float | None


def messages_expire_on_time(group: str, within: float = 1.0) -> Check:
    """Every message of `group` came back after its own time, at most `within` seconds late."""

    @named("messages_expire_on_time")
    def check(history: History) -> Finding:
        waits = [wait for wait in _waits(history) if wait.group == group]
        return _judge("messages_expire_on_time", waits, [wait.ttl for wait in waits], within, "their own time")

    return check


def expiry_waits_for_the_head(group: str, within: float = 1.0) -> Check:
    """In `group`, one queue, a message came back only after all that were before it: nothing expires behind them."""

    @named("expiry_waits_for_the_head")
    def check(history: History) -> Finding:
        waits = [wait for wait in _waits(history) if wait.group == group]
        ends = list(itertools.accumulate((wait.sent + wait.ttl for wait in waits), max))
        due = [end - wait.sent for end, wait in zip(ends, waits, strict=True)]
        return _judge("expiry_waits_for_the_head", waits, due, within, "the time of the longest before them")

    return check


def _waits(history: History) -> list[_Wait]:
    """In the order of publishing."""
    came = {line.id: line.t for line in history.of("receive", "ok")}
    found = []
    for line in history.of("publish", "invoke"):
        waited = came[line.id] - line.t if line.id in came else None
        found.append(_Wait(line.id or "", line.value["group"], line.t, line.value["ttl"], waited))
    return found


def _judge(name: str, waits: list[_Wait], due: list[float], within: float, what: str) -> Finding:
    missing = [wait for wait in waits if wait.waited is None]
    off = [
        {"id": wait.id, "ttl": wait.ttl, "due": round(after, 3), "waited": round(wait.waited, 3)}
        for wait, after in zip(waits, due, strict=True)
        # The clock of the broker ticks in milliseconds and begins a moment after ours.
        if wait.waited is not None and not after - 0.05 <= wait.waited <= after + within
    ]
    late = [wait.waited - wait.ttl for wait in waits if wait.waited is not None]
    counts = {"messages": len(waits), "off": len(off), "latest": round(max(late), 3) if late else None}
    if off:
        first = off[0]
        says = f"{len(off)} of {len(waits)} did not come at {what}: {first['id']} after {first['waited']} s."
        return Finding(name, Verdict.BROKEN, counts, off[:MOST_WITNESSES], says)
    if missing or not waits:
        says = f"{len(missing)} of {len(waits)} messages never came back, so their wait is not known."
        return Finding(name, Verdict.UNKNOWN, counts, [], says)
    says = f"All {len(waits)} came at {what}, the latest {max(late):.2f} s after its own."
    return Finding(name, Verdict.HOLDS, counts, [], says)
