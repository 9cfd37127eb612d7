"""What the faults did and what the watcher saw, as a History tells it. Checks and timeline both build on this."""

from bisect import bisect_right
from dataclasses import dataclass
from math import inf
from typing import Any

import msgspec

from lab.history import History
from lab.words import _, later

UNTOUCHED = "untouched"
"""The fault that breaks nothing: a control run has no other."""

CUT_SHORT = {
    "crash": (later("The script failed."), later("The script failed: {why}.")),
    "ended_early": (later("The script ended early."), later("The script ended early: {why}.")),
    "interrupted": (later("The run was interrupted."), later("The run was interrupted: {why}.")),
}
"""Notes that say that a script did not come to its last line, and how that is told without and with a reason."""


@dataclass(frozen=True, slots=True)
class FaultSeen:
    """One fault and the moments of its steps, in seconds since the run began."""

    id: str
    name: str
    node: str
    steps: dict[str, float]
    """When a step was recorded (the first time): began, applied, felt, mending, mended, not_applied, not_felt."""
    why: str
    """The sentence that came with not_applied or not_felt, or nothing."""

    @property
    def began(self) -> float:
        """The last moment at which the node was certainly still whole."""
        return min(self.steps.values())

    @property
    def mending(self) -> float:
        """When its mending began; infinite when it never did."""
        return self.steps.get("mending", self.mended)

    @property
    def mended(self) -> float:
        """When it was proved to be mended; infinite when it never was."""
        return self.steps.get("mended", inf)


@dataclass(slots=True)
class FaultWindow:
    """From the first fault's begin to the last one's mending: one fault, or several that overlap."""

    faults: list[FaultSeen]
    start: float
    end: float


class PartitionSeen(msgspec.Struct, frozen=True):
    """A partition as the cluster's metadata describes it; the first of `replicas` is the preferred leader."""

    leader: str | None
    replicas: list[str]
    in_sync: list[str]


class ClusterSeen(msgspec.Struct, frozen=True):
    """One observation; it was true from `t` until the next one."""

    t: float
    brokers: list[str]
    partitions: dict[int, PartitionSeen]

    def leader(self, partition: int) -> str | None:
        """The node that leads the partition; None when there is none, or no such partition."""
        seen = self.partitions.get(partition)
        return seen.leader if seen else None

    def is_in_sync(self) -> bool:
        """Whether every replica of every partition is in sync."""
        return all(set(partition.in_sync) == set(partition.replicas) for partition in self.partitions.values())


def faults(history: History) -> list[FaultSeen]:
    """Every fault of the run, untouched ones too, in the order in which they began."""
    return history.derived(_faults)


def fault_windows(history: History) -> list[FaultWindow]:
    """The times in which something was broken, in order; they do not touch each other."""
    found: list[FaultWindow] = []
    for fault in faults(history):
        if found and fault.began <= found[-1].end:
            found[-1].faults.append(fault)
            found[-1].end = max(found[-1].end, fault.mending)
        else:
            found.append(FaultWindow([fault], fault.began, fault.mending))
    return found


def why_cut_short(history: History) -> str | None:
    """The sentence that says why the script did not come to its last line; None when it did."""
    for name, (without, because) in CUT_SHORT.items():
        for note in history.of(name, "note"):
            why = note.value or note.error
            return _(because).format(why=str(why).rstrip(".")) if why else _(without)
    if history.torn:
        return _("The history ends within a line: its writer was killed.")
    return None if history.of("end", "note") else _("The history ends before the run did.")


def clusters(history: History) -> list[ClusterSeen]:
    """Every observation of the cluster, in order."""
    return history.derived(_clusters)


def cluster_at(history: History, t: float) -> ClusterSeen | None:
    """The observation in force at a time; None before the first."""
    seen = clusters(history)
    at = bisect_right(seen, t, key=lambda cluster: cluster.t)
    return seen[at - 1] if at else None


def nodes(history: History) -> list[str]:
    """Every node that was seen as a broker or holds a replica, whether or not it is alive."""
    seen: set[str] = set()
    for cluster in clusters(history):
        seen.update(cluster.brokers, *(partition.replicas for partition in cluster.partitions.values()))
    return sorted(seen)


def moves(history: History, partition: int) -> list[dict[str, Any]]:
    """Every change of a partition's leader: {"t", "from", "to"}. Times without a leader are passed over."""
    found: list[dict[str, Any]] = []
    leader = None
    for cluster in clusters(history):
        now = cluster.leader(partition)
        if leader and now and now != leader:
            found.append({"t": cluster.t, "from": leader, "to": now})
        leader = now or leader
    return found


def why_no_fault_was_felt(history: History) -> str | None:
    """The sentence that says why the run shows nothing about its faults; None when each took hold and was felt."""
    seen = faults(history)
    if not seen:
        return _("No fault is in the history.")
    for fault in seen:
        if fault.name == UNTOUCHED:
            return _("{node} was left untouched, though this is not a control run.").format(node=fault.node)
        if "not_applied" in fault.steps or "applied" not in fault.steps:
            says = _("It is not proved that {node} was {fault} ({why}).")
            return _tell(fault, says if fault.why else _("It is not proved that {node} was {fault}."))
        if "not_felt" in fault.steps or "felt" not in fault.steps:
            says = _("{node} was {fault}, but no effect was seen ({why}).")
            return _tell(fault, says if fault.why else _("{node} was {fault}, but no effect was seen."))
    return None


def _tell(fault: FaultSeen, says: str) -> str:
    return says.format(node=fault.node, fault=_(fault.name), why=fault.why and _(fault.why).rstrip("."))


def _faults(history: History) -> list[FaultSeen]:
    seen: dict[str, FaultSeen] = {}
    why: dict[str, str] = {}
    for line in history:
        if line.kind != "fault":
            continue
        fault_id, step = line.id or line.op, line.value["step"]
        fault = seen.setdefault(fault_id, FaultSeen(fault_id, line.op, line.value["node"], {}, ""))
        fault.steps.setdefault(step, line.t)
        if step in ("not_applied", "not_felt"):
            why[fault_id] = line.value.get("what") or ""
    return [FaultSeen(f.id, f.name, f.node, f.steps, why.get(f.id, "")) for f in seen.values()]


def _clusters(history: History) -> list[ClusterSeen]:
    return [
        msgspec.convert({"t": line.t, **line.value}, ClusterSeen, str_keys=True)
        for line in history.of("cluster", "observe")
    ]
