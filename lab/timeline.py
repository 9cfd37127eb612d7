"""The story of each fault, in seconds: killed, fenced, elected, first write, mending, back in sync, leader again.

Pure: read from a History after the run, and printed under the verdict.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from math import inf

from lab.history import History
from lab.observed import UNTOUCHED, ClusterSeen, FaultSeen, cluster_at, clusters, fault_windows, faults
from lab.silences import longer, silences
from lab.words import later


@dataclass(frozen=True, slots=True)
class Event:
    """Something that followed the fault. `seconds` counts from the fault's begin; None when it was not seen.

    Whoever shows the name says it in the reader's language.
    """

    name: str
    seconds: float | None


@dataclass(frozen=True, slots=True)
class FaultTimeline:
    """One fault and what followed, as it came; what was not seen stands at the end."""

    fault: str
    node: str
    events: list[Event]


def timeline(history: History) -> list[FaultTimeline]:
    """One timeline for each fault of the run, in the order in which they began."""
    return [_timeline(history, fault) for fault in faults(history)]


def _timeline(history: History, fault: FaultSeen) -> FaultTimeline:
    """Seconds count from `began`, not from `applied`: a clean stop is over only long after its effect was seen.

    fenced: the node is no longer among the brokers. elected: every partition that it led has another leader. first
    write: the end of the silence that the election ended. back in sync: with every partition of which it holds a
    copy. leader again: of every partition that it led.
    """
    node, before = fault.node, cluster_at(history, fault.began)
    led = [number for number, seen in before.partitions.items() if seen.leader == node] if before else []
    after = cluster_at(history, fault.mending)
    until = min((window.start for window in fault_windows(history) if window.start > fault.began), default=inf)
    broken, mended = (fault.began, min(fault.mending, until)), (fault.mending, until)
    moments = {
        fault.name: fault.steps.get("applied"),
        later("fenced"): _first(history, broken, lambda seen: node not in seen.brokers),
        later("elected"): _first(history, broken, lambda seen: all(seen.leader(p) not in (node, None) for p in led)),
        later("first write"): None,
        later("mending"): fault.steps.get("mending"),
        later("back in sync"): _first(history, mended, lambda seen: _keeps_up(seen, node)),
        later("leader again"): _first(history, mended, lambda seen: all(seen.leader(p) == node for p in led)),
    }
    if not led:
        moments["elected"] = None
    if fault.name != UNTOUCHED:
        moments["first write"] = _first_write(history, fault, led, moments["elected"] or fault.mending)
    if moments["elected"] is None:
        moments["leader again"] = None
    if after and _keeps_up(after, node):
        moments["back in sync"] = None
    events = [Event(name, None if t is None else round(t - fault.began, 3)) for name, t in moments.items()]
    return FaultTimeline(fault.name, node, sorted(events, key=lambda e: inf if e.seconds is None else e.seconds))


def _first(history: History, between: tuple[float, float], condition: Callable[[ClusterSeen], bool]) -> float | None:
    return next((c.t for c in clusters(history) if between[0] <= c.t < between[1] and condition(c)), None)


def _first_write(history: History, fault: FaultSeen, led: list[int], elected: float) -> float | None:
    """The end of the longest silence that was under way at some time between the fault and the election."""
    ends = []
    for partition in led:
        near = (s for s in silences(history, partition) if s.end > fault.began and s.start <= elected)
        longest = reduce(longer, near, None)
        if longest is None or longest.is_open:
            return None
        ends.append(longest.end)
    return max(ends, default=None)


def _keeps_up(cluster: ClusterSeen, node: str) -> bool:
    copies = [seen for seen in cluster.partitions.values() if node in seen.replicas]
    return all(node in seen.in_sync for seen in copies)
