"""What a person sees while a scenario runs: a picture that redraws itself on a terminal, plain lines elsewhere.

Listens to the history as it is written and reads nothing else, so it can show nothing that the record does not hold.
"""

import threading
from collections import deque
from contextvars import copy_context
from types import TracebackType
from typing import Any, Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from lab.history import Op
from lab.words import _, later

RATE_OVER = 2.0
"""Seconds over which the rate of acknowledgements is taken."""

_STEPS = {
    "began": later("breaking {node}: {fault} ..."),
    "applied": later("{node} is {fault}"),
    "felt": later("felt: {what}"),
    "not_applied": later("the fault did not take hold: {what}"),
    "not_felt": later("not felt: {what}"),
    "mending": later("mending {node} ..."),
    "mended": later("{node} is whole again"),
}


class Progress:
    """What has happened so far, and the events worth a line. Fed from several threads."""

    def __init__(self) -> None:
        self.phase = later("starting")
        self.counts = {"ok": 0, "info": 0, "fail": 0}
        self.begun = self.read = 0
        self.seen: dict[str, Any] = {}
        self.seconds = 0.0
        self._acks: deque[float] = deque()
        self._lock = threading.Lock()

    def take(self, line: Op) -> str | None:
        """Count one line of the history; returns a sentence when a person should hear of it."""
        with self._lock:
            self.seconds = line.t
            if line.kind == "fault":
                return _fault_sentence(line)
            if line.kind == "observe":
                before, self.seen[line.op] = self.seen.get(line.op), line.value
                return _change(before, line.value) if line.op == "cluster" else None
            if line.kind == "note":
                return self._note(line)
            self._count(line)
            return None

    def rate(self) -> float:
        """Acknowledgements a second, over the last two seconds."""
        with self._lock:
            while self._acks and self._acks[0] < self.seconds - RATE_OVER:
                self._acks.popleft()
            return len(self._acks) / RATE_OVER

    def _count(self, line: Op) -> None:
        if line.op in ("read", "read_end"):
            self.read += line.op == "read"
        elif line.kind == "invoke":
            self.begun += 1
        else:
            self.counts[line.kind] += 1
            if line.kind == "ok":
                self._acks.append(line.t)

    def _note(self, line: Op) -> str | None:
        if line.op == "phase":
            self.phase = str(line.value)
            return _(self.phase)
        if line.op == "recovered":
            says = _("recovered: {what} ({seconds:.1f} s)")
            return says.format(what=_(line.value["what"]), seconds=line.value["seconds"])
        if line.op in ("not_recovered", "crash", "interrupted", "ended_early"):
            return f"{_(line.op.replace('_', ' '))}: {line.value}" if line.value else _(line.op)
        return None


class LiveView:
    """Shows a run as it goes. A context manager; `hear` is the listener for the Recorder.

    It speaks the language of whoever made it, in whatever thread it hears or draws.
    """

    def __init__(self, title: str, console: Console) -> None:
        self._title, self._console = title, console
        self._progress = Progress()
        self._reader = copy_context()
        self._live = Live(
            get_renderable=lambda: self._reader.copy().run(self._draw),
            console=console,
            refresh_per_second=6,
            transient=True,
        )
        self._picture = console.is_terminal

    def hear(self, line: Op) -> None:
        """One line of the history."""
        self._reader.copy().run(self._tell, line)

    def _tell(self, line: Op) -> None:
        sentence = self._progress.take(line)
        if sentence:
            told = _("{seconds:7.2f} s  {what}").format(seconds=line.t, what=sentence)
            self._console.print(Text(told, style="dim" if line.kind == "note" else ""))

    def __enter__(self) -> Self:
        self._console.print(Text(self._title, style="bold"))
        if self._picture:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._picture:
            self._live.stop()

    def _draw(self) -> RenderableType:
        now = self._progress
        waiting = now.begun - sum(now.counts.values())
        figures = Table.grid(padding=(0, 3))
        figures.add_row(
            Text(_("{seconds:6.1f} s").format(seconds=now.seconds), style="bold"),
            _(now.phase),
            _("{rate:.0f}/s").format(rate=now.rate()),
            _("acknowledged {n}").format(n=now.counts["ok"]),
            _("unknown {n}").format(n=now.counts["info"]),
            _("failed {n}").format(n=now.counts["fail"]),
            _("in flight {n}").format(n=waiting),
            _("read {n}").format(n=now.read) if now.read else "",
        )
        return Group(figures, *_partition_lines(now.seen.get("cluster")))


def _fault_sentence(line: Op) -> str:
    what = line.value.get("what")
    says = _(_STEPS[line.value["step"]])
    return says.format(fault=_(line.op), node=line.value["node"], what=_(what) if what else what)


def _partition_lines(cluster: Any) -> list[Text]:
    """One line for each set of partitions that share leader and in-sync set."""
    told = _("  partitions {numbers}: {what}")
    return [Text(told.format(numbers=_numbers(ps), what=says)) for says, ps in _grouped(cluster).items()]


def _grouped(cluster: Any) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for number, part in (cluster or {}).get("partitions", {}).items():
        leader, in_sync = part["leader"] or _("none"), ", ".join(part["in_sync"]) or _("none")
        says = _("leader {leader}, in sync {in_sync}").format(leader=leader, in_sync=in_sync)
        groups.setdefault(says, []).append(number)
    return groups


def _numbers(partitions: list[str]) -> str:
    return ",".join(partitions)


def _change(before: Any, now: Any) -> str | None:
    """What is new in the cluster, in one line; None when leaders and in-sync sets are the same."""
    old, new = _grouped(before), _grouped(now)
    told = _("partition {numbers}: {what}")
    fresh = [told.format(numbers=_numbers(ps), what=says) for says, ps in new.items() if old.get(says) != ps]
    return "; ".join(fresh) or None
