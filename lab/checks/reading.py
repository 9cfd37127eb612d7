"""Checks of the final read: did it reach the end of every partition, and who served it. Other checks ask here too."""

from collections.abc import Set
from math import inf
from typing import Any

from lab.history import History, Op
from lab.observed import ClusterSeen, clusters
from lab.silences import acknowledgements
from lab.verdict import MOST_WITNESSES, Finding, Verdict
from lab.words import _

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
        says = short[0]["why"] if short else _("No partition is known, and none was read.")
        return Finding("the_read_reached_the_high_watermark", Verdict.UNKNOWN, counts, short[:MOST_WITNESSES], says)
    says = _(
        "The final read reached the high watermark of {partitions} of {partitions} partitions ({records} records)."
    )
    return Finding("the_read_reached_the_high_watermark", Verdict.HOLDS, counts, [], says.format(**counts))


def reads_come_from_the_leader(history: History) -> Finding:
    """HOLDS when every read whose broker is known was served by the partition's leader of that time.

    Only reads while the partition had two replicas in sync count: with one there is nobody else to ask. `broker` in a
    read is a node's name, or the number that ends it (broker 1 is "kafka-1").
    """
    judged, offenders = 0, []
    observations = _Leaders(clusters(history))
    for read in history.of("read", "ok"):
        broker, partition = read.value.get("broker"), read.value["partition"]
        if broker is None or (allowed := observations.allowed(partition, read.t)) is None:
            continue
        judged += 1
        if str(broker) not in allowed:
            offenders.append(_witness(read) | {"broker": broker, "leaders": sorted(allowed)})
    counts = {"judged": judged, "reads": len(history.of("read", "ok")), "not_from_the_leader": len(offenders)}
    if offenders:
        says = _("Served by a broker that did not lead the partition: {not_from_the_leader} of {judged} reads.")
        verdict = Verdict.BROKEN
    elif judged:
        says, verdict = _("Served by the leader of their partition: {judged} of {judged} reads."), Verdict.HOLDS
    else:
        says, verdict = _("No read tells which broker served it while two replicas were in sync."), Verdict.UNKNOWN
    return Finding("reads_come_from_the_leader", verdict, counts, offenders[:MOST_WITNESSES], says.format(**counts))


def first_reads(history: History) -> dict[str, Op]:
    """Every id that was read, with its first read. Records without an id are not here."""
    return history.derived(_first_reads)


def finally_read(history: History) -> Set[str]:
    """The ids that the last read found. What an earlier read of the same partition saw may be gone."""
    return history.derived(_finally_read)


def unread_partitions(history: History) -> list[dict[str, Any]]:
    """Every partition that the last read did not read to its end: {"partition", "why": a sentence}."""
    last, ended = history.derived(_ends)
    whys = {partition: _why_unread(partition, last.get(partition), ended) for partition in partitions(history)}
    return [{"partition": partition, "why": why} for partition, why in whys.items() if why]


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
    known.update(acknowledgements(history))
    known.update(line.value["partition"] for line in history.of("read_end", "ok", "fail"))
    return sorted(known)


def _ends(history: History) -> tuple[dict[int, Op], float]:
    """How the last read of each partition ended, and when the workload did."""
    last = {line.value["partition"]: line for line in history.of("read_end", "ok", "fail")}
    return last, max((line.t for line in history.of("workload_ended", "note")), default=-inf)


def _why_unread(partition: int, end: Op | None, workload_ended: float) -> str | None:
    if end is None:
        return _("Partition {partition} was not read to its end.").format(partition=partition)
    if end.kind == "fail":
        says = _("Partition {partition} could not be read to its end: {error}.")
        return says.format(partition=partition, error=end.error)
    position, high_watermark = end.value["position"], end.value["high_watermark"]
    if position < high_watermark:
        says = _("Partition {partition} was read up to offset {position} of {high_watermark} only.")
        return says.format(partition=partition, position=position, high_watermark=high_watermark)
    if end.t < workload_ended:
        return _("Partition {partition} was read before the workload had ended, not after.").format(partition=partition)
    return None


class _Leaders:
    """Who may have served a read. Asked with times that never go back, so it only ever moves on."""

    def __init__(self, observations: list[ClusterSeen]) -> None:
        self._all = observations
        self._first, self._end = 0, 0
        self._allowed: dict[int, Set[str] | None] = {}

    def allowed(self, partition: int, t: float) -> Set[str] | None:
        """Every leader that was seen in force at that time or within the watcher's lag of it.

        Each by its name and by the number that ends it. None where nothing was seen, and while the partition has fewer
        than two replicas in sync.
        """
        first, end, seen = self._first, self._end, self._all
        while end < len(seen) and seen[end].t - WATCHER_LAG <= t:
            end += 1
        while first + 1 < end and seen[first + 1].t + WATCHER_LAG <= t:
            first += 1
        if (first, end) != (self._first, self._end):
            self._first, self._end = first, end
            self._allowed.clear()
        if partition not in self._allowed:
            self._allowed[partition] = _leaders_with_a_choice(seen[first:end], partition)
        return self._allowed[partition]


def _leaders_with_a_choice(observations: list[ClusterSeen], partition: int) -> Set[str] | None:
    seen = [cluster.partitions[partition] for cluster in observations if partition in cluster.partitions]
    if not seen or any(len(one.in_sync) < 2 for one in seen):
        return None
    leaders = [one.leader for one in seen if one.leader]
    return {*leaders, *(leader.rpartition("-")[2] for leader in leaders)}


def _witness(read: Op) -> dict[str, Any]:
    return {"id": read.id, "partition": read.value["partition"], "offset": read.value["offset"]}
