"""What has changed between two looks at the hub, in sentences. Pure; lab/watch.py hands over what lab/look.py says."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lab.words import _, later

Look = Mapping[str, Any]

SYSTEMS = {
    "rest": later("REST"),
    "rabbitmq": later("RabbitMQ"),
    "celery": later("Celery"),
    "kafka": later("Kafka, topic freblogg"),
    "channels": later("Channels"),
}
"""The parts of a look that are systems, in the order of a notification's way."""
STATES = {
    "runs": later("runs"),
    "done": later("done"),
    "starts": later("starts"),
    "ill": later("does not answer"),
    "frozen": later("frozen"),
    "cut_off": later("cut off"),
    "killed": later("killed"),
    "stopped": later("stopped"),
    "ended": later("ended"),
    "absent": later("not started"),
}
_BROKEN_AS = {"killed": "killed", "stopped": "stopped", "paused": "frozen", "cut_off": "cut_off"}
WELL = frozenset({"runs", "done"})


def state_of(service: Mapping[str, Any]) -> str:
    """One of STATES: the fault where the lab has broken it, else what its target says."""
    if service["broken"]:
        return _BROKEN_AS.get(service["broken"], "ill")
    if service["state"] == "running":
        return {"unhealthy": "ill", "starting": "starts"}.get(service["health"], "runs")
    if service["health"] == "completed":
        return "done"
    return {"paused": "frozen", "starting": "starts", "absent": "absent"}.get(service["state"], "ended")


def news(before: Look, now: Look) -> list[str]:
    """Every change worth a line: services, brokers, leaders, in-sync sets, and parts that can no longer be seen."""
    return [*_services(before, now), *_brokers(before, now), *_partitions(before, now), *_parts(before, now)]


def _services(before: Look, now: Look) -> list[str]:
    old = {service["name"]: state_of(service) for service in before["services"]}
    found = []
    for service in now["services"]:
        name, state = service["name"], state_of(service)
        if old.get(name, state) != state:
            says = _("{node} runs") if state == "runs" else _("{node}: {state}")
            found.append(says.format(node=name, state=_(STATES[state])))
    return found


def _brokers(before: Look, now: Look) -> list[str]:
    old = {broker["name"]: broker["alive"] for broker in before["kafka"]["brokers"]}
    gone = _("The controller takes {node} for dead.")
    back = _("The controller counts {node} among the living again.")
    return [
        (back if broker["alive"] else gone).format(node=broker["name"])
        for broker in now["kafka"]["brokers"]
        if old.get(broker["name"], broker["alive"]) != broker["alive"]
    ]


def _partitions(before: Look, now: Look) -> list[str]:
    old = {one["number"]: one for one in before["kafka"]["partitions"]}
    changed = [(old[one["number"]], one) for one in now["kafka"]["partitions"] if one["number"] in old]
    led = [one for was, one in changed if was["leader"] != one["leader"]]
    copied = [one for was, one in changed if set(was["in_sync"]) != set(one["in_sync"])]
    return [*_grouped(led, _leads), *_grouped(copied, _in_sync)]


def _leads(one: Mapping[str, Any]) -> str:
    if not one["leader"]:
        return _("Nobody leads partitions {partitions}: nobody can write there.")
    if one["leader"] == one["preferred"]:
        return _("{node}, their preferred leader, leads partitions {partitions} again.")
    return _("{node} leads partitions {partitions} now.")


def _in_sync(one: Mapping[str, Any]) -> str:
    if set(one["in_sync"]) == set(one["replicas"]):
        return _("Every copy of partitions {partitions} is in sync: {nodes}.")
    return _("Of partitions {partitions} only these copies are in sync: {nodes}.")


def _grouped(partitions: Sequence[Mapping[str, Any]], sentence: Callable[[Mapping[str, Any]], str]) -> list[str]:
    """One sentence for all partitions of which the same is to be said."""
    groups: dict[tuple[str, str, str], list[str]] = {}
    for one in partitions:
        in_sync = ", ".join(sorted(one["in_sync"])) or "-"
        leader = "" if sentence is _in_sync else one["leader"] or ""
        key = (sentence(one), leader, in_sync if sentence is _in_sync else "")
        groups.setdefault(key, []).append(str(one["number"]))
    return [
        says.format(node=leader, nodes=in_sync, partitions=", ".join(numbers))
        for (says, leader, in_sync), numbers in groups.items()
    ]


def _parts(before: Look, now: Look) -> list[str]:
    found = []
    for part, name in SYSTEMS.items():
        was, one = before[part], now[part]
        if was["age"] is None or bool(was["error"]) == bool(one["error"]):
            continue
        old, back = _("{system} does not tell everything any more: {error}."), _("{system} tells everything again.")
        found.append((old if one["error"] else back).format(system=_(name), error=one["error"].rstrip(".")))
    return found
