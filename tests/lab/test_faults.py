"""Every fault is journalled first, proved, and mended whatever happens in its body."""

import json
from pathlib import Path
from typing import Any

import pytest

from lab import faults
from lab.cluster.target import LabError, Refused
from lab.faults import FAULTS, FaultDidNotHold, broken, heal
from lab.journal import Journal
from tests.lab.fake_target import FakeTarget

BREAKING = [fault for fault in FAULTS.values() if fault.needs]


class Steps:
    """Takes the place of the history."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def __call__(self, name: str, id: str, value: Any) -> None:
        self.seen.append(value["step"])


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "faults.jsonl")


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faults, "TOOK_HOLD_WITHIN", 0.05)
    monkeypatch.setattr(faults, "MENDED_WITHIN", 0.05)


@pytest.mark.parametrize("fault", FAULTS.values(), ids=lambda fault: fault.name)
def test_a_fault_mends_when_its_body_raises(fault: faults.Fault, journal: Journal) -> None:
    target, steps = FakeTarget(), Steps()
    with pytest.raises(ZeroDivisionError), broken(fault, "kafka-1", target, journal, steps):
        assert (target.states["kafka-1"] == "running") == (fault.needs is None)
        raise ZeroDivisionError
    assert target.states["kafka-1"] == "running"
    assert journal.open_faults() == []
    assert steps.seen == ["began", "applied", "mending", "mended"]


@pytest.mark.parametrize("fault", BREAKING, ids=lambda fault: fault.name)
def test_a_fault_mends_on_ctrl_c(fault: faults.Fault, journal: Journal) -> None:
    target = FakeTarget()
    with pytest.raises(KeyboardInterrupt), broken(fault, "kafka-1", target, journal, Steps()):
        assert target.states["kafka-1"] != "running"
        raise KeyboardInterrupt
    assert target.states["kafka-1"] == "running"
    assert journal.open_faults() == []


@pytest.mark.parametrize("fault", BREAKING, ids=lambda fault: fault.name)
def test_a_fault_that_does_nothing_is_an_error_and_is_still_mended(fault: faults.Fault, journal: Journal) -> None:
    target, steps = FakeTarget(), Steps()
    target.deaf_to = {"kill", "stop", "pause", "cut_off"}
    with pytest.raises(FaultDidNotHold, match="kafka-1 should be"), broken(fault, "kafka-1", target, journal, steps):
        pytest.fail("the body must not run")
    assert steps.seen == ["began", "not_applied", "mending", "mended"]
    assert journal.open_faults() == []


@pytest.mark.parametrize("fault", BREAKING, ids=lambda fault: fault.name)
def test_a_fault_is_in_the_journal_before_it_is_applied(fault: faults.Fault, journal: Journal) -> None:
    seen: list[str] = []

    class Watched(FakeTarget):
        def _become(self, call: str, node: str, state: Any) -> None:
            seen.extend(f"{call}: {entry.fault}" for entry in journal.open_faults())
            super()._become(call, node, state)

    with broken(fault, "kafka-1", Watched(), journal, Steps()):
        pass
    assert seen[0] == f"{fault.needs}: {fault.name}"


def test_a_node_that_stays_ill_keeps_the_journal_open_and_says_its_last_words(journal: Journal) -> None:
    target = FakeTarget()
    target.deaf_to = {"start"}
    with (
        pytest.raises(LabError, match="said its last words"),
        broken(FAULTS["killed"], "kafka-1", target, journal, Steps()),
    ):
        pass
    assert [entry.node for entry in journal.open_faults()] == ["kafka-1"]


@pytest.mark.parametrize("fault", BREAKING, ids=lambda fault: fault.name)
def test_heal_mends_what_a_killed_run_left_behind_and_twice_is_harmless(fault: faults.Fault, journal: Journal) -> None:
    target, told = FakeTarget(), []
    journal.will_break("1-fault-1", fault.name, "kafka-2")
    fault.apply(target, "kafka-2")
    assert heal(target, journal, told.append) == 1
    assert target.states["kafka-2"] == "running"
    assert told == [f"mending kafka-2, which was {fault.name}"]
    assert heal(target, journal, told.append) == 0


def test_mending_early_means_that_leaving_the_body_does_nothing_more(journal: Journal) -> None:
    target, steps = FakeTarget(), Steps()
    with broken(FAULTS["paused"], "kafka-1", target, journal, steps) as opened:
        opened.mend()
        assert target.states["kafka-1"] == "running"
    assert steps.seen.count("mended") == 1


def test_a_target_that_cannot_do_a_fault_refuses_it_before_anything_is_touched(journal: Journal) -> None:
    target = FakeTarget(abilities=["kill"])
    with pytest.raises(Refused, match="because this fake has no cut_off"):  # noqa: SIM117 - the body must not run
        with broken(FAULTS["cut_off"], "kafka-1", target, journal, Steps()):
            pytest.fail("the body must not run")
    assert target.calls == []
    assert journal.open_faults() == []


def test_the_journal_survives_a_line_torn_by_a_kill(tmp_path: Path) -> None:
    path = tmp_path / "faults.jsonl"
    Journal(path).will_break("1-fault-1", "killed", "kafka-1")
    with path.open("a") as file:
        file.write('{"id": "2-fault-1", "st')
    journal = Journal(path)
    assert [entry.id for entry in journal.open_faults()] == ["1-fault-1"]
    journal.mended("1-fault-1")
    assert journal.open_faults() == []
    assert json.loads(path.read_text().splitlines()[-1])["step"] == "mended"
