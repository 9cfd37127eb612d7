"""Checks of where the copies of a partition lie and whether they keep up, by what the watcher saw of the cluster."""

from collections import Counter
from typing import Any

from lab.history import History
from lab.observed import ClusterSeen, clusters, faults, nodes, why_cut_short
from lab.verdict import MOST_WITNESSES, Finding, Verdict
from lab.words import _, later

NOT_WATCHED = later("Nobody watched the cluster.")


def leader_and_follower_are_on_different_brokers(history: History) -> Finding:
    """In every observation each partition has its number of copies, no two on one broker, and one of them leads.

    UNKNOWN where the topic keeps a single copy: there is no follower.
    """
    name = "leader_and_follower_are_on_different_brokers"
    factor = (history.note("topic") or {}).get("replication_factor", 2)
    offenders = [
        {"t": cluster.t, "partition": number, "leader": seen.leader, "replicas": seen.replicas}
        for cluster in clusters(history)
        for number, seen in cluster.partitions.items()
        if len(set(seen.replicas)) != factor
        or len(seen.replicas) != factor
        or seen.leader not in (None, *seen.replicas)
    ]
    counts = {"observations": len(clusters(history)), "replication_factor": factor, "offences": len(offenders)}
    if not clusters(history) or factor < 2:
        single = _("The topic has a replication factor of {factor}.").format(factor=factor)
        says = single if factor < 2 else _(NOT_WATCHED)
        return Finding(name, Verdict.UNKNOWN, counts, [], says)
    if offenders:
        says = _("Partition {partition} lies on {replicas}, not on {factor} brokers.")
        says = says.format(**offenders[0], factor=factor)
        return Finding(name, Verdict.BROKEN, counts, offenders[:MOST_WITNESSES], says)
    says = _("In {observations} observations every partition had {factor} copies on {factor} brokers.")
    return Finding(name, Verdict.HOLDS, counts, [], says.format(**counts, factor=factor))


def partitions_are_spread_evenly(history: History) -> Finding:
    """In every observation each broker is the preferred leader of as many partitions as any other, give or take one.

    UNKNOWN with a single broker, or with fewer partitions than brokers.
    """
    name = "partitions_are_spread_evenly"
    everybody = nodes(history)
    spreads = [_preferred(cluster, everybody) for cluster in clusters(history)]
    uneven: list[dict[str, Any]] = [
        {"t": cluster.t, "preferred": spread}
        for cluster, spread in zip(clusters(history), spreads, strict=True)
        if max(spread.values()) - min(spread.values()) > 1
    ]
    counts = {"observations": len(spreads), "brokers": len(everybody), "uneven": len(uneven)}
    if not spreads or len(everybody) < 2 or sum(spreads[-1].values()) < len(everybody):
        too_few = _("There are too few brokers or partitions to spread anything.")
        says = too_few if spreads else _(NOT_WATCHED)
        return Finding(name, Verdict.UNKNOWN, counts, [], says)
    if uneven:
        return Finding(name, Verdict.BROKEN, counts, uneven[:MOST_WITNESSES], _tell_spread(uneven[0]["preferred"]))
    return Finding(name, Verdict.HOLDS, counts, [], _tell_spread(spreads[-1]))


def followers_stay_in_sync(history: History) -> Finding:
    """While nothing is broken every replica is in the in-sync set; after a fault it comes back.

    A fault excuses every time out of sync that starts before one session timeout after its mending: the controller may
    notice as late as that. It must end, though; when the script did not come to its end, that is UNKNOWN. The set
    shrinks by itself when a follower has not caught up for `replica.lag.time.max.ms` (30 s by default).
    """
    name = "followers_stay_in_sync"
    late = history.note("session_timeout") or 0.0
    broken = [] if history.variant == "control" else faults(history)
    episodes = _times_out_of_sync(history)
    offenders = [
        episode for episode in episodes if not any(f.began <= episode["from"] <= f.mended + late for f in broken)
    ]
    counts = {"observations": len(clusters(history)), "out_of_sync": len(episodes), "without_a_fault": len(offenders)}
    if not clusters(history):
        return Finding(name, Verdict.UNKNOWN, counts, [], _(NOT_WATCHED))
    if offenders:
        first = offenders[0]
        says = _("{nodes} was not in sync {seconds:.2f} s into the run; nothing was broken then.")
        says = says.format(nodes=", ".join(first["behind"]), seconds=first["from"])
        return Finding(name, Verdict.BROKEN, counts, offenders[:MOST_WITNESSES], says)
    if episodes and episodes[-1]["to"] is None:
        why = why_cut_short(history)
        behind = ", ".join(episodes[-1]["behind"])
        says = why or _("{nodes} was not in sync again when the run ended.").format(nodes=behind)
        return Finding(name, Verdict.UNKNOWN if why else Verdict.BROKEN, counts, episodes[-1:], says)
    came_back = _("Every follower stayed in sync, but for the faults, and came back.")
    says = came_back if episodes else _("Every follower stayed in sync.")
    return Finding(name, Verdict.HOLDS, counts, [], says)


def _times_out_of_sync(history: History) -> list[dict[str, Any]]:
    """Every time in which some replica was out of sync: {"from", "to" (None at the end), "behind": who at first}."""
    found: list[dict[str, Any]] = []
    for cluster in clusters(history):
        is_open = bool(found) and found[-1]["to"] is None
        if is_open and cluster.is_in_sync():
            found[-1]["to"] = cluster.t
        elif not is_open and not cluster.is_in_sync():
            behind = {node for seen in cluster.partitions.values() for node in set(seen.replicas) - set(seen.in_sync)}
            found.append({"from": cluster.t, "to": None, "behind": sorted(behind)})
    return found


def _preferred(cluster: ClusterSeen, everybody: list[str]) -> dict[str, int]:
    """How many partitions name each node as their preferred leader."""
    counted = Counter(seen.replicas[0] for seen in cluster.partitions.values() if seen.replicas)
    return {node: counted[node] for node in everybody}


def _tell_spread(spread: dict[str, int]) -> str:
    on_each = [_("{count} on {node}").format(count=count, node=node) for node, count in spread.items()]
    return _("Preferred leaders: {spread}.").format(spread=", ".join(on_each))
