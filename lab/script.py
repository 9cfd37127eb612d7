"""`Lab`: what a scenario's script is handed. Everything that a script does to the world, or says, goes through it.

The runner makes one for each run; a script reads as a story because waits, faults and records are one line each.
"""

import random
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import asdict
from typing import Any, TypeVar

from lab.cluster.target import LabError, Nodes, Target
from lab.faults import Broken, Fault, broken, untouched
from lab.history import Kind, Recorder
from lab.journal import Journal
from lab.processes import Processes
from lab.scenario import Variant
from lab.waiting import NotReached, pause, wait_for
from lab.workload import Client, Workload, workload

PACES = {"quick": 0.3, "full": 1.0}
"""What the seconds of `observe` are multiplied with."""

NOBODY_ANSWERED = (ConnectionError, TimeoutError)
"""What a look at a broken system may raise: not an answer, and no reason to end the run."""

T = TypeVar("T")


class NotFelt(LabError):
    """The effect of a fault was not seen in time: the run proves nothing."""


class NotRecovered(LabError):
    """The system did not come back in time."""


class Lab:
    """One run, as its script sees it.

    pace: "quick" or "full". variant: in a "control" run every fault is `untouched` and no effect is waited for.
    random: seeded by the run's seed. run: the name of the run's folder, unlike any other. Times are seconds.
    """

    def __init__(
        self, target: Target, recorder: Recorder, journal: Journal, variant: Variant, pace: str, seed: int, run: str
    ) -> None:
        self.variant, self.pace, self.seed, self.run = variant, pace, seed, run
        self.random = random.Random(seed)
        self._target, self._recorder, self._journal = target, recorder, journal
        self._open: list[Broken] = []
        self._used = ExitStack()

    # ---- what the run is told

    def note(self, name: str, value: Any) -> None:
        """Write a fact about this run into the history, e.g. the session timeout in force."""
        self._recorder.add("lab", "note", name, value=value)

    def record(
        self, process: str, kind: Kind, op: str, id: str | None = None, value: Any = None, error: str | None = None
    ) -> None:
        """Write one line into the history: what a client of the script did, got or saw.

        E.g. record("consumer-1", "ok", "receive", "m-7", {"queue": "work", "redelivered": False}). `value` is any JSON
        value; its shape is agreed between the script and the checks that it names.
        """
        self._recorder.add(process, kind, op, id, value, error)

    def uses(self, resource: AbstractContextManager[T]) -> T:
        """Enter a resource that is given back when the run ends, however it ends."""
        return self._used.enter_context(resource)

    def give_back(self) -> None:
        """Give back what the script used; called by the runner."""
        self._used.close()

    # ---- what happens to the system

    @contextmanager
    def workload(self, op: str, clients: Sequence[Client], per_second: float) -> Iterator[Workload]:
        """Let `clients` run `op`, `per_second` in all, for the length of the body."""
        with workload(op, clients, per_second, self._recorder) as load:
            yield load

    @contextmanager
    def fault(self, fault: Fault, node: str, of: Processes | None = None) -> Iterator[Broken]:
        """Break `node` for the length of the body; in a control run nothing is touched. Mends whatever happens.

        of: the programs of this run, when the node is one of them and no service of the stack.
        """
        actual = untouched if self.variant == "control" else fault
        nodes: Nodes = self._target if of is None else of
        journal = self._journal if of is None else of.journal
        with broken(actual, node, nodes, journal, self._record_fault) as opened:
            self._open.append(opened)
            yield opened

    # ---- what is seen

    def watch(self, name: str, look: Callable[[], Any], every: float = 0.05) -> None:
        """Look every `every` seconds until the run ends, and record what was seen each time that it changed."""
        self.uses(_Watch(name, look, every, self._recorder))

    def observe(self, what: str, seconds: float, *, at_any_pace: bool = False) -> None:
        """Let the system run on. The seconds are those of the full pace; "quick" takes 0.3 of them, but for those that
        the story itself needs (`at_any_pace`)."""
        self.note("phase", what)
        pause(seconds if at_any_pace else seconds * PACES[self.pace])

    def await_effect(self, what: str, condition: Callable[[], Any], within: float) -> None:
        """Wait until the open faults are felt. Not waited for in a control run; not reached makes the run UNKNOWN."""
        if self.variant == "control":
            return
        broken_now = [opened for opened in self._open if opened.is_open]
        try:
            wait_for(what, condition, within=within, every=0.02, passing=NOBODY_ANSWERED)
        except NotReached as error:
            for opened in broken_now:
                opened.step("not_felt", what)
            raise NotFelt(f"The fault was not felt: {error}.") from error
        for opened in broken_now:
            opened.step("felt", what)

    def await_recovery(self, what: str, condition: Callable[[], Any], within: float) -> None:
        """Wait until the system is well again; not reached makes the run BROKEN."""
        began = self._recorder.now
        try:
            wait_for(what, condition, within=within, every=0.02, passing=NOBODY_ANSWERED)
        except NotReached as error:
            self.note("not_recovered", {"what": what, "within": within})
            raise NotRecovered(f"No recovery: {error}.") from error
        self.note("recovered", {"what": what, "seconds": round(self._recorder.now - began, 3)})

    def read_back(self, items: Iterable[Any]) -> None:
        """Record the final read. Each item is a dataclass: with an `id` one read value, without one the end of a part.

        An `error` that is not None makes the part's end a failed one.
        """
        self.note("phase", "final read")
        for item in items:
            fields = asdict(item)
            error = fields.pop("error", None)
            id = fields.pop("id", None)
            op = "read" if id is not None else "read_end"
            self._recorder.add("reader", "fail" if error else "ok", op, id, fields, error)

    def _record_fault(self, name: str, id: str, value: Any) -> None:
        self._recorder.add("lab", "fault", name, id, value)


class _Watch:
    """A thread that looks and records changes; entering starts it, leaving ends it."""

    def __init__(self, name: str, look: Callable[[], Any], every: float, recorder: Recorder) -> None:
        self._name, self._look, self._every, self._recorder = name, look, every, recorder
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *exc: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        last: Any = None
        while not self._stop.is_set():
            try:
                seen = self._look()
            except NOBODY_ANSWERED:
                pass  # there is nothing seen to record
            else:
                if seen != last:
                    self._recorder.add("watcher", "observe", self._name, value=seen)
                    last = seen
            self._stop.wait(self._every)
