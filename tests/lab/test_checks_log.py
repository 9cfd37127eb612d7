"""The checks of a log's content, where the three histories of each do not say enough."""

from lab.checks import (
    acknowledged_offset_is_where_it_is_read,
    an_offset_holds_one_value,
    nothing_acknowledged_is_lost,
    nothing_is_read_twice,
    order_within_a_partition,
    unknown_outcomes_may_appear,
    what_certainly_failed_is_not_read,
    what_is_read_is_what_was_written,
)
from tests.lab.lines import ended, fail, history, info, invoke, ok, read, read_end, read_failed, topic, written

A_AND_B = [topic(), *written(1, "a", 0), *written(2, "b", 1)]


def test_a_lost_record_is_named_with_the_place_and_time_of_its_acknowledgement() -> None:
    finding = nothing_acknowledged_is_lost(history(*A_AND_B, read(9, "b", 1), read_end(9, 2)))
    assert finding.counts == {"acknowledged": 2, "lost": 1}
    assert finding.witnesses == [{"id": "a", "partition": 0, "offset": 0, "acknowledged_at": 1}]
    assert "1 of 2 acknowledged records, a the first" in finding.says


def test_at_most_ten_lost_records_are_named_and_all_are_counted() -> None:
    finding = nothing_acknowledged_is_lost(history(*(written(n, str(n), n)[1] for n in range(25)), read_end(99, 25)))
    assert (len(finding.witnesses), finding.counts["lost"]) == (10, 25)


def test_nothing_is_lost_when_every_record_was_seen_however_short_the_read_came() -> None:
    assert nothing_acknowledged_is_lost(history(*A_AND_B, read(9, "a", 0), read(9, "b", 1))).verdict == "HOLDS"


def test_loss_stays_unknown_while_any_partition_was_not_read_to_its_end() -> None:
    lines = [topic(2), *written(1, "a", 0), read_end(9, 1)]
    for other in ([], [read_end(9, 3, 5, partition=1)], [read_failed(9, "timed out", partition=1)]):
        finding = nothing_acknowledged_is_lost(history(*lines, *other))
        assert (finding.verdict, finding.counts["lost"]) == ("UNKNOWN", None)
    assert nothing_acknowledged_is_lost(history(*lines, read_end(9, 0, partition=1))).verdict == "BROKEN"


def test_a_read_before_the_workload_had_ended_proves_no_loss() -> None:
    assert nothing_acknowledged_is_lost(history(*A_AND_B, read_end(3, 2), ended(4))).verdict == "UNKNOWN"


def test_a_record_that_only_an_earlier_read_saw_is_lost() -> None:
    first, second = [read(5, "a", 0), read(5, "b", 1), read_end(5, 2)], [read(9, "a", 0), read_end(9, 2)]
    finding = nothing_acknowledged_is_lost(history(*A_AND_B, *first, *second))
    assert (finding.verdict, finding.witnesses[0]["id"]) == ("BROKEN", "b")


def test_a_record_found_elsewhere_than_acknowledged_is_not_lost() -> None:
    found = history(topic(), *written(1, "a", 5), read(9, "a", 0), read_end(9, 1))
    assert nothing_acknowledged_is_lost(found).verdict == "HOLDS"
    assert an_offset_holds_one_value(found).verdict == "HOLDS"
    assert acknowledged_offset_is_where_it_is_read(found).witnesses == [
        {"id": "a", "acknowledged": {"partition": 0, "offset": 5}, "read": {"partition": 0, "offset": 0}}
    ]


def test_a_record_in_another_partition_than_acknowledged_is_elsewhere_too() -> None:
    found = history(
        topic(2), *written(1, "a", 0), read(9, "a", 0, partition=1), read_end(9, 0), read_end(9, 1, partition=1)
    )
    assert acknowledged_offset_is_where_it_is_read(found).verdict == "BROKEN"


def test_a_doubled_record_is_broken_even_where_the_read_came_short() -> None:
    finding = nothing_is_read_twice(history(*A_AND_B, read(9, "a", 0), read(9, "a", 1), read_end(9, 2, 9)))
    assert finding.verdict == "BROKEN"
    assert finding.witnesses == [{"id": "a", "partition": 0, "offset": 0, "again": {"partition": 0, "offset": 1}}]


def test_reading_the_same_place_again_doubles_nothing() -> None:
    found = history(*A_AND_B, *[read(9, "a", 0), read(9, "b", 1), read_end(9, 2)] * 2)
    for check in (nothing_is_read_twice, an_offset_holds_one_value, order_within_a_partition):
        assert check(found).verdict == "HOLDS"


def test_the_same_record_in_two_partitions_is_doubled() -> None:
    found = history(topic(2), *written(1, "a", 0), read(9, "a", 0), read(9, "a", 0, partition=1))
    assert nothing_is_read_twice(found).verdict == "BROKEN"


def test_order_is_a_matter_of_one_process_and_one_partition() -> None:
    found = history(
        topic(2),
        *written(1, "a", 1, process="producer-1"),
        *written(2, "b", 0, process="producer-2"),
        *written(3, "c", 0, partition=1, process="producer-1"),
        *[read(9, "b", 0), read(9, "c", 0, partition=1), read(9, "a", 1)],
        *[read_end(9, 2), read_end(9, 1, partition=1)],
    )
    finding = order_within_a_partition(found)
    assert (finding.verdict, finding.counts["sequences"]) == ("HOLDS", 3)


def test_what_stands_out_of_order_is_named_with_what_it_stands_behind() -> None:
    found = history(*A_AND_B, *written(3, "c", 2), read(9, "c", 0), read(9, "a", 1), read(9, "b", 2), read_end(9, 3))
    finding = order_within_a_partition(found)
    assert [(w["id"], w["stands_behind"]) for w in finding.witnesses] == [("a", "c"), ("b", "c")]


def test_an_append_of_unknown_outcome_must_keep_its_place_in_the_order_too() -> None:
    found = history(invoke(1, "a"), info(2, "a"), *written(3, "b", 0), read(9, "b", 0), read(9, "a", 1), read_end(9, 2))
    assert order_within_a_partition(found).verdict == "BROKEN"


def test_two_records_read_at_one_offset_contradict_each_other() -> None:
    finding = an_offset_holds_one_value(history(*A_AND_B, read(9, "a", 0), read(9, "b", 0), read_end(9, 2)))
    assert finding.verdict == "BROKEN"
    assert finding.witnesses == [{"partition": 0, "offset": 0, "id": "b", "other": "a"}]


def test_two_records_acknowledged_for_one_offset_contradict_each_other_when_neither_is_read() -> None:
    assert (
        an_offset_holds_one_value(history(*written(1, "a", 0), *written(2, "b", 0), read(9, "c", 1))).verdict
        == "BROKEN"
    )


def test_a_record_that_nobody_appended_is_a_phantom() -> None:
    finding = what_certainly_failed_is_not_read(history(*A_AND_B, read(9, "x", 0), read(9, None, 1)))
    assert (finding.verdict, finding.counts["never_appended"], finding.counts["failed_but_read"]) == ("BROKEN", 2, 0)
    assert [witness["id"] for witness in finding.witnesses] == ["x", None]


def test_failed_and_phantom_records_are_counted_apart() -> None:
    finding = what_certainly_failed_is_not_read(history(invoke(1, "a"), fail(2, "a"), read(9, "a", 0), read(9, "x", 1)))
    assert (finding.counts["failed_but_read"], finding.counts["never_appended"]) == (1, 1)


def test_an_append_that_never_ended_has_an_unknown_outcome() -> None:
    found = history(invoke(1, "a"), invoke(2, "b"), info(3, "b"), read(9, "b", 0), read_end(9, 1))
    finding = unknown_outcomes_may_appear(found)
    assert finding.verdict == "HOLDS"
    assert finding.counts == {"unknown": 2, "appeared": 1, "not_appeared": 1}
    assert what_certainly_failed_is_not_read(found).verdict == "HOLDS"


def test_checksums_are_compared_for_unknown_outcomes_only_where_both_are_known() -> None:
    finding = what_is_read_is_what_was_written(
        history(
            invoke(1, "a"),
            info(2, "a"),
            invoke(3, "b"),
            ok(4, "b", 1, crc=1),
            read(9, "a", 0, crc=2),
            read(9, "b", 1, crc=1),
            read_end(9, 2),
        )
    )
    assert (finding.verdict, finding.counts["compared"]) == ("HOLDS", 1)


def test_a_changed_value_is_named_with_both_checksums() -> None:
    finding = what_is_read_is_what_was_written(history(invoke(1, "a"), ok(2, "a", 0, crc=1), read(9, "a", 0, crc=2)))
    assert finding.witnesses == [{"id": "a", "partition": 0, "offset": 0, "written": 1, "read": 2}]
