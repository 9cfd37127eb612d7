"""The lines of literal histories: each function is one line of a history, or a few, so a test shows the whole run.

Times are seconds since the run began. `history` puts the lines together.
"""

from typing import Any

from lab.history import History, Kind, Op

BOTH = ["kafka-1", "kafka-2"]


def line(t: float, process: str, kind: Kind, op: str, id: str | None = None, value: Any = None) -> Op:
    return Op(t, "2024-01-01T00:00:00.000+00:00", process, kind, op, id, value)


def note(t: float, name: str, value: Any = None) -> Op:
    return line(t, "lab", "note", name, value=value)


def variant(name: str) -> Op:
    return note(0, "run", {"scenario": "made-up", "variant": name})


def topic(partitions: int = 1, replication_factor: int = 2) -> Op:
    return note(0, "topic", {"name": "t", "partitions": partitions, "replication_factor": replication_factor})


def timeout(seconds: float) -> Op:
    return note(0, "session_timeout", seconds)


def ended(t: float) -> Op:
    return note(t, "workload_ended", {"op": "append"})


def invoke(t: float, id: str, process: str = "producer-1") -> Op:
    return line(t, process, "invoke", "append", id)


def ok(t: float, id: str, offset: int | None, partition: int = 0, crc: int = 7) -> Op:
    return line(t, "producer-1", "ok", "append", id, {"partition": partition, "offset": offset, "crc": crc})


def fail(t: float, id: str) -> Op:
    return line(t, "producer-1", "fail", "append", id)


def info(t: float, id: str) -> Op:
    return line(t, "producer-1", "info", "append", id)


def written(t: float, id: str, offset: int | None, partition: int = 0, process: str = "producer-1") -> list[Op]:
    return [invoke(t, id, process), ok(t, id, offset, partition)]


def acks(*times: float, partition: int = 0) -> list[Op]:
    """Acknowledged appends at these times, all of them in one partition."""
    return [op for n, t in enumerate(times) for op in written(t, f"{partition}-{n}", n, partition)]


def read(
    t: float, id: str | None, offset: int, partition: int = 0, crc: int = 7, broker: int | str | None = None
) -> Op:
    value = {"partition": partition, "offset": offset, "crc": crc, "broker": broker}
    return line(t, "reader", "ok", "read", id, value)


def read_end(t: float, position: int, high_watermark: int | None = None, partition: int = 0) -> Op:
    end = position if high_watermark is None else high_watermark
    value = {"partition": partition, "position": position, "high_watermark": end}
    return line(t, "reader", "ok", "read_end", value=value)


def read_failed(t: float, error: str, partition: int = 0) -> Op:
    return Op(t, "", "reader", "fail", "read_end", value={"partition": partition}, error=error)


def fault(
    t: float, step: str, name: str = "killed", node: str = "kafka-1", id: str = "fault-1", what: Any = None
) -> Op:
    return line(t, "lab", "fault", name, id, {"node": node, "step": step, "what": what})


def broken(
    began: float, mending: float, name: str = "killed", node: str = "kafka-1", id: str = "fault-1", felt: bool = True
) -> list[Op]:
    """A whole fault: it takes hold at once, is felt at once, and is mended at once."""
    steps = [(began, "began"), (began, "applied"), (began, "felt"), (mending, "mending"), (mending, "mended")]
    return [fault(t, step, name, node, id) for t, step in steps if felt or step != "felt"]


def untouched(began: float, mending: float) -> list[Op]:
    return broken(began, mending, "untouched", felt=False)


def cluster(
    t: float, leaders: list[str | None], in_sync: list[str] = BOTH, replicas: list[list[str]] | None = None
) -> Op:
    """One observation: each partition's leader. The first copy of even ones is on kafka-1, of odd ones on kafka-2."""
    placed = replicas or [BOTH if number % 2 == 0 else BOTH[::-1] for number in range(len(leaders))]
    partitions = {
        str(number): {"leader": leader, "replicas": placed[number], "in_sync": in_sync}
        for number, leader in enumerate(leaders)
    }
    return line(t, "watcher", "observe", "cluster", value={"brokers": in_sync, "partitions": partitions})


def history(*lines: Op | list[Op], torn: int = 0) -> History:
    """The lines in the order of their times; of the same time, in the order given."""
    ops = [op for part in lines for op in (part if isinstance(part, list) else [part])]
    return History(sorted(ops, key=lambda op: op.t), torn)
