"""Checks of who leads and who follows, by what the watcher saw of the cluster (observations named `cluster`)."""

from collections import Counter
from math import inf
from typing import Any

from lab.history import History
from lab.observed import (
    FaultWindow,
    cluster_at,
    clusters,
    fault_windows,
    moves,
    nodes,
    why_cut_short,
    why_no_fault_was_felt,
)
from lab.verdict import MOST_WITNESSES, Check, Finding, Verdict, named
from lab.words import _, later

NOT_WATCHED = later("Nobody watched the cluster.")


def the_leader_moved(partition: int = 0) -> Check:
    """While something was broken the partition got another leader, and that one had been in sync when the fault began.

    With several faults one after the other this holds for each. In a control run: the leader never changed.
    """

    @named("the_leader_moved")
    def check(history: History) -> Finding:
        seen = moves(history, partition)
        counts = {"moves": len(seen), "observations": len(clusters(history))}
        verdict, says = _judge_moves(history, partition, seen)
        return Finding("the_leader_moved", verdict, counts, seen[:MOST_WITNESSES], says)

    return check


def _judge_moves(history: History, partition: int, seen: list[dict[str, Any]]) -> tuple[Verdict, str]:
    if not any(cluster.leader(partition) for cluster in clusters(history)):
        return Verdict.UNKNOWN, _(NOT_WATCHED)
    if history.variant == "control":
        if seen:
            says = _("Nothing was touched, yet partition {partition} changed its leader: from {from} to {to}.")
            return Verdict.BROKEN, says.format(partition=partition, **seen[0])
        says = _("Partition {partition} kept its leader, as it should where nothing is touched.")
        return Verdict.HOLDS, says.format(partition=partition)
    if why := why_no_fault_was_felt(history):
        return Verdict.UNKNOWN, why
    said = [_judge_window(history, partition, seen, window) for window in fault_windows(history)]
    for verdict in (Verdict.BROKEN, Verdict.UNKNOWN):
        if found := [says for one, says in said if one is verdict]:
            return verdict, found[0]
    return Verdict.HOLDS, " ".join(says for one, says in said)


def _judge_window(
    history: History, partition: int, seen: list[dict[str, Any]], window: FaultWindow
) -> tuple[Verdict, str]:
    before = cluster_at(history, window.start)
    if before is None or before.leader(partition) is None:
        return Verdict.UNKNOWN, _("Who led partition {partition} before the fault was not seen.").format(
            partition=partition
        )
    move = next((move for move in seen if window.start <= move["t"] <= window.end), None)
    if move is None:
        says = _("{leader} led partition {partition} before the fault and all through.")
        return Verdict.BROKEN, says.format(leader=before.leader(partition), partition=partition)
    verdict = Verdict.HOLDS
    says = _(
        "Partition {partition} moved from {from} to {to}, {seconds:.2f} s after the fault began; "
        "that one had been in sync."
    )
    if move["to"] not in before.partitions[partition].in_sync:
        verdict = Verdict.BROKEN
        says = _(
            "Partition {partition} moved from {from} to {to}, {seconds:.2f} s after the fault began, "
            "but that one had not been in sync."
        )
    return verdict, says.format(partition=partition, **move, seconds=move["t"] - window.start)


def leaders_go_and_come_back(history: History) -> Finding:
    """The partitions' leaders were spread evenly, then all on one node, and in the end spread evenly again.

    What lies between these three is passed over. Evenly: no node leads more than one partition more than another. In a
    control run the leaders stay spread evenly all the time. `one_sided_after_return` counts the seconds, to the tenth,
    for which one node led everything although every replica was in sync again.
    """
    name = "leaders_go_and_come_back"
    everybody = nodes(history)
    story = _story(history, everybody)
    if not story:
        return Finding(name, Verdict.UNKNOWN, {}, [], _(NOT_WATCHED))
    counts = {"changes": len(story) - 1, "one_sided_after_return": _seconds_one_sided_in_sync(history)}
    witnesses = [{"t": t, "leads": dict(zip(everybody, led, strict=True))} for t, led in story[:MOST_WITNESSES]]
    says = _("Partitions led by {nodes}: {story}.").format(
        nodes=", ".join(everybody), story=" > ".join("/".join(map(str, led)) for t, led in story)
    )
    if history.variant == "control":
        holds, why = all(_is_even(led) for t, led in story), None
    else:
        holds = _goes_and_comes_back([led for t, led in story])
        why = why_no_fault_was_felt(history) or (None if holds else why_cut_short(history))
    if why:
        return Finding(name, Verdict.UNKNOWN, counts, witnesses, why)
    return Finding(name, Verdict.HOLDS if holds else Verdict.BROKEN, counts, witnesses, says)


def _story(history: History, everybody: list[str]) -> list[tuple[float, list[int]]]:
    """When the numbers of partitions that each node leads changed; moments in which one has no leader are left out."""
    story: list[tuple[float, list[int]]] = []
    for cluster in clusters(history):
        leaders = Counter(partition.leader for partition in cluster.partitions.values())
        led = [leaders[node] for node in everybody]
        if leaders and not leaders[None] and (not story or story[-1][1] != led):
            story.append((cluster.t, led))
    return story


def _goes_and_comes_back(led: list[list[int]]) -> bool:
    even = [number for number, one in enumerate(led) if _is_even(one)]
    one_sided = [number for number, one in enumerate(led) if max(one) == sum(one)]
    return bool(even) and even[-1] == len(led) - 1 and any(even[0] < number < even[-1] for number in one_sided)


def _is_even(led: list[int]) -> bool:
    return max(led) - min(led) <= 1


def _seconds_one_sided_in_sync(history: History) -> float:
    seen = clusters(history)
    mended = min((window.end for window in fault_windows(history)), default=inf)
    untils = [cluster.t for cluster in seen[1:]] + [history[-1].t]
    return round(
        sum(
            until - max(cluster.t, mended)
            for cluster, until in zip(seen, untils, strict=True)
            if until > mended and cluster.is_in_sync() and len({p.leader for p in cluster.partitions.values()}) == 1
        ),
        1,
    )
