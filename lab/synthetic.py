"""Makes up runs that never happened, for the self-test, which plants anomalies in them, and for the benchmark.

The shape is that of a real run: several producers and partitions, the leader of half of them killed under load (or, in
a control run, nothing touched), appends of unknown outcome, a return, and a final read.
"""

import random
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from lab.history import History, Kind, Op
from lab.scenario import Variant

NODES = ["kafka-1", "kafka-2"]
PER_SECOND = 20

WALL = "2024-01-01T00:00:00.000+00:00"


@dataclass(slots=True)
class Append:
    """One append. `offset` is its place in the log, None when it is not there; `told` is the offset of its answer."""

    id: str
    process: str
    partition: int
    invoked: float
    ended: float
    outcome: Kind = "ok"
    offset: int | None = None
    told: int | None = None

    @property
    def crc(self) -> int:
        """The checksum of its value."""
        return zlib.crc32(self.id.encode())


@dataclass(slots=True)
class Read:
    """One record as the reader saw it; `broker` is the number in the name of the node that served it."""

    id: str
    partition: int
    offset: int
    crc: int
    broker: int


@dataclass(slots=True)
class MadeUpRun:
    """A run as it might have been. Times are seconds since it began. The node that dies leads every even partition."""

    variant: Variant
    struck: bool
    """Whether the leader really died, whatever is recorded of it."""
    session_timeout: float
    partitions: int
    killed: float
    elected: float
    mending: float
    ended: float
    appends: list[Append] = field(default_factory=list)
    reads: list[Read] = field(default_factory=list)
    unread: dict[int, int] = field(default_factory=dict)
    """By how many offsets the reader stayed below a partition's high watermark."""
    steps: dict[str, float] = field(default_factory=dict)
    """The fault's; without any, no fault is recorded."""

    def high_watermark(self, partition: int) -> int:
        """One past the last offset that was written or read."""
        return self._high_watermarks()[partition]

    def _high_watermarks(self) -> list[int]:
        ends = [0] * self.partitions
        written_and_read: list[Append | Read] = [*self.appends, *self.reads]
        for one in written_and_read:
            if one.offset is not None and one.offset >= ends[one.partition]:
                ends[one.partition] = one.offset + 1
        return ends

    def history(self) -> History:
        """The run as it would have been recorded, but for the wall clock, which stands still."""
        ops = [*self.setting(), *self.fault(), *self._operations(), *self._reading()]
        return History(sorted(ops, key=lambda op: op.t))

    def setting(self) -> Iterator[Op]:
        """What is noted and observed, in no order."""
        topic = {"name": "made-up", "partitions": self.partitions, "replication_factor": 2, "min_in_sync_replicas": 1}
        yield _note(0.0, "run", {"scenario": "made-up", "variant": self.variant})
        yield _note(0.01, "topic", topic)
        yield _note(0.02, "session_timeout", self.session_timeout)
        yield _note(0.2, "workload", {"op": "append", "processes": 1, "per_second": PER_SECOND})
        yield self._cluster(0.1, NODES, NODES)
        if self.struck:
            yield self._cluster(self.elected - 0.02, NODES[1:], NODES[1:])
            yield self._cluster(self.mending + 2.2, NODES[1:], NODES)
            yield self._cluster(self.mending + 2.8, NODES, NODES)
        yield _note(self.mending + 2.9, "recovered", {"what": "the old leader leads again", "seconds": 0.9})
        yield _note(self.ended, "workload_ended", {"op": "append"})
        yield _note(self.ended + 60, "end", None)

    def _cluster(self, t: float, leading: list[str], in_sync: list[str]) -> Op:
        described = {}
        for number in range(self.partitions):
            replicas = NODES if number % 2 == 0 else NODES[::-1]
            leader = next(node for node in replicas if node in leading)
            described[str(number)] = {"leader": leader, "replicas": replicas, "in_sync": in_sync}
        return Op(t, WALL, "watcher", "observe", "cluster", value={"brokers": in_sync, "partitions": described})

    def fault(self) -> Iterator[Op]:
        """The steps of the fault."""
        name = "untouched" if self.variant == "control" else "killed"
        for step, t in self.steps.items():
            value = {"node": NODES[0], "step": step, "what": None}
            yield Op(t, WALL, "lab", "fault", name, "fault-1", value)

    def _operations(self) -> Iterator[Op]:
        for one in self.appends:
            yield Op(one.invoked, WALL, one.process, "invoke", "append", one.id)
            if one.outcome == "ok":
                value = {"partition": one.partition, "offset": one.told, "crc": one.crc}
                yield Op(one.ended, WALL, one.process, "ok", "append", one.id, value)
            else:
                yield Op(one.ended, WALL, one.process, one.outcome, "append", one.id, None, "made up")

    def _reading(self) -> Iterator[Op]:
        for number, one in enumerate(self.reads):
            value: dict[str, Any] = {"partition": one.partition, "offset": one.offset, "crc": one.crc}
            value["broker"] = one.broker
            yield Op(self.ended + 1 + number / 1000, WALL, "reader", "ok", "read", one.id, value)
        for partition, end in enumerate(self._high_watermarks()):
            at = {"partition": partition, "position": end - self.unread.get(partition, 0), "high_watermark": end}
            yield Op(self.ended + 50, WALL, "reader", "ok", "read_end", value=at)


def made_up_run(seed: int, variant: Variant = "main", *, struck: bool = True) -> MadeUpRun:
    """A clean run, in which every check holds; unless the fault is recorded but never struck. A seed gives one run."""
    struck = struck and variant != "control"
    rng = random.Random(seed)
    timeout = rng.choice([3.0, 3.0, 3.0, 6.0])
    killed = 2.0 + rng.random()
    elected = killed + timeout * rng.uniform(0.85, 1.0)
    mending = elected + timeout * 0.9
    run = MadeUpRun(variant, struck, timeout, rng.randint(2, 6), killed, elected, mending, ended=mending + 4.5)
    run.steps = {"began": killed - 0.01, "applied": killed + 0.03, "mending": mending, "mended": mending + 2}
    if variant != "control":
        run.steps["felt"] = elected
    _load(run, rng)
    _settle_outcomes(run, rng)
    _write_the_log(run)
    return run


def _load(run: MadeUpRun, rng: random.Random) -> None:
    """Appends at a steady rate, all acknowledged; those that meet the dead leader wait for the election."""
    producers = rng.randint(2, 5)
    last: dict[int, float] = {}
    for number in range(int((run.ended - 0.5) * PER_SECOND)):
        partition = number % run.partitions
        invoked = 0.3 + number / PER_SECOND + rng.uniform(0, 0.005)
        ended = invoked + rng.uniform(0.001, 0.008)
        if run.struck and partition % 2 == 0 and run.killed <= ended < run.elected:
            ended = run.elected + rng.uniform(0.01, 0.05)
        ended = last[partition] = max(ended, last.get(partition, 0.0) + 0.00001)
        process = f"producer-{(number + number // run.partitions) % producers + 1}"
        run.appends.append(Append(f"append-{number + 1:06d}", process, partition, invoked, ended))


def _settle_outcomes(run: MadeUpRun, rng: random.Random) -> None:
    """One append fails, two end with unknown outcome, far apart, and so does a tenth of those that had to wait."""
    for position, outcome in zip((0.1, 0.2, 0.3), ("fail", "info", "info"), strict=True):
        chosen = run.appends[int(len(run.appends) * (position + rng.uniform(-0.03, 0.03)))]
        chosen.outcome = "fail" if outcome == "fail" else "info"
    for one in run.appends:
        if one.ended - one.invoked > 0.1 and rng.random() < 0.1:
            one.outcome = "info"


def _write_the_log(run: MadeUpRun) -> None:
    """Every acknowledged append gets its offset, and every other one of unknown outcome; then all is read."""
    unknown = 0
    ends = dict.fromkeys(range(run.partitions), 0)
    for one in run.appends:
        unknown += one.outcome == "info"
        if one.outcome == "ok" or (one.outcome == "info" and unknown % 2 == 0):
            one.offset = one.told = ends[one.partition]
            ends[one.partition] += 1
            run.reads.append(Read(one.id, one.partition, one.offset, one.crc, broker=1 + one.partition % 2))


def _note(t: float, name: str, value: Any) -> Op:
    return Op(t, WALL, "lab", "note", name, value=value)
