"""What the self-test says is true: it finds every planted anomaly, and it would say so if a check saw nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lab import checks, self_test
from lab.bench import measure, write_large_history
from lab.history import History, Kind, Op, Recorder
from lab.self_test import ANOMALIES, JUDGES, Anomaly, Row, findings_with, is_clean, is_detected, run_self_test
from lab.synthetic import made_up_run
from lab.verdict import Check, Finding, Verdict, judge, name_of, named


@pytest.fixture(scope="module")
def rows() -> dict[str, Row]:
    return {row.anomaly: row for row in run_self_test()}


def test_a_hundred_clean_histories_raise_no_alarm(rows: dict[str, Row]) -> None:
    assert (rows["none"].detected, rows["none"].of) == (100, 100)


@pytest.mark.parametrize("anomaly", ANOMALIES, ids=lambda anomaly: anomaly.name)
def test_the_right_check_finds_the_anomaly_in_each_of_a_hundred_histories(
    anomaly: Anomaly, rows: dict[str, Row]
) -> None:
    assert rows[anomaly.name] == Row(anomaly.name, 100, 100, anomaly.check)


def test_the_report_has_a_row_for_the_clean_ones_and_one_for_each_anomaly(rows: dict[str, Row]) -> None:
    assert list(rows) == ["none", *(anomaly.name for anomaly in ANOMALIES)]


@pytest.mark.parametrize("anomaly", ANOMALIES, ids=lambda anomaly: anomaly.name)
def test_a_check_that_has_gone_blind_is_noticed(anomaly: Anomaly, monkeypatch: pytest.MonkeyPatch) -> None:
    @named(anomaly.check)
    def blind(history: History) -> Finding:
        return Finding(anomaly.check, Verdict.HOLDS)

    assert is_detected(anomaly, seed=1)
    monkeypatch.setattr(self_test, "JUDGES", [blind if name_of(check) == anomaly.check else check for check in JUDGES])
    assert not is_detected(anomaly, seed=1)


def test_a_check_that_cries_wolf_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def wolf(history: History) -> Finding:
        return Finding("wolf", Verdict.BROKEN)

    assert is_clean(seed=1)
    monkeypatch.setattr(self_test, "JUDGES", [*JUDGES, wolf])
    assert not is_clean(seed=1)
    assert not is_detected(ANOMALIES[0], seed=1)


def test_a_fault_that_did_not_happen_makes_the_whole_verdict_unknown() -> None:
    anomaly = next(anomaly for anomaly in ANOMALIES if anomaly.check == "the_fault_was_felt")
    for seed in range(20):
        assert {finding.verdict for finding in findings_with(anomaly, seed)} == {Verdict.HOLDS, Verdict.UNKNOWN}


def test_the_same_seed_gives_the_same_history_and_another_seed_another() -> None:
    assert list(made_up_run(7).history()) == list(made_up_run(7).history())
    assert list(made_up_run(7).history()) != list(made_up_run(8).history())


def test_the_made_up_runs_have_what_a_real_one_has() -> None:
    for seed in range(10):
        found = made_up_run(seed).history()
        outcomes = checks.unknown_outcomes_may_appear(found).counts
        assert outcomes["appeared"] > 0
        assert outcomes["not_appeared"] > 0
        assert len(found.of("append", "fail")) > 0
        assert len({op.process for op in found.of("append", "invoke")}) > 1
        assert len({op.value["partition"] for op in found.of("append", "ok")}) > 1


def test_a_made_up_run_that_was_written_to_a_file_is_judged_the_same(tmp_path: Path) -> None:
    made_up = made_up_run(3).history()
    times = iter([0.0, *(op.t for op in made_up)])
    with Recorder(tmp_path / "history.jsonl", clock=lambda: next(times)) as recorder:
        for op in made_up:
            recorder.add(op.process, op.kind, op.op, op.id, op.value, op.error)
    loaded = judge(History.load(recorder.path), JUDGES)[1]
    assert [(f.check, f.verdict, f.says) for f in loaded] == [
        (f.check, f.verdict, f.says) for f in judge(made_up, JUDGES)[1]
    ]


def test_the_large_history_of_the_benchmark_is_clean(tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    write_large_history(path, 9000)
    figures = measure(path)
    assert (figures["verdict"], figures["not_holding"]) == ("HOLDS", [])
    assert figures["lines"] == pytest.approx(9000, rel=0.01)
    assert 0 < figures["peak_mb"] < 500


class Counted(History):
    """Counts how many lines the checks look at, however often they look at the same one."""

    looked_at = 0

    def __iter__(self) -> Iterator[Op]:
        for op in super().__iter__():
            self.looked_at += 1
            yield op

    def of(self, op: str, *kinds: Kind) -> list[Op]:
        found = super().of(op, *kinds)
        self.looked_at += len(found)
        return found


@pytest.fixture(scope="module")
def short_and_long(tmp_path_factory: pytest.TempPathFactory) -> list[list[Op]]:
    path = tmp_path_factory.mktemp("long") / "history.jsonl"
    found = []
    for lines in (3_000, 30_000):
        write_large_history(path, lines)
        found.append(list(History.load(path)))
    return found


@pytest.mark.parametrize("check", JUDGES, ids=name_of)
def test_a_check_looks_at_ten_times_as_many_lines_when_there_are_ten_times_as_many(
    check: Check, short_and_long: list[list[Op]]
) -> None:
    looks = []
    for ops in short_and_long:
        found = Counted(ops)
        check(found)
        assert found.looked_at <= 12 * len(ops)
        looks.append(found.looked_at)
    assert looks[1] <= 11 * looks[0] + 100
