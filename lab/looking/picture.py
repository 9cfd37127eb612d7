"""The hub on a terminal: one look of lab/look.py as things for rich to print. lab/watch.py draws it again and again."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.style import Style
from rich.table import Table
from rich.text import Text

from lab.looking.news import STATES, SYSTEMS, WELL, Look, state_of
from lab.words import _

LEADER, IN_SYNC, BEHIND, NONE, GONE = "◆", "●", "○", "·", "✕"
OLD_AFTER = 3.0
"""Seconds after which a part's age is worth a word."""
LINKS = {
    "rest>rabbitmq": "REST > RabbitMQ",
    "rabbitmq>celery": "RabbitMQ > Celery",
    "celery>kafka": "Celery > Kafka",
    "kafka>channels": "Kafka > Channels",
    "channels>pages": "Channels > pages",
}


def picture(look: Look, rates: Mapping[str, float], lines: Sequence[str]) -> RenderableType:
    """All of it. rates: per second, by link; lines: what happened last, the newest at the end."""
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True, style="bold")
    table.add_column(overflow="fold")
    for part, contents in (
        ("rest", _rest(look["rest"])),
        ("rabbitmq", _queues(look["rabbitmq"]["queues"])),
        ("celery", _workers(look["celery"])),
        ("kafka", _partitions(look["kafka"])),
        ("channels", _sockets(look["channels"])),
    ):
        age = _age(look[part])
        table.add_row(Text(_(SYSTEMS[part]).partition(",")[0]), Group(contents, *([age] if age else [])))
    table.add_row(Text(_("moved")), _Spread(_moved(rates)))
    says = condition(look)
    return Group(_line(says.plain, says.style), Text(), table, Text(), *(_line(line, "dim") for line in lines))


def _line(text: str, style: str | Style) -> Text:
    """Broken where it is too long, also on a console that leaves that to the terminal: a picture would be cut."""
    return Text(text, style, no_wrap=False, overflow="fold")


def condition(look: Look) -> Text:
    """Whether all services run; if not, which do not, and how."""
    states = {service["name"]: state_of(service) for service in look["services"]}
    if not states or set(states.values()) == {"absent"}:
        return Text(_("No stack answers. Start one with `bin/lab up`, or with `docker compose up`."), "bold")
    wrong = [f"{name} ({_(STATES[state])})" for name, state in states.items() if state not in {*WELL, "absent"}]
    if not wrong:
        return Text(_("All is well: every service runs."), "bold green")
    return Text(_("Not running as it should: {nodes}.").format(nodes=", ".join(wrong)), "bold red")


def _age(part: Mapping[str, Any]) -> Text | None:
    """That a part is old, and why."""
    if part["age"] is None:
        return Text(_("Never seen: {error}").format(error=part["error"]), "yellow")
    if not part["error"] and part["age"] < OLD_AFTER:
        return None
    says = _("Last seen whole {seconds} s ago: {error}")
    return Text(says.format(seconds=f"{part['age']:.0f}", error=part["error"] or "-"), "yellow")


class _Spread:
    """Short texts side by side; a line breaks between two and not within one."""

    def __init__(self, items: Iterable[str]) -> None:
        self._items = list(items)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        line = ""
        for item in self._items:
            longer = f"{line}   {item}" if line else item
            if line and cell_len(longer) > options.max_width:
                yield Text(line)
                longer = item
            line = longer
        yield Text(line)


def _named(nodes: Iterable[tuple[str, str]]) -> list[str]:
    """Nodes with what is wrong with each, if anything."""
    return [f"{name} ({wrong})" if wrong else name for name, wrong in nodes]


def _alive(node: Mapping[str, Any]) -> str:
    return "" if node["alive"] else GONE


def _rest(rest: Mapping[str, Any]) -> RenderableType:
    nodes = [(_("balancer"), "" if rest["balancer"] else GONE)]
    for one in rest["instances"]:
        nodes.append((one["name"], _alive(one) or ("" if one["ready"] else _("not ready"))))
    waiting = _("outbox: {count}").format(count=rest["outbox"])
    return _Spread([*_named(nodes), waiting, _("{count} accepted").format(count=rest["accepted"])])


def _queues(queues: Sequence[Mapping[str, Any]]) -> RenderableType:
    """Each queue with what waits in it; one that nobody reads is marked."""
    said = []
    for queue in queues:
        says = _("{queue} {waiting}") if queue["consumers"] else _("{queue} {waiting} (no consumer)")
        said.append(says.format(queue=queue["name"], waiting=queue["waiting"]))
    return _Spread(said)


def _workers(celery: Mapping[str, Any]) -> RenderableType:
    waiting = {queue["name"]: queue["waiting"] for queue in celery["queues"]}
    said = []
    for worker in celery["workers"]:
        says = _("{worker}: {waiting} waiting") if worker["alive"] else _("{worker} ✕: {waiting} waiting")
        said.append(says.format(worker=worker["name"], waiting=sum(waiting.get(q, 0) for q in worker["queues"])))
    return _Spread(said)


def _partitions(kafka: Mapping[str, Any]) -> RenderableType:
    """Brokers by partitions, each cell what the broker's copy is."""
    grid = Table.grid(padding=(0, 1, 0, 0))
    partitions = kafka["partitions"]
    for _column in range(len(partitions) + 2):
        grid.add_column(no_wrap=True)
    grid.add_row(Text(kafka["topic"], "dim"), *(Text(str(one["number"]), "dim") for one in partitions))
    for broker in kafka["brokers"]:
        name = Text(broker["name"] if broker["alive"] else f"{broker['name']} {GONE}", "" if broker["alive"] else "red")
        led = sum(one["leader"] == broker["name"] for one in partitions)
        grid.add_row(
            name, *(_copy(one, broker["name"]) for one in partitions), Text(_("leads {count}").format(count=led))
        )
    grid.add_row(Text(_("records"), "dim"), *(Text(str(one["end"]), "dim") for one in partitions))
    key = _("{leader} leader  {in_sync} in sync  {behind} behind").format(leader=LEADER, in_sync=IN_SYNC, behind=BEHIND)
    leaderless = ", ".join(str(one["number"]) for one in partitions if not one["leader"])
    if not leaderless:
        return Group(grid, Text(key, "dim"))
    says = _("Nobody leads partitions {partitions}: nobody can write there.").format(partitions=leaderless)
    return Group(grid, Text(key, "dim"), Text(says, "bold red"))


def _copy(partition: Mapping[str, Any], broker: str) -> Text:
    if partition["leader"] == broker:
        return Text(LEADER, "bold green")
    if broker in partition["in_sync"]:
        return Text(IN_SYNC, "green")
    return Text(BEHIND, "yellow") if broker in partition["replicas"] else Text(NONE, "dim")


def _sockets(channels: Mapping[str, Any]) -> RenderableType:
    nodes = _named((one["name"], _alive(one)) for one in channels["servers"])
    sockets = sum(group["sockets"] for group in channels["groups"])
    return _Spread([*nodes, _("sockets: {count}").format(count=sockets)])


def _moved(rates: Mapping[str, float]) -> list[str]:
    says = _("{link} {rate:.1f}/s")
    return [says.format(link=name, rate=rates[link]) for link, name in LINKS.items() if link in rates]
