"""The experiment itself: was the fault felt, was there load, did the script and the system come to a good end."""

import pytest

from lab.checks import enough_was_written, the_fault_was_felt, the_script_ran_to_its_end, the_system_recovered
from lab.history import History, Op
from tests.lab.lines import acks, broken, fault, history, note, untouched, variant


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ([], "No fault is in the history."),
        ([fault(5, "began")], "It is not proved that kafka-1 was killed."),
        (
            [fault(5, "began"), fault(9, "not_applied", what="waited 4 s.")],
            "It is not proved that kafka-1 was killed (waited 4 s).",
        ),
        (
            [*broken(5, 9, felt=False), fault(8, "not_felt", what="an election")],
            "kafka-1 was killed, but no effect was seen (an election).",
        ),
        ([*broken(5, 9), *broken(6, 7, "paused", "kafka-2", "fault-2", felt=False)], "kafka-2 was paused, but"),
        (untouched(5, 9), "kafka-1 was left untouched, though this is not a control run."),
    ],
)
def test_a_fault_that_was_not_felt_says_what_is_missing(lines: list[Op], says: str) -> None:
    finding = the_fault_was_felt(history(*lines))
    assert finding.verdict == "UNKNOWN"
    assert finding.says.startswith(says)


def test_several_faults_hold_when_each_was_felt() -> None:
    found = history(*broken(5, 9), *broken(6, 7, "paused", "kafka-2", "fault-2"))
    assert the_fault_was_felt(found).verdict == "HOLDS"
    assert the_fault_was_felt(found).counts == {"faults": 2, "applied": 2, "felt": 2}


def test_in_a_control_run_nothing_may_be_touched() -> None:
    assert the_fault_was_felt(history(variant("control"), *untouched(5, 9))).verdict == "HOLDS"
    assert the_fault_was_felt(history(variant("control"))).verdict == "HOLDS"
    finding = the_fault_was_felt(history(variant("control"), *broken(5, 9)))
    assert (finding.verdict, finding.says) == ("UNKNOWN", "The control run was none: kafka-1 was killed.")


def test_enough_is_counted_in_acknowledgements() -> None:
    found = history(*acks(*range(100)))
    assert enough_was_written()(found).verdict == "HOLDS"
    assert enough_was_written(acknowledged=101)(found).verdict == "UNKNOWN"


@pytest.mark.parametrize(
    ("found", "says"),
    [
        (history(note(8, "crash", "KeyError: 'x'"), note(9, "end")), "The script failed: KeyError: 'x'."),
        (history(note(8, "ended_early", "no recovery"), note(9, "end")), "The script ended early: no recovery."),
        (history(note(8, "interrupted")), "The run was interrupted."),
        (history(note(8, "phase", "two brokers")), "The history ends before the run did."),
        (history(note(9, "end"), torn=1), "The history ends within a line: its writer was killed."),
        (history(fault(5, "began"), fault(5, "applied"), note(9, "end")), "kafka-1 was killed and never mended."),
    ],
)
def test_a_run_that_did_not_end_well_says_why(found: History, says: str) -> None:
    finding = the_script_ran_to_its_end(found)
    assert (finding.verdict, finding.says) == ("UNKNOWN", says)


def test_every_reason_is_a_witness() -> None:
    finding = the_script_ran_to_its_end(history(note(8, "crash", "KeyError"), fault(5, "began")))
    assert finding.witnesses == ["The script failed: KeyError.", "kafka-1 was killed and never mended."]


def test_a_recovery_that_did_not_come_weighs_more_than_those_that_did() -> None:
    found = history(
        *broken(5, 9),
        note(10, "recovered", {"what": "it is back in sync", "seconds": 1.0}),
        note(70, "not_recovered", {"what": "it leads again", "within": 60}),
    )
    finding = the_system_recovered(found)
    assert (finding.verdict, finding.says) == ("BROKEN", "Not within 60 s: it leads again.")
    assert finding.counts == {"recovered": 1, "not_recovered": 1, "slowest": 1.0}


def test_recoveries_are_told_with_their_seconds() -> None:
    notes = [note(n, "recovered", {"what": f"step {n} is done", "seconds": n / 4}) for n in (10, 12)]
    finding = the_system_recovered(history(*broken(5, 9), *notes))
    assert finding.says == "Recovered: step 10 is done (2.5 s); step 12 is done (3.0 s)."
    assert finding.counts["slowest"] == 3


def test_where_no_recovery_was_waited_for_the_mending_is_enough() -> None:
    assert the_system_recovered(history(*broken(5, 9))).verdict == "HOLDS"
