"""Waiting is for a condition, with a deadline and a sentence. These tests wait for real, for fractions of a second."""

import time
from collections.abc import Callable

import pytest

from lab import waiting
from lab.waiting import NotReached, pause, wait_for


def answers(*values: object) -> Callable[[], object]:
    """Gives these one after the other, an error by raising it; the last one for ever."""
    left = list(values)

    def condition() -> object:
        value = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(value, Exception):
            raise value
        return value

    return condition


def test_the_first_truthy_answer_is_returned() -> None:
    assert wait_for("a leader", answers(None, "", 0, "kafka-2"), within=5, every=0.001) == "kafka-2"


def test_what_holds_already_is_not_waited_for() -> None:
    told: list[str] = []
    began = time.monotonic()
    assert wait_for("a leader", lambda: "kafka-1", within=5, every=3, tell=told.append) == "kafka-1"
    assert time.monotonic() - began < 2
    assert told == []


def test_the_deadline_is_kept_and_named() -> None:
    began = time.monotonic()
    with pytest.raises(NotReached, match=r"^waited 0\.05 s for a leader$") as caught:
        wait_for("a leader", answers(None, []), within=0.05, every=0.01)
    assert 0.05 <= time.monotonic() - began < 2
    assert (caught.value.what, caught.value.within, caught.value.last) == ("a leader", 0.05, [])


def test_the_condition_is_asked_once_more_at_the_deadline_however_seldom_it_is_asked() -> None:
    assert wait_for("a leader", answers(None, "kafka-2"), within=0.02, every=60) == "kafka-2"


def test_listed_errors_mean_not_yet() -> None:
    condition = answers(ConnectionRefusedError("port 1"), "up")
    assert wait_for("the port", condition, within=5, every=0.001, passing=(OSError,)) == "up"


def test_a_listed_error_at_the_deadline_is_the_last_answer() -> None:
    error = ConnectionRefusedError("port 1")
    with pytest.raises(NotReached) as caught:
        wait_for("the port", answers(error), within=0, passing=(OSError,))
    assert caught.value.last is error


def test_any_other_error_goes_through_at_once() -> None:
    with pytest.raises(ZeroDivisionError):
        wait_for("the port", answers(ZeroDivisionError()), within=5, passing=(OSError,))


def test_it_tells_what_it_waits_for_at_once_and_again_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "TELL_EVERY", 0.05)
    told: list[str] = []
    with pytest.raises(NotReached):
        wait_for("health", answers(None), within=0.12, every=0.01, tell=told.append)
    assert told[0] == "waiting for health"
    assert told[1:] == ["waiting for health (0 of 0.12 s)"] * len(told[1:])
    assert 1 <= len(told[1:]) <= 2


def test_pause_lets_time_pass_and_takes_no_offence_at_being_late() -> None:
    began = time.monotonic()
    pause(0.02)
    assert time.monotonic() - began >= 0.02
    pause(-1)
