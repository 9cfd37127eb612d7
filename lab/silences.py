"""How long writes paused: the silences between acknowledgements, each laid to the part of the run that caused it.

A *silence* is the time between two acknowledgements of one partition that follow each other. The longest one is what a
fault costs; the first acknowledgement after a fault says little, since it may have been under way already.

A run is cut into windows: the baseline, then for each fault the fault window (it began, until its mending) and the
return window (its mending, until the next fault or the end of the workload). Faults that overlap share their windows.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from math import inf
from typing import Literal

from lab.history import History
from lab.observed import fault_windows


@dataclass(frozen=True, slots=True)
class Silence:
    """Start and end in seconds since the run began."""

    start: float
    end: float
    is_open: bool = False
    """It ends with the workload, while appends were still failing: it was at least this long."""

    @property
    def seconds(self) -> float:
        """To the millisecond."""
        return round(self.end - self.start, 3)


@dataclass(slots=True)
class Window:
    """A part of the run, from `start` to the start of the next one."""

    kind: Literal["baseline", "fault", "return"]
    start: float
    fault_names: list[str] = field(default_factory=list)
    longest: Silence | None = None
    """The longest silence that is laid to this part."""


def windows(history: History, partition: int) -> list[Window]:
    """Baseline, then a fault and a return window for each fault, each with the longest silence of the partition.

    A silence belongs to the window in which it starts, however long it lasts: mending is not what silenced the writers.
    One that starts before a fault is the fault's all the same when most of it comes after the fault began: the last
    acknowledgement before a kill is always a little older than the kill.
    """
    cut = _cut(history)
    at = 0
    for silence in silences(history, partition):
        while at + 1 < len(cut) and cut[at + 1].start <= silence.start:
            at += 1
        window = cut[at]
        if at + 1 < len(cut) and cut[at + 1].kind == "fault":
            begins = cut[at + 1].start
            if silence.end - begins > begins - silence.start:
                window = cut[at + 1]
        window.longest = longer(window.longest, silence)
    return cut


def silences(history: History, partition: int) -> Iterator[Silence]:
    """Every silence of a partition from its first acknowledgement on, in order.

    The last one is open. There is none when every append after the last acknowledgement was acknowledged elsewhere, or
    there was no such append: then the workload was over, and nobody waited.
    """
    acknowledged = acknowledgements(history).get(partition, [])
    for start, end in pairwise(acknowledged):
        yield Silence(start, end)
    if not acknowledged:
        return
    last, ended = acknowledged[-1], history.of("workload_ended", "note")
    not_acknowledged = history.of("append", "fail", "info")[-1:]
    if not ended or any(end.t > last for end in not_acknowledged):
        yield Silence(last, max(last, (ended or history)[-1].t), is_open=True)


def acknowledgements(history: History) -> dict[int, list[float]]:
    """When appends to each partition were acknowledged."""
    return history.derived(_acknowledgements)


def longer(one: Silence | None, other: Silence | None) -> Silence | None:
    """The longer of two; the first when they are equal, the other when one is missing."""
    if one is None or other is None:
        return one or other
    return other if other.end - other.start > one.end - one.start else one


def _acknowledgements(history: History) -> dict[int, list[float]]:
    found: dict[int, list[float]] = {}
    for ack in history.of("append", "ok"):
        found.setdefault(ack.value["partition"], []).append(ack.t)
    return found


def _cut(history: History) -> list[Window]:
    cut = [Window("baseline", -inf)]
    for broken in fault_windows(history):
        names = [fault.name for fault in broken.faults]
        cut += [Window("fault", broken.start, names), Window("return", broken.end)]
    return cut
