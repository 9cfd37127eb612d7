"""The books of the traffic: what counts as missing, as read twice, as a pause. No broker, no clock."""

import pytest

from kafka_demo.accounts import REMEMBERED, Accounts
from kafka_demo.pace import Pace


def at(offset: int | None, partition: int = 0) -> dict[str, int | None]:
    return {"partition": partition, "offset": offset, "crc": 0}


@pytest.fixture
def books() -> Accounts:
    return Accounts(partitions=2)


def test_a_record_that_was_acknowledged_and_read_is_settled(books: Accounts) -> None:
    books.appended(1, 0.0)
    books.ended(1, "ok", at(0), None, 0.1)
    assert (books.acknowledged, books.unread, books.missing) == (1, 1, 0)
    books.was_read(1, 0, 0)
    assert (books.read, books.unread, books.missing) == (1, 0, 0)


def test_a_record_that_is_merely_late_is_not_missing(books: Accounts) -> None:
    books.ended(1, "ok", at(7), None, 0.0)
    books.was_read(9, 0, 6)
    books.was_read(10, 1, 1_000)
    assert (books.missing, books.unread) == (0, 1)


def test_a_record_that_the_reader_has_passed_without_seeing_it_is_missing_by_its_number(books: Accounts) -> None:
    books.ended(1, "ok", at(7), None, 0.0)
    books.was_read(2, 0, 8)
    assert (books.missing, books.named_missing, books.unread) == (1, {1}, 0)
    assert books.verdict() == "MISSING though acknowledged: 1, first [1]"


def test_another_record_at_the_same_offset_makes_the_acknowledged_one_missing(books: Accounts) -> None:
    books.ended(1, "ok", at(7), None, 0.0)
    books.was_read(2, 0, 7)
    assert books.named_missing == {1}


def test_a_missing_record_that_turns_up_elsewhere_is_no_longer_missing(books: Accounts) -> None:
    books.ended(1, "ok", at(7), None, 0.0)
    books.was_read(2, 0, 8)
    books.was_read(1, 0, 9)
    assert (books.missing, books.named_missing) == (0, set())
    assert books.verdict() == "nothing acknowledged is missing so far"


def test_a_record_read_before_its_answer_came_is_not_missing(books: Accounts) -> None:
    books.was_read(1, 0, 7)
    books.was_read(2, 0, 8)
    books.ended(1, "ok", at(7), None, 0.0)
    assert (books.missing, books.unread, books.acknowledged) == (0, 0, 1)


def test_an_acknowledgement_that_comes_after_the_reader_passed_finds_its_record_missing(books: Accounts) -> None:
    books.was_read(2, 0, 8)
    books.ended(1, "ok", at(7), None, 0.0)
    assert books.named_missing == {1}


def test_an_acknowledgement_without_offset_is_held_against_the_next_one(books: Accounts) -> None:
    books.ended(1, "ok", at(None), None, 0.0)
    books.was_read(2, 0, 5)
    assert (books.missing, books.unread) == (0, 1)
    books.ended(3, "ok", at(6), None, 0.0)
    books.was_read(3, 0, 6)
    assert books.named_missing == {1}


@pytest.mark.parametrize("read_first", [True, False])
def test_an_acknowledgement_without_offset_is_settled_when_its_record_was_read(
    books: Accounts, read_first: bool
) -> None:
    if read_first:
        books.was_read(1, 0, 5)
    books.ended(1, "ok", at(None), None, 0.0)
    if not read_first:
        books.was_read(1, 0, 5)
    assert (books.missing, books.unread) == (0, 0)
    books.ended(3, "ok", at(6), None, 0.0)
    books.was_read(3, 0, 6)
    assert (books.missing, books.unread) == (0, 0)


def test_a_record_that_is_read_again_counts_as_read_twice_and_once_as_read(books: Accounts) -> None:
    books.was_read(1, 0, 5)
    books.was_read(1, 0, 6)
    assert (books.read, books.twice) == (1, 1)
    assert books.counts().endswith("missing 0, read twice 1")


def test_unknown_and_failed_records_are_counted_and_never_missing(books: Accounts) -> None:
    books.ended(1, "info", None, "no answer", 0.0)
    books.ended(2, "fail", None, "refused", 0.0)
    books.was_read(3, 0, 100)
    assert books.counts() == "acknowledged 0, unknown 1, failed 1, read 1, missing 0"


def test_a_pause_is_told_when_it_begins_and_when_it_ends_with_its_records_and_partitions(books: Accounts) -> None:
    books.appended(30, 10.0)
    books.appended(31, 10.2)
    assert books.events(11.0) == []
    assert books.events(11.2) == [("writing", "held up: no answer for record 30 in 1.2 s")]
    assert books.events(11.3) == []
    books.ended(30, "ok", at(5, partition=1), None, 18.6)
    assert books.events(18.6) == []
    books.ended(31, "ok", at(6, partition=1), None, 18.6)
    assert books.events(18.7) == [
        ("writing", "paused for 8.6 s on 1 (no answer for 2 records, 30 to 31); nothing acknowledged is missing so far")
    ]
    assert books.events(18.8) == []


def test_a_pause_that_nobody_asked_about_is_told_afterwards(books: Accounts) -> None:
    books.appended(1, 0.0)
    books.ended(1, "ok", at(0), None, 3.0)
    assert books.events(3.0) == [
        ("writing", "paused for 3.0 s on 0 (no answer for record 1); nothing acknowledged is missing so far")
    ]


def test_records_that_ended_badly_for_one_reason_share_a_line(books: Accounts) -> None:
    for number in (5, 6, 7):
        books.ended(number, "info", None, "no answer", 1.0)
    books.ended(9, "fail", None, "never sent", 1.0)
    assert books.events(1.0) == [("unknown", "3 records, 5 to 7: no answer"), ("failed", "record 9: never sent")]
    assert books.events(1.0) == []


def test_the_books_stay_small_however_long_the_traffic_runs(books: Accounts) -> None:
    for number in range(3 * REMEMBERED):
        books.appended(number, float(number))
        books.ended(number, "ok", at(number), None, number + 0.1)
        books.was_read(number, 0, number)
    assert (books.read, books.missing, books.unread) == (3 * REMEMBERED, 0, 0)
    assert len(books._seen) == REMEMBERED
    assert not books._open
    assert not books._unread[0]


def test_the_pace_does_not_drift_when_every_record_is_a_little_late() -> None:
    pace, now, taken = Pace(per_second=10, now=100.0), 100.0, 0
    while now < 200.0:
        now += pace.due_in(now) + 0.03  # each turn takes 30 ms more than it should
        pace.take()
        taken += 1
    assert taken == pytest.approx(1_000, abs=2)


def test_the_pace_catches_up_on_a_short_delay_and_not_on_a_long_one() -> None:
    pace = Pace(per_second=10, now=0.0)
    assert pace.due_in(0.0) == 0.0
    pace.take()
    assert pace.due_in(0.0) == pytest.approx(0.1)
    for _ in range(6):
        assert pace.due_in(0.65) == 0.0
        pace.take()
    assert pace.due_in(0.65) == pytest.approx(0.05)
    assert pace.due_in(100.0) == 0.0
    pace.take()
    assert pace.due_in(100.0) == pytest.approx(0.1)
