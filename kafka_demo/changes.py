"""What changed between two looks at the cluster, in sentences. Pure: `watcher` looks and prints, this finds the words.

A look is what `Topic.cluster()` gives: {"brokers": [node], "partitions": {"0": {"leader", "replicas", "in_sync"}}}.
Partitions that changed in the same way share a line.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from kafka_demo.terminal import numbers

Look = Mapping[str, Any]
Line = tuple[str, str]
"""A label and a sentence."""


@dataclass(frozen=True, slots=True)
class Since:
    """Seconds until the second look. What is not known is not in it, and not said."""

    last_answer: Mapping[str, float] = field(default_factory=dict)
    """Of each node that answers no more."""
    return_: Mapping[str, float] = field(default_factory=dict)
    """Since a node that had been silent answered again."""
    leader_lost: Mapping[str, float] = field(default_factory=dict)
    """Since a partition, by number, lost its leader."""


def changes(topic: str, before: Look, after: Look, since: Since) -> list[Line]:
    """Everything that is different, in the order in which it happens: brokers, leaders, in-sync sets, what to do."""
    return [
        *_brokers(before, after, since),
        *_leaders(before, after, since),
        *_in_sync(before, after, since),
        *_partitions(topic, before, after),
        *_advice(topic, before, after),
    ]


def state(look: Look) -> list[Line]:
    """The whole of one look: who leads what, and where a copy is missing."""
    partitions = look["partitions"]
    led = defaultdict(list)
    for number, one in partitions.items():
        led[one["leader"] or "nobody"].append(int(number))
    for node in look["brokers"]:
        led[node] += []
    leaders = ", ".join(f"{node} leads {numbers(led[node], of=len(partitions)) or 'nothing'}" for node in sorted(led))
    behind = [int(number) for number, one in partitions.items() if set(one["in_sync"]) != set(one["replicas"])]
    return [
        ("leaders", leaders),
        ("in sync", f"a copy is behind on {numbers(behind, of=len(partitions))}" if behind else "every copy"),
    ]


def _brokers(before: Look, after: Look, since: Since) -> Iterator[Line]:
    alive = ", ".join(after["brokers"]) or "nobody"
    for node in sorted(set(before["brokers"]) - set(after["brokers"])):
        yield "brokers", f"{node} is gone{_after(since.last_answer.get(node), 'its last answer')}; alive: {alive}"
    for node in sorted(set(after["brokers"]) - set(before["brokers"])):
        yield "brokers", f"{node} is back{_after(since.return_.get(node), 'it answered again')}; alive: {alive}"


def _leaders(before: Look, after: Look, since: Since) -> Iterator[Line]:
    for (old, new), moved in _grouped(before, after, lambda one: one["leader"]):
        remark = ""
        if new is None:
            remark = ": no copy that may lead is alive, so nobody can write or read there"
        elif old is None:
            remark = _after(max((since.leader_lost.get(number, 0) for number in moved), default=0), "the last leader")
        elif old in since.last_answer:
            remark = _after(since.last_answer[old], f"the last answer of {old}")
        elif all(after["partitions"][number]["replicas"][0] == new for number in moved):
            remark = ", their preferred leader"
        elif old in after["brokers"]:
            remark = f", handed over while {old} still answered"
        yield "leader", f"{_which(moved, after)}: {old or 'nobody'} -> {new or 'nobody'}{remark}"


def _in_sync(before: Look, after: Look, since: Since) -> Iterator[Line]:
    for (old, new), moved in _grouped(before, after, lambda one: frozenset(one["in_sync"])):
        remark = ""
        if len(new) < len(old):
            remark = {0: " (no copy is in sync)", 1: " (one copy left)"}.get(len(new), "")
        elif all(new == set(after["partitions"][number]["replicas"]) for number in moved):
            came = max(new - old, key=lambda node: since.return_.get(node, 0), default="")
            remark = f" (complete again{_after(since.return_.get(came), f'{came} answered again')})"
        yield "in sync", f"{_which(moved, after)}: {_set(old)} -> {_set(new)}{remark}"


def _partitions(topic: str, before: Look, after: Look) -> Iterator[Line]:
    was, now = len(before["partitions"]), len(after["partitions"])
    if not now and was:
        yield "topic", f"no broker knows {topic} any more: somebody deleted it"
    elif was != now:
        yield "topic", f"{topic} has {now} partitions now (it had {was})"


def _advice(topic: str, before: Look, after: Look) -> Iterator[Line]:
    """Once every copy is in sync again, nothing else moves leadership back by itself."""
    if is_complete(before) or not is_complete(after):
        return
    waiting = {one["replicas"][0] for one in after["partitions"].values() if one["leader"] != one["replicas"][0]}
    for node in sorted(waiting):
        led = any(one["leader"] == node for one in after["partitions"].values())
        yield (
            "next",
            (
                f"{node} leads {'less than its share' if led else 'nothing'} yet; "
                f"give back what is its own with: python -m kafka_demo elect {topic}"
            ),
        )


def _grouped(before: Look, after: Look, what: Callable[[Mapping[str, Any]], Any]) -> list[tuple[Any, list[str]]]:
    """((old, new), [partitions]) for each kind of change that some partition made."""
    groups = defaultdict(list)
    for number, one in after["partitions"].items():
        if number in before["partitions"]:
            old, new = what(before["partitions"][number]), what(one)
            if old != new:
                groups[old, new].append(number)
    return list(groups.items())


def is_complete(look: Look) -> bool:
    """Whether every copy of every partition is in sync."""
    return all(set(one["in_sync"]) == set(one["replicas"]) for one in look["partitions"].values())


def _which(moved: list[str], look: Look) -> str:
    return numbers(map(int, moved), of=len(look["partitions"]))


def _set(nodes: frozenset[str]) -> str:
    return "{" + ", ".join(sorted(nodes)) + "}"


def _after(seconds: float | None, what: str) -> str:
    return f", {seconds:.1f} s after {what}" if seconds else ""
