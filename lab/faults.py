"""Faults: break one node on purpose, prove that it took hold, and mend it whatever happens.

    journal -> apply -> prove it took hold -> (the script goes on) -> mend -> prove it is mended -> journal

A script opens one with `lab.fault(killed, node)`; `lab break` opens one by hand and leaves it open. `untouched` breaks
nothing: it stands in for every fault in a control run.
"""

import itertools
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from lab.cluster.target import Ability, LabError, Nodes, Refused
from lab.journal import Journal
from lab.waiting import NotReached, wait_for

TOOK_HOLD_WITHIN = 30.0
"""Seconds in which the process state must show the fault; a broker stops cleanly in 3 s at most (our own runs)."""
MENDED_WITHIN = 120.0
"""Seconds in which the node must be healthy again; a broker starts in 3 to 7 s on an idle machine (our own runs)."""

RecordFault = Callable[[str, str, Mapping[str, Any]], None]
"""Writes one step into the history: (fault name, fault id, {"node", "step", "what"})."""


class FaultDidNotHold(LabError):
    """The fault was applied and the node does not show it: nothing that follows would prove anything."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to break a node. `apply` and `mend` act, `took_hold` and `mended` look; mending twice is harmless."""

    name: str
    needs: Ability | None
    apply: Callable[[Nodes, str], None]
    took_hold: Callable[[Nodes, str], bool]
    mend: Callable[[Nodes, str], None]
    mended: Callable[[Nodes, str], bool]


def _healthy(target: Nodes, node: str) -> bool:
    status = target.status_of(node)
    return status.state == "running" and status.health in ("healthy", "none")


def _start_if_exited(target: Nodes, node: str) -> None:
    if target.status_of(node).state in ("exited", "absent"):
        target.start(node)


def _state_is(state: str) -> Callable[[Nodes, str], bool]:
    return lambda target, node: target.status_of(node).state == state


def _nothing(target: Nodes, node: str) -> None:
    """Touches nothing."""


killed = Fault("killed", "kill", lambda t, n: t.kill(n), _state_is("exited"), _start_if_exited, _healthy)
stopped = Fault("stopped", "stop", lambda t, n: t.stop(n), _state_is("exited"), _start_if_exited, _healthy)
paused = Fault("paused", "pause", lambda t, n: t.pause(n), _state_is("paused"), lambda t, n: t.unpause(n), _healthy)
cut_off = Fault(
    "cut_off", "cut_off", lambda t, n: t.cut_off(n), _state_is("cut_off"), lambda t, n: t.rejoin(n), _healthy
)
untouched = Fault("untouched", None, _nothing, _healthy, _nothing, _healthy)

FAULTS: Mapping[str, Fault] = {fault.name: fault for fault in (killed, stopped, paused, cut_off, untouched)}

_numbers = itertools.count(1)


class Broken:
    """One fault that is open. `mend()` may be called early, and more than once."""

    def __init__(self, fault: Fault, node: str, target: Nodes, journal: Journal, record: RecordFault) -> None:
        self.fault, self.node = fault, node
        self.id = f"fault-{next(_numbers)}"
        self.is_open = False
        self._target, self._journal, self._record = target, journal, record

    @property
    def journal_id(self) -> str:
        """Unique among all runs of this stack, which `id` is not."""
        return f"{os.getpid()}-{self.id}"

    def begin(self) -> None:
        """Break the node and prove it. Raises Refused before anything is touched, FaultDidNotHold after."""
        refuse_what_cannot_be_done(self.fault, self._target)
        self._journal.will_break(self.journal_id, self.fault.name, self.node)
        self.is_open = True
        self.step("began")
        self.fault.apply(self._target, self.node)
        try:
            wait_for(
                f"{self.node} to be {self.fault.name}",
                lambda: self.fault.took_hold(self._target, self.node),
                within=TOOK_HOLD_WITHIN,
                every=0.02,
            )
        except NotReached as error:
            self.step("not_applied", str(error))
            raise FaultDidNotHold(
                f"{self.node} should be {self.fault.name}, but it is {self._target.status_of(self.node).state}."
            ) from error
        self.step("applied")

    def mend(self) -> None:
        """Make the node whole and prove it. Raises LabError when that cannot be done; the journal then stays open."""
        if not self.is_open:
            return
        self.step("mending")
        mend(self.fault, self.node, self._target)
        self._journal.mended(self.journal_id)
        self.is_open = False
        self.step("mended")

    def step(self, step: str, what: str | None = None) -> None:
        """Write a step of this fault into the history."""
        self._record(self.fault.name, self.id, {"node": self.node, "step": step, "what": what})


@contextmanager
def broken(fault: Fault, node: str, target: Nodes, journal: Journal, record: RecordFault) -> Iterator[Broken]:
    """Break a node for the length of the body; mends also when the body raises or Ctrl-C comes."""
    opened = Broken(fault, node, target, journal, record)
    try:
        opened.begin()
        yield opened
    finally:
        opened.mend()


def refuse_what_cannot_be_done(fault: Fault, target: Nodes) -> None:
    """Raises Refused, with the reason, when the target cannot do this fault."""
    if fault.needs is not None and fault.needs not in target.abilities:
        raise Refused(f"The {target.name} target cannot do {fault.name!r}, because {target.why_not(fault.needs)}.")


def mend(fault: Fault, node: str, target: Nodes) -> None:
    """Mend one node and wait until it is healthy. Raises LabError, with the node's last words, when it stays ill."""
    fault.mend(target, node)
    try:
        wait_for(f"{node} to be healthy again", lambda: fault.mended(target, node), within=MENDED_WITHIN)
    except NotReached as error:
        last = "\n  ".join(target.log_lines(node, 5))
        raise LabError(
            f"{node} is not healthy {MENDED_WITHIN:.0f} s after it was mended. It printed last:\n  {last}"
        ) from error


def heal(target: Nodes, journal: Journal, tell: Callable[[str], None]) -> int:
    """Mend everything that the journal holds open. Returns how many faults there were; harmless when there are none."""
    open_faults = journal.open_faults()
    for entry in open_faults:
        tell(f"mending {entry.node}, which was {entry.fault}")
        mend(FAULTS[entry.fault], entry.node, target)
        journal.mended(entry.id)
    return len(open_faults)
