"""The history file: what the Recorder writes is what a History holds, also after a crash in the middle of a line."""

import datetime
import itertools
import threading
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.history import History, HistoryError, Op, Recorder, RecorderError

KINDS = ["invoke", "ok", "fail", "info", "fault", "observe", "note"]
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
LINES = st.lists(
    st.tuples(st.text(), st.sampled_from(KINDS), st.text(), st.none() | st.text(), JSON, st.none() | st.text()),
    max_size=8,
)


@pytest.fixture(scope="module")
def numbered_path(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Path]:
    numbers = itertools.count()
    folder = tmp_path_factory.mktemp("histories")
    return lambda: folder / f"{next(numbers)}.jsonl"


def record(path: Path, lines: list[tuple]) -> list[Op]:
    """Written by a clock that stands still, so that a line always has the same length."""
    with Recorder(path, clock=lambda: 1.5) as recorder:
        return [recorder.add(*line) for line in lines]


@given(lines=LINES)
def test_what_is_recorded_is_what_is_loaded(lines: list[tuple], numbered_path: Callable[[], Path]) -> None:
    path = numbered_path()
    written = record(path, lines)
    assert list(History.load(path)) == written
    assert [(op.process, op.kind, op.op, op.id, op.value, op.error) for op in written] == lines


@given(lines=LINES.filter(bool), data=st.data())
def test_a_file_cut_anywhere_keeps_every_whole_line_and_counts_the_torn_one(
    lines: list[tuple], data: st.DataObject, numbered_path: Callable[[], Path]
) -> None:
    path = numbered_path()
    written = record(path, lines)
    content = path.read_bytes()
    cut = data.draw(st.integers(0, len(content)))
    path.write_bytes(content[:cut])
    whole, rest = content[:cut].count(b"\n"), content[:cut].rpartition(b"\n")[2]
    # A last line that lacks nothing but its newline is still whole.
    complete_rest = bool(rest) and content[cut : cut + 1] == b"\n"
    history = History.load(path)
    assert list(history) == written[: whole + complete_rest]
    assert history.torn == (1 if rest and not complete_rest else 0)


def test_a_bad_line_before_the_last_is_an_error_that_names_the_line(tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    record(path, [("lab", "note", "run")] * 3)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(lines[0] + b'{"t": 1.0, "wall"\n' + lines[2])
    with pytest.raises(HistoryError, match=r"history\.jsonl, line 2 is not a line of a history"):
        History.load(path)


def test_a_bad_last_line_that_was_finished_is_an_error_too(tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    record(path, [("lab", "note", "run")])
    path.write_bytes(path.read_bytes() + b'{"t": 1.0}\n')
    with pytest.raises(HistoryError, match="line 2"):
        History.load(path)


def test_a_line_of_an_unknown_kind_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    record(path, [("lab", "note", "run")])
    path.write_bytes(path.read_bytes().replace(b'"note"', b'"rumour"'))
    with pytest.raises(HistoryError, match="rumour"):
        History.load(path)


def test_a_missing_file_is_an_error_with_its_path(tmp_path: Path) -> None:
    with pytest.raises(HistoryError, match=r"cannot read the history .*nothing"):
        History.load(tmp_path / "nothing.jsonl")


def test_an_empty_file_is_an_empty_history(tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    record(path, [])
    history = History.load(path)
    assert len(history) == 0
    assert history.torn == 0


def test_lines_have_the_documented_fields_in_the_documented_order(tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    record(path, [("producer-1", "ok", "append", "a-000001", {"partition": 0, "offset": 7, "crc": 1})])
    assert list(msgspec.json.decode(path.read_bytes())) == [
        "t",
        "wall",
        "process",
        "kind",
        "op",
        "id",
        "value",
        "error",
    ]


def test_times_come_from_the_clock_and_the_wall_clock_goes_along(tmp_path: Path) -> None:
    seconds = iter([100.0, 100.25, 103.1234567])
    with Recorder(tmp_path / "history.jsonl", clock=lambda: next(seconds)) as recorder:
        first, second = recorder.add("lab", "note", "run"), recorder.add("lab", "note", "phase")
    assert (first.t, second.t) == (0.25, 3.123457)
    walls = [datetime.datetime.fromisoformat(op.wall) for op in (first, second)]
    assert walls[0].tzinfo is not None
    assert (walls[1] - walls[0]).total_seconds() == pytest.approx(2.873, abs=0.0015)


def test_threads_write_whole_lines_in_the_order_of_their_times(tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    with Recorder(path) as recorder:

        def add_many(name: str) -> None:
            for number in range(300):
                recorder.add(name, "invoke", "append", f"{name}-{number}", {"text": "x" * number})

        threads = [threading.Thread(target=add_many, args=(f"producer-{n}",)) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    history = History.load(path)
    assert len(history) == 1200
    assert [op.t for op in history] == sorted(op.t for op in history)


def test_a_line_is_in_the_file_before_add_returns(tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    with Recorder(path) as recorder:
        recorder.add("lab", "note", "run")
        assert len(History.load(path)) == 1


def test_listeners_hear_every_line_and_may_write_themselves(tmp_path: Path) -> None:
    heard: list[Op] = []
    with Recorder(tmp_path / "history.jsonl") as recorder:

        def listener(op: Op) -> None:
            heard.append(op)
            if op.op == "run":
                recorder.add("lab", "note", "echo")

        recorder.listen(listener)
        recorder.add("lab", "note", "run")
    assert [op.op for op in heard] == ["run", "echo"]
    assert list(History.load(recorder.path)) == heard


def test_after_a_line_could_not_be_written_nothing_is_written_behind_it(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "history.jsonl")
    recorder.add("lab", "note", "run")
    recorder.close()
    for _ in range(2):
        with pytest.raises(RecorderError, match=r"cannot write .*history\.jsonl"):
            recorder.add("lab", "note", "phase")
    assert len(History.load(recorder.path)) == 1


def test_a_full_disk_is_one_sentence() -> None:
    with (
        Recorder(Path("/dev/full")) as recorder,
        pytest.raises(RecorderError, match=r"^cannot write /dev/full: No space"),
    ):
        recorder.add("lab", "note", "run")


def test_a_folder_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(RecorderError, match=r"cannot write .*: No such file"):
        Recorder(tmp_path / "missing" / "history.jsonl")


def op(kind: str, name: str, value: object = None) -> Op:
    return Op(0.0, "", "lab", kind, name, value=value)


def test_of_selects_by_op_and_kind_in_order() -> None:
    history = History([op("invoke", "append", 1), op("ok", "append", 2), op("ok", "read", 3), op("fail", "append", 4)])
    assert [line.value for line in history.of("append")] == [1, 2, 4]
    assert [line.value for line in history.of("append", "ok", "fail")] == [2, 4]
    assert history.of("append", "ok", "fail") is history.of("append", "ok", "fail")
    assert history.of("nothing") == []
    assert history.of("nothing", "ok") == []


def test_the_last_note_counts() -> None:
    history = History([op("note", "phase", "one"), op("note", "phase", "two"), op("ok", "phase", "three")])
    assert history.note("phase") == "two"
    assert history.note("topic") is None
    assert history.note("topic", {"partitions": 1}) == {"partitions": 1}


def test_the_variant_is_that_of_the_run_note() -> None:
    assert History([]).variant == "main"
    assert History([op("note", "run", {"variant": "control"})]).variant == "control"


def test_a_history_is_a_sequence() -> None:
    lines = [op("note", "phase", number) for number in range(3)]
    history = History(iter(lines))
    assert (history[0], history[-1], history[1:]) == (lines[0], lines[2], lines[1:])
    assert lines[1] in history
