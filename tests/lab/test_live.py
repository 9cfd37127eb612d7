"""What the live view makes of a history: figures, and the lines that a person should hear."""

from typing import Any

from rich.console import Console

from lab.history import Op
from lab.live import LiveView, Progress

PARTITION = {"leader": "kafka-1", "replicas": ["kafka-1", "kafka-2"], "in_sync": ["kafka-1", "kafka-2"]}


def line(kind: Any, op: str, value: Any = None, t: float = 1.0, id: str | None = None) -> Op:
    return Op(t, "2026-11-24T12:00:00.000+00:00", "somebody", kind, op, id, value, None)


def cluster(leader: str | None, in_sync: list[str]) -> Op:
    return line("observe", "cluster", {"brokers": in_sync, "partitions": {"0": {"leader": leader, "in_sync": in_sync}}})


def test_operations_are_counted_by_how_they_ended() -> None:
    progress = Progress()
    for kind in ("invoke", "invoke", "invoke", "ok", "info"):
        progress.take(line(kind, "append", id="a"))
    assert progress.begun == 3
    assert progress.counts == {"ok": 1, "info": 1, "fail": 0}


def test_reads_are_not_counted_as_acknowledgements() -> None:
    progress = Progress()
    progress.take(line("ok", "read", {"partition": 0, "offset": 1}, id="a"))
    progress.take(line("ok", "read_end", {"partition": 0}))
    assert progress.counts["ok"] == 0
    assert progress.read == 1


def test_the_rate_falls_to_nothing_when_acknowledgements_stop() -> None:
    progress = Progress()
    for number in range(10):
        progress.take(line("ok", "append", t=number / 10))
    assert progress.rate() == 5
    progress.take(line("invoke", "append", t=9.0))
    assert progress.rate() == 0


def test_a_change_of_leader_is_told_once() -> None:
    progress = Progress()
    assert progress.take(cluster("kafka-1", ["kafka-1", "kafka-2"])) == (
        "partition 0: leader kafka-1, in sync kafka-1, kafka-2"
    )
    assert progress.take(cluster("kafka-1", ["kafka-1", "kafka-2"])) is None
    assert progress.take(cluster("kafka-2", ["kafka-2"])) == "partition 0: leader kafka-2, in sync kafka-2"
    assert progress.take(cluster(None, [])) == "partition 0: leader none, in sync none"


def test_every_step_of_a_fault_is_told() -> None:
    progress = Progress()
    for step in ("began", "applied", "felt", "not_applied", "not_felt", "mending", "mended"):
        told = progress.take(line("fault", "killed", {"node": "kafka-1", "step": step, "what": "the effect"}))
        assert told
        assert "kafka-1" in told or "the effect" in told


def test_elsewhere_than_on_a_terminal_there_are_plain_lines_only() -> None:
    console = Console(record=True, force_terminal=False, width=200)
    with LiveView("a run", console) as view:
        view.hear(line("note", "phase", "two brokers"))
        view.hear(line("ok", "append"))
    assert console.export_text() == "a run\n   1.00 s  two brokers\n"


def test_on_a_terminal_the_picture_shows_figures_and_leaders() -> None:
    console = Console(record=True, force_terminal=True, width=200)
    view = LiveView("a run", console)
    for heard in (line("note", "phase", "one broker"), line("invoke", "append"), cluster("kafka-2", ["kafka-2"])):
        view.hear(heard)
    console.print(view._draw())
    drawn = console.export_text()
    assert "in flight 1" in drawn
    assert "one broker" in drawn
    assert "partitions 0: leader kafka-2, in sync kafka-2" in drawn
