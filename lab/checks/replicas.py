"""Checks of where the copies of a partition lie and whether they keep up, by what the watcher saw of the cluster."""

from collections import Counter
from collections.abc import Iterator
from math import inf
from typing import Any

from lab.history import History
from lab.observed import ClusterSeen, cluster_at, clusters, fault_windows, nodes
from lab.verdict import MOST_WITNESSES, Finding, Verdict

NOT_WATCHED = "Nobody watched the cluster."


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
        says = f"The topic has a replication factor of {factor}." if factor < 2 else NOT_WATCHED
        return Finding(name, Verdict.UNKNOWN, counts, [], says)
    if offenders:
        says = f"Partition {offenders[0]['partition']} lies on {offenders[0]['replicas']}, not on {factor} brokers."
        return Finding(name, Verdict.BROKEN, counts, offenders[:MOST_WITNESSES], says)
    says = f"In {counts['observations']} observations every partition had {factor} copies on {factor} brokers."
    return Finding(name, Verdict.HOLDS, counts, [], says)


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
        says = NOT_WATCHED if not spreads else "There are too few brokers or partitions to spread anything."
        return Finding(name, Verdict.UNKNOWN, counts, [], says)
    if uneven:
        return Finding(name, Verdict.BROKEN, counts, uneven[:MOST_WITNESSES], _tell_spread(uneven[0]["preferred"]))
    return Finding(name, Verdict.HOLDS, counts, [], _tell_spread(spreads[-1]))


def followers_stay_in_sync(history: History) -> Finding:
    """While nothing is broken every replica is in the in-sync set; after a fault it comes back and stays.

    From a fault's begin until all replicas are in sync after its mending nothing is asked. UNKNOWN when a fault was not
    mended. The set shrinks once a follower has not caught up for `replica.lag.time.max.ms` (30 s by default).
    """
    name = "followers_stay_in_sync"
    broken = [] if history.variant == "control" else fault_windows(history)
    seen = clusters(history)
    if not seen:
        return Finding(name, Verdict.UNKNOWN, {}, [], NOT_WATCHED)
    if broken and broken[-1].end == inf:
        return Finding(name, Verdict.UNKNOWN, {}, [], f"{broken[-1].faults[-1].node} was never mended.")
    offenders = []
    quiet_since = -inf
    for window in broken:
        offenders += _out_of_sync(history, quiet_since, window.start)
        quiet_since = next((t for t in _times_in_sync(history, window.end)), inf)
        if quiet_since == inf:
            offenders += _out_of_sync(history, seen[-1].t, inf)
    offenders += _out_of_sync(history, quiet_since, inf)
    counts = {"observations": len(seen), "out_of_sync": len(offenders)}
    if offenders:
        first = offenders[0]
        says = (
            f"{first['t']:.2f} s into the run {', '.join(first['behind'])} was not in sync though nothing was broken."
        )
        return Finding(name, Verdict.BROKEN, counts, offenders[:MOST_WITNESSES], says)
    says = "Every follower stayed in sync" + (", and came back after the fault." if broken else ".")
    return Finding(name, Verdict.HOLDS, counts, [], says)


def _times_in_sync(history: History, since: float) -> Iterator[float]:
    """The moments from `since` on at which every replica was, or came, in sync."""
    now = cluster_at(history, since)
    if now and now.is_in_sync():
        yield since
    yield from (cluster.t for cluster in clusters(history) if cluster.t >= since and cluster.is_in_sync())


def _out_of_sync(history: History, since: float, until: float) -> list[dict[str, Any]]:
    return [
        {"t": cluster.t, "partition": number, "behind": sorted(set(seen.replicas) - set(seen.in_sync))}
        for cluster in clusters(history)
        if since <= cluster.t < until
        for number, seen in cluster.partitions.items()
        if set(seen.replicas) != set(seen.in_sync)
    ]


def _preferred(cluster: ClusterSeen, everybody: list[str]) -> dict[str, int]:
    """How many partitions name each node as their preferred leader."""
    counted = Counter(seen.replicas[0] for seen in cluster.partitions.values() if seen.replicas)
    return {node: counted[node] for node in everybody}


def _tell_spread(spread: dict[str, int]) -> str:
    return "Preferred leaders: " + ", ".join(f"{count} on {node}" for node, count in spread.items()) + "."
