"""The workload: logical clients that draw unique values at a steady rate and record how each operation ended.

A script opens it with `lab.workload("append", clients, per_second=50)`. Each client is one *process* of the history,
and has a method named like the operation that starts it and reports its end later, from whichever thread it likes:

    client.append(id, done)     done("ok" | "fail" | "info", value, error), exactly once
"""

import itertools
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Literal, Protocol

from lab.history import Recorder
from lab.waiting import pause

Outcome = Literal["ok", "fail", "info"]
Done = Callable[[Outcome, Mapping[str, Any] | None, str | None], None]


class Client(Protocol):
    """A logical client. Besides `close` it has a method named like the operation."""

    @property
    def name(self) -> str:
        """How the history calls this process."""
        ...

    def close(self) -> None:
        """Wait, within its own bound, for what is outstanding; afterwards every operation has ended."""
        ...


class Workload:
    """The running workload: counts what it started, and remembers the first error of its threads."""

    def __init__(self, op: str, clients: Sequence[Client], per_second: float, recorder: Recorder) -> None:
        self._op, self._clients, self._recorder = op, clients, recorder
        self._interval = len(clients) / per_second
        self._numbers = itertools.count(1)
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._drive, args=(c, i), daemon=True) for i, c in enumerate(clients)]
        self.error: Exception | None = None

    def start(self) -> None:
        """Start one thread a client."""
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        """Stop drawing values, then let every client finish what it started."""
        self._stop.set()
        for thread in self._threads:
            thread.join()
        for client in self._clients:
            client.close()

    def _drive(self, client: Client, place: int) -> None:
        """Open loop: the next operation is due by the clock, not by the answer to the last one."""
        clock = self._recorder
        due = clock.now + self._interval * place / len(self._clients)
        try:
            while not self._stop.is_set():
                if (wait := due - clock.now) > 0:
                    pause(min(wait, 0.05))
                    continue
                due += self._interval
                self._start_one(client)
        except Exception as error:  # noqa: BLE001 - a thread has nobody above it; the script raises it when it looks
            self.error = error

    def _start_one(self, client: Client) -> None:
        id = f"{self._op}-{next(self._numbers):06d}"
        self._recorder.add(client.name, "invoke", self._op, id)

        def done(outcome: Outcome, value: Mapping[str, Any] | None, error: str | None) -> None:
            self._recorder.add(client.name, outcome, self._op, id, value, error)

        getattr(client, self._op)(id, done)


@contextmanager
def workload(op: str, clients: Sequence[Client], per_second: float, recorder: Recorder) -> Iterator[Workload]:
    """Run `clients`, `per_second` in all, for the length of the body. Raises the first error of a client."""
    recorder.add("lab", "note", "workload", value={"op": op, "processes": len(clients), "per_second": per_second})
    load = Workload(op, clients, per_second, recorder)
    load.start()
    try:
        yield load
    finally:
        load.end()
        recorder.add("lab", "note", "workload_ended", value={"op": op})
    if load.error is not None:
        raise load.error
