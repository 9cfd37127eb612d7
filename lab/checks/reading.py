"""Checks of the final read: did it reach the end of every partition, and who served it. Other checks ask here too."""

from collections.abc import Set
from itertools import pairwise
from math import inf
from typing import Any

from lab.history import History, Op
from lab.observed import ClusterSeen, clusters
from lab.verdict import MOST_WITNESSES, Finding, Verdict

WATCHER_LAG = 1.0
"""Seconds by which the watcher, or a fetch under way, may be behind a change of leader (it asks every 0.1 s)."""


def the_read_reached_the_high_watermark(history: History) -> Finding:
    """HOLDS when the last read of every partition, after the workload ended, stood at or past its high watermark.

    Never BROKEN: a read that stopped early proves nothing, for or against the claim.
    """
    short = unread_partitions(history)
    total = len(partitions(history))
    counts = {"partitions": total, "read_to_the_end": total - len(short), "records": len(history.of("read", "ok"))}
    if short or not total:
        says = short[0]["why"] if short else "No partition is known, and none was read."
        return Finding("the_read_reached_the_high_watermark", Verdict.UNKNOWN, counts, short[:MOST_WITNESSES], says)
    says = f"The final read reached the high watermark of {total} of {total} partitions ({counts['records']} records)."
    return Finding("the_read_reached_the_high_watermark", Verdict.HOLDS, counts, [], says)


def reads_come_from_the_leader(history: History) -> Finding:
    """HOLDS when every read whose broker is known was served by the partition's leader of that time.

    Only reads while the partition had two replicas in sync count: with one there is nobody else to ask. `broker` in a
    read is a node's name, or the number that ends it (broker 1 is "kafka-1").
    """
    judged, offenders = 0, []
    observations = clusters(history)
    at = -1
    for read in history.of("read", "ok"):
        while at + 1 < len(observations) and observations[at + 1].t <= read.t:
            at += 1
        broker, partition = read.value.get("broker"), read.value["partition"]
        if broker is None or at < 0 or not _has_a_choice(observations[at], partition):
            continue
        judged += 1
        if not any(_is_node(broker, leader) for leader in _leaders_around(observations, at, read.t, partition)):
            offenders.append(_witness(read) | {"broker": broker, "leader": observations[at].leader(partition)})
    counts = {"judged": judged, "reads": len(history.of("read", "ok")), "not_from_the_leader": len(offenders)}
    if offenders:
        says = f"{len(offenders)} of {judged} reads were served by a broker that did not lead the partition."
        verdict = Verdict.BROKEN
    elif judged:
        says, verdict = f"All {judged} reads were served by the leader of their partition.", Verdict.HOLDS
    else:
        says, verdict = "No read tells which broker served it while two replicas were in sync.", Verdict.UNKNOWN
    return Finding("reads_come_from_the_leader", verdict, counts, offenders[:MOST_WITNESSES], says)


def first_reads(history: History) -> dict[str, Op]:
    """Every id that was read, with its first read. Records without an id are not here."""
    return history.derived(_first_reads)


def finally_read(history: History) -> Set[str]:
    """The ids that the last read found. What an earlier read of the same partition saw may be gone."""
    return history.derived(_finally_read)


def unread_partitions(history: History) -> list[dict[str, Any]]:
    """Every partition that the last read did not read to its end: {"partition", "why": a sentence}."""
    return history.derived(_unread_partitions)


def partitions(history: History) -> list[int]:
    """The topic's partitions as its note says, and any other that was written to or read."""
    return history.derived(_partitions)


def _first_reads(history: History) -> dict[str, Op]:
    found: dict[str, Op] = {}
    for read in history.of("read", "ok"):
        if read.id is not None:
            found.setdefault(read.id, read)
    return found


def _finally_read(history: History) -> Set[str]:
    ends: dict[int, list[float]] = {}
    for end in history.of("read_end", "ok", "fail"):
        ends.setdefault(end.value["partition"], []).append(end.t)
    began = {partition: times[-2] for partition, times in ends.items() if len(times) > 1}
    if not began:
        return first_reads(history).keys()
    return {
        read.id
        for read in history.of("read", "ok")
        if read.id is not None and read.t > began.get(read.value["partition"], -inf)
    }


def _partitions(history: History) -> list[int]:
    known = set(range((history.note("topic") or {}).get("partitions", 0)))
    known.update(line.value["partition"] for line in history.of("append", "ok"))
    known.update(line.value["partition"] for line in history.of("read_end", "ok", "fail"))
    return sorted(known)


def _unread_partitions(history: History) -> list[dict[str, Any]]:
    last = {line.value["partition"]: line for line in history.of("read_end", "ok", "fail")}
    ended = max((line.t for line in history.of("workload_ended", "note")), default=-inf)
    found = []
    for partition in partitions(history):
        if why := _why_unread(last.get(partition), ended):
            found.append({"partition": partition, "why": f"Partition {partition} {why}."})
    return found


def _why_unread(end: Op | None, workload_ended: float) -> str | None:
    if end is None:
        return "was not read to its end"
    if end.kind == "fail":
        return f"could not be read to its end: {end.error}"
    if end.value["position"] < end.value["high_watermark"]:
        return f"was read up to offset {end.value['position']} of {end.value['high_watermark']} only"
    if end.t < workload_ended:
        return "was read before the workload had ended, not after"
    return None


def _has_a_choice(cluster: ClusterSeen, partition: int) -> bool:
    seen = cluster.partitions.get(partition)
    return seen is not None and len(seen.in_sync) >= 2


def _leaders_around(observations: list[ClusterSeen], at: int, t: float, partition: int) -> list[str | None]:
    """The leader at that time, and the one before or after when the change was within the watcher's lag."""
    around = [observations[at]]
    for earlier, later in pairwise(observations[max(at - 1, 0) : at + 2]):
        if abs(later.t - t) <= WATCHER_LAG:
            around += [earlier, later]
    return [cluster.leader(partition) for cluster in around]


def _is_node(broker: Any, node: str | None) -> bool:
    return node is not None and str(broker) in (node, node.rpartition("-")[2])


def _witness(read: Op) -> dict[str, Any]:
    return {"id": read.id, "partition": read.value["partition"], "offset": read.value["offset"]}
