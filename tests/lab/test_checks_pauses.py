"""How long writes paused, and to which part of a run a silence belongs."""

import pytest

from lab.checks import clean_stop_pauses_less, writes_pause_at_most, writes_pause_for
from lab.history import History, Op
from lab.silences import Silence, silences, windows
from tests.lab.lines import (
    acks,
    broken,
    ended,
    fail,
    fault,
    history,
    info,
    invoke,
    timeout,
    untouched,
    variant,
    written,
)


def longest_of(found: History) -> list[tuple[str, float | None]]:
    return [(window.kind, window.longest and window.longest.seconds) for window in windows(found, 0)]


@pytest.mark.parametrize(
    ("times", "baseline", "at_fault", "at_return"),
    [
        # the last acknowledgement is a little older than the fault
        ([8, 9, 9.9, 16, 20, 20.5, 21], 1, 6.1, 0.5),
        # acknowledgements that were under way still arrive after it
        ([8, 9, 9.9, 10.3, 13, 19, 20.5, 21], 1, 6, 0.5),
        # a silence that the fault caused lasts beyond the mending
        ([8, 9, 10, 26, 27], 1, 16, 1),
        # the return has a silence of its own
        ([8, 9, 10, 11, 19.5, 20.2, 23.2, 24], 1, 8.5, 3),
        # a silence that lies mostly before the fault is not the fault's
        ([1, 8, 11, 12, 19, 21], 7, 7, None),
    ],
)
def test_a_silence_is_laid_to_what_caused_it(
    times: list[float], baseline: float, at_fault: float, at_return: float | None
) -> None:
    found = history(*acks(*times), *broken(10, 20), ended(30))
    assert longest_of(found) == [("baseline", baseline), ("fault", at_fault), ("return", at_return)]


def test_windows_follow_each_other_and_overlapping_faults_share_one() -> None:
    overlapping = [*broken(10, 20, "paused", "kafka-2"), *broken(12, 30, id="fault-2"), *broken(40, 50, id="fault-3")]
    cut = windows(history(*acks(1, 2), *overlapping), 0)
    assert [(window.kind, window.start) for window in cut[1:]] == [
        ("fault", 10),
        ("return", 30),
        ("fault", 40),
        ("return", 50),
    ]
    assert [window.fault_names for window in cut] == [[], ["paused", "killed"], [], ["killed"], []]


def test_a_silence_in_another_partition_is_not_counted() -> None:
    found = history(*acks(1, 2, 3), *acks(1, 9, partition=1), ended(9))
    assert [silence.seconds for silence in silences(found, 0)] == [1, 1]
    assert [silence.seconds for silence in silences(found, 1)] == [8]


def test_the_end_of_the_workload_is_no_silence_unless_somebody_waited_in_vain() -> None:
    acked = acks(1, 2)
    assert list(silences(history(*acked, ended(9)), 0)) == [Silence(1, 2)]
    for end in (info, fail):
        waited = history(*acked, invoke(3, "x"), end(8, "x"), ended(9))
        assert list(silences(waited, 0)) == [Silence(1, 2), Silence(2, 9, is_open=True)]
    assert list(silences(history(*acked, invoke(3, "x"), invoke(8, "y")), 0))[-1] == Silence(2, 8, is_open=True)


def failover(*times: float, **more: Op) -> History:
    return history(timeout(3), *acks(*times), *broken(10, 20), *more.values(), ended(30))


def test_the_gaps_of_fault_and_return_are_told_apart() -> None:
    finding = writes_pause_for()(failover(8, 9.5, 10, 13.1, 20, 21.5, 22))
    assert finding.counts == {
        "fault_gap": 6.9,
        "return_gap": 1.5,
        "baseline_gap": 1.5,
        "session_timeout": 3,
        "fault_gap_ratio": 2.3,
    }


@pytest.mark.parametrize(
    ("resumed", "verdict"), [(12.1, "BROKEN"), (12.2, "HOLDS"), (13.75, "HOLDS"), (13.8, "BROKEN")]
)
def test_both_ends_of_the_band_count(resumed: float, verdict: str) -> None:
    times = [9.8, 10, resumed, *(resumed + n for n in range(1, 10))]
    finding = writes_pause_for(session_timeouts=(0.73, 1.25))(failover(*times))
    assert finding.verdict == verdict
    assert finding.witnesses == [{"from": 10, "to": resumed, "seconds": round(resumed - 10, 3)}]


def test_writes_that_never_resumed_are_broken_once_they_are_past_the_band_and_unknown_before() -> None:
    def given_up(end: float) -> History:
        lost = [invoke(10.1, "x"), info(end, "x")]
        return history(timeout(3), *acks(8, 9, 10), *lost, *broken(10, 20), ended(end))

    assert writes_pause_for()(given_up(13)).verdict == "UNKNOWN"
    assert writes_pause_for()(given_up(14)).verdict == "BROKEN"
    assert "at least 4.00 s" in writes_pause_for()(given_up(14)).says


def test_without_a_write_before_the_fault_nothing_can_be_said() -> None:
    assert writes_pause_for()(failover(11, 14, 15)).verdict == "UNKNOWN"
    assert writes_pause_for()(failover()).verdict == "UNKNOWN"


def test_a_fault_that_was_not_felt_has_no_gap_to_judge() -> None:
    found = history(timeout(3), *acks(8, 9, 10, 13, 14), *broken(10, 20, felt=False), ended(30))
    assert writes_pause_for()(found).verdict == "UNKNOWN"


@pytest.mark.parametrize(("gap", "verdict"), [(1.0, "HOLDS"), (1.1, "BROKEN")])
def test_a_control_run_may_not_pause_anywhere(gap: float, verdict: str) -> None:
    for at in (5, 12, 22):
        times = [t for t in range(31) if t <= at] + [at + gap + n for n in range(31 - at)]
        found = history(variant("control"), timeout(3), *acks(*times), *untouched(10, 20), ended(31))
        assert writes_pause_for(control_at_most=1 / 3)(found).verdict == verdict
        assert clean_stop_pauses_less(control_at_most=1 / 3)(found).verdict == verdict


def test_a_control_run_without_the_session_timeout_is_unknown() -> None:
    found = history(variant("control"), *acks(*range(10)), *untouched(3, 5))
    assert writes_pause_for()(found).verdict == clean_stop_pauses_less()(found).verdict == "UNKNOWN"


def test_the_longest_silence_of_any_partition_counts_unless_one_is_named() -> None:
    found = history(*acks(1, 2, 3), *acks(1, 9, partition=1), ended(9))
    assert writes_pause_at_most(seconds=5)(found).verdict == "BROKEN"
    assert writes_pause_at_most(seconds=5, partition=0)(found).verdict == "HOLDS"
    assert writes_pause_at_most(seconds=5, partition=1)(found).verdict == "BROKEN"
    assert writes_pause_at_most(seconds=5, partition=7)(found).verdict == "UNKNOWN"


def test_a_silence_that_never_ended_is_not_enough_to_hold() -> None:
    lines = [*acks(1, 2), invoke(3, "x"), info(6, "x"), ended(6)]
    assert writes_pause_at_most(seconds=5)(history(*lines)).verdict == "UNKNOWN"
    assert writes_pause_at_most(seconds=3)(history(*lines)).verdict == "BROKEN"


STOP, KILL = broken(10, 20, "stopped", id="fault-1"), broken(30, 40, "killed", id="fault-2")


def test_a_clean_stop_is_compared_with_the_crash_and_the_returns_are_reported() -> None:
    times = [*range(5, 11), 11.5, *range(12, 21), 23, *range(24, 31), 36, *range(37, 41), 45, 46]
    finding = clean_stop_pauses_less()(history(*acks(*times), *STOP, *KILL, ended(46)))
    assert finding.verdict == "HOLDS"
    assert finding.counts == {
        "clean_gap": 1.5,
        "crash_gap": 6,
        "clean_return_gap": 3,
        "crash_return_gap": 5,
        "ratio": 0.25,
    }


def test_which_of_the_two_came_first_does_not_matter() -> None:
    kill, stop = broken(10, 20, "killed", id="fault-1"), broken(30, 40, "stopped", id="fault-2")
    times = [*range(5, 11), 16, *range(17, 31), 31.5, *range(32, 41)]
    assert clean_stop_pauses_less()(history(*acks(*times), *kill, *stop, ended(41))).counts["ratio"] == 0.25


def test_two_crashes_are_not_a_clean_stop_and_the_claim_breaks() -> None:
    crash = broken(10, 20, "killed", id="fault-1")
    finding = clean_stop_pauses_less()(history(*acks(*range(5, 11), 16, *range(17, 31), 36), *crash, *KILL, ended(36)))
    assert (finding.verdict, finding.counts["ratio"]) == ("BROKEN", 1.0)


def test_a_crash_that_nobody_survived_is_at_least_so_long() -> None:
    lost = [invoke(31, "x"), info(39, "x")]
    stopped_for = [*range(5, 11), 12, *range(13, 31)]
    assert clean_stop_pauses_less()(history(*acks(*stopped_for), *STOP, *KILL, *lost, ended(39))).verdict == "HOLDS"
    stopped_for = [*range(5, 11), 19, *range(20, 31)]
    assert clean_stop_pauses_less()(history(*acks(*stopped_for), *STOP, *KILL, *lost, ended(39))).verdict == "UNKNOWN"


def test_a_comparison_needs_exactly_two_faults_one_after_the_other() -> None:
    times = acks(*range(5, 60))
    overlapping = [*broken(10, 20, "stopped", id="fault-1"), *broken(15, 40, "killed", id="fault-2")]
    three = [*STOP, *KILL, *broken(50, 55, "killed", id="fault-3")]
    two_stops = [*STOP, *broken(30, 40, "stopped", id="fault-2")]
    for faults in (overlapping, three, two_stops, []):
        assert clean_stop_pauses_less()(history(*times, *faults, ended(60))).verdict == "UNKNOWN"


def test_a_fault_that_is_never_mended_has_a_window_to_the_end() -> None:
    steps = [fault(10, "began"), fault(10, "applied"), fault(10, "felt")]
    found = history(timeout(3), *acks(8, 9, 10, 13, 14), *steps, *written(15, "x", 9), ended(30))
    assert longest_of(found) == [("baseline", 1), ("fault", 3), ("return", None)]
