"""What happened in a run, in the order it happened: one JSON line for every operation, fault and observation.

The runner, the workload, the faults and the watcher write through a Recorder while the run goes on; the live view
listens to it. Afterwards a History is loaded from the file, and the checks are given nothing else.
"""

import gc
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self, TypeVar, cast, overload

import msgspec
from msgspec.structs import force_setattr

from lab.cluster.target import LabError

T = TypeVar("T")
Kind = Literal["invoke", "ok", "fail", "info", "fault", "observe", "note"]
"""An operation begins with invoke and ends with ok, fail (certainly did not happen) or info (may or may not have)."""


class HistoryError(LabError):
    """The file is not a history that the lab wrote."""

    exit_code = 64


class RecorderError(LabError):
    """A line could not be written; the history ends before it."""

    exit_code = 69


class Op(msgspec.Struct, frozen=True, gc=False, omit_defaults=False):
    """One line of the history."""

    t: float
    """Seconds since the run began, from the monotonic clock, to the microsecond."""
    wall: str
    """The same moment as ISO 8601 with offset, to the millisecond: the wall clock as read once at the start, plus t."""
    process: str
    """The logical client that did or saw it: "producer-1", "reader", "watcher", or "lab" for the lab itself."""
    kind: Kind
    op: str
    id: str | None = None
    value: Any = None
    """Any JSON value; its shape depends on `op`."""
    error: str | None = None


class Recorder:
    """Appends to a history file, from any thread. `add` returns once the whole line is with the operating system."""

    def __init__(self, path: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self.path = path
        self._clock = clock
        self._lock = threading.Lock()
        self._encoder = msgspec.json.Encoder()
        self._listeners: list[Callable[[Op], None]] = []
        self._failure: RecorderError | None = None
        try:
            self._file = path.open("ab", buffering=0)
        except OSError as error:
            raise RecorderError(f"cannot write {path}: {error.strerror}") from error
        self._began = clock()
        self._began_wall = datetime.now().astimezone()

    @property
    def now(self) -> float:
        """Seconds since the run began."""
        return round(self._clock() - self._began, 6)

    def listen(self, listener: Callable[[Op], None]) -> None:
        """Hand every later line to `listener` too, in the thread that adds it; lines of two may arrive swapped."""
        self._listeners.append(listener)

    def add(
        self,
        process: str,
        kind: Kind,
        op: str,
        id: str | None = None,
        value: Any = None,
        error: str | None = None,
    ) -> Op:
        """Write one line, now. Raises RecorderError when it cannot be written, and ever after."""
        with self._lock:
            t = self.now
            wall = (self._began_wall + timedelta(seconds=t)).isoformat(timespec="milliseconds")
            line = Op(t, wall, process, kind, op, id, value, error)
            self._write(self._encoder.encode(line) + b"\n")
        for listener in self._listeners:
            listener(line)
        return line

    def _write(self, data: bytes) -> None:
        if self._failure:
            raise self._failure
        try:
            while data:
                data = data[self._file.write(data) :]
        except (OSError, ValueError) as error:
            # What was begun stays a torn last line: writing on behind it would make it a bad line in the middle.
            reason = error.strerror if isinstance(error, OSError) else error
            self._failure = RecorderError(f"cannot write {self.path}: {reason}")
            raise self._failure from error

    def close(self) -> None:
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class History(Sequence[Op]):
    """A run's lines in memory, in order. Made from ops in tests, with `load` from a file everywhere else."""

    def __init__(self, ops: Iterable[Op], torn: int = 0) -> None:
        self._ops = list(ops)
        self.torn = torn
        """1 when the file ended within a line, because its writer was killed; that line is not here."""
        self._by_op: dict[str, list[Op]] | None = None
        self._by_kind: dict[tuple[str, ...], list[Op]] = {}
        self._derived: dict[object, object] = {}

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a file that a Recorder wrote, whole or torn at its end. Any other raises HistoryError with the line."""
        try:
            with path.open("rb") as file, _collector_at_rest():
                return cls._read(path, file)
        except OSError as error:
            raise HistoryError(f"cannot read the history {path}: {error.strerror}") from error

    @classmethod
    def _read(cls, path: Path, lines: Iterable[bytes]) -> Self:
        decode = msgspec.json.Decoder(Op).decode
        share = _sharing()
        ops: list[Op] = []
        torn = 0
        for line in lines:
            try:
                op = decode(line)
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                if line.endswith(b"\n"):
                    raise HistoryError(f"{path}, line {len(ops) + 1} is not a line of a history: {error}") from error
                torn = 1
            else:
                share(op)
                ops.append(op)
        return cls(ops, torn)

    def of(self, op: str, *kinds: Kind) -> list[Op]:
        """The lines of one op, of these kinds or of any. The list is kept and shared: do not change it."""
        if self._by_op is None:
            by_op: dict[str, list[Op]] = defaultdict(list)
            for line in self._ops:
                by_op[line.op].append(line)
            self._by_op = dict(by_op)
        if not kinds:
            return self._by_op.get(op, [])
        key = (op, *kinds)
        if key not in self._by_kind:
            self._by_kind[key] = [line for line in self._by_op.get(op, ()) if line.kind in kinds]
        return self._by_kind[key]

    def note(self, op: str, default: Any = None) -> Any:
        """The value of the last note with that name."""
        notes = self.of(op, "note")
        return notes[-1].value if notes else default

    def derived(self, derive: Callable[["History"], T]) -> T:
        """`derive(history)`, computed once: for an index that several checks share. Do not change the result."""
        if derive not in self._derived:
            self._derived[derive] = derive(self)
        return cast(T, self._derived[derive])

    @property
    def variant(self) -> str:
        """ "main", "control" or "breaks", as the note `run` says; "main" without one."""
        return str((self.note("run") or {}).get("variant", "main"))

    @overload
    def __getitem__(self, index: int) -> Op: ...
    @overload
    def __getitem__(self, index: slice) -> list[Op]: ...
    def __getitem__(self, index: int | slice) -> Op | list[Op]:
        return self._ops[index]

    def __len__(self) -> int:
        return len(self._ops)

    def __iter__(self) -> Iterator[Op]:
        return iter(self._ops)


def _sharing() -> Callable[[Op], None]:
    """Gives one object to each text that comes again and again, in lines that nobody has seen yet.

    A million lines take 360 MB so, and 580 MB without.
    """
    known: dict[str, str] = {}
    last_wall = ""

    def share(line: Op) -> None:
        nonlocal last_wall
        force_setattr(line, "process", known.setdefault(line.process, line.process))
        force_setattr(line, "op", known.setdefault(line.op, line.op))
        if line.id is not None:
            force_setattr(line, "id", known.setdefault(line.id, line.id))
        if line.wall == last_wall:
            force_setattr(line, "wall", last_wall)
        else:
            last_wall = line.wall

    return share


@contextmanager
def _collector_at_rest() -> Iterator[None]:
    """A million new objects and not one cycle: the collector would only count them, again and again."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
