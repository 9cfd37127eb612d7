"""How far the final read came and who served it."""

import pytest

from lab.checks import reads_come_from_the_leader, the_read_reached_the_high_watermark
from lab.history import Op
from tests.lab.lines import BOTH, acks, cluster, ended, history, read, read_end, read_failed, topic


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ([], "was not read to its end"),
        ([read_end(9, 3, 5)], "was read up to offset 3 of 5 only"),
        ([read_failed(9, "timed out")], "could not be read to its end: timed out"),
        ([read_end(4, 5)], "was read before the workload had ended"),
        ([read_end(9, 5), read_failed(10, "timed out")], "could not be read to its end: timed out"),
    ],
)
def test_a_read_that_came_short_says_how(lines: list[Op], says: str) -> None:
    finding = the_read_reached_the_high_watermark(history(topic(), ended(5), *lines))
    assert finding.verdict == "UNKNOWN"
    assert says in finding.says
    assert finding.witnesses[0]["partition"] == 0


def test_the_last_read_of_a_partition_counts() -> None:
    found = history(topic(), ended(5), read_failed(9, "timed out"), read_end(10, 5))
    assert the_read_reached_the_high_watermark(found).verdict == "HOLDS"


def test_a_partition_that_the_note_does_not_know_must_be_read_too_when_it_was_written() -> None:
    found = history(topic(1), *acks(1, partition=3), ended(5), read_end(9, 1))
    assert the_read_reached_the_high_watermark(found).witnesses[0]["partition"] == 3


def test_a_read_past_the_high_watermark_reached_it() -> None:
    assert the_read_reached_the_high_watermark(history(topic(), ended(5), read_end(9, 6, 5))).verdict == "HOLDS"


def test_each_partition_has_its_own_leader() -> None:
    found = history(cluster(0, BOTH), read(9, "a", 0, partition=0, broker=1), read(9, "b", 0, partition=1, broker=1))
    finding = reads_come_from_the_leader(found)
    assert finding.witnesses == [{"id": "b", "partition": 1, "offset": 0, "broker": 1, "leaders": ["2", "kafka-2"]}]


def test_the_leader_of_the_time_counts_and_a_fetch_may_be_a_moment_behind() -> None:
    moved = [cluster(0, ["kafka-1"]), cluster(10, ["kafka-2"])]
    for t, broker, verdict in [(5, 1, "HOLDS"), (5, 2, "BROKEN"), (15, 2, "HOLDS"), (15, 1, "BROKEN")]:
        assert reads_come_from_the_leader(history(*moved, read(t, "a", 0, broker=broker))).verdict == verdict
    for t, broker in [(9.5, 2), (10.5, 1)]:
        assert reads_come_from_the_leader(history(*moved, read(t, "a", 0, broker=broker))).verdict == "HOLDS"
    assert reads_come_from_the_leader(history(*moved, read(10.5, "a", 0, broker=3))).verdict == "BROKEN"


def test_a_leader_of_long_ago_is_not_allowed_although_changes_followed_each_other() -> None:
    moved = [cluster(0, ["kafka-1"]), cluster(10, ["kafka-2"]), cluster(10.5, ["kafka-1"]), cluster(11, ["kafka-2"])]
    assert reads_come_from_the_leader(history(*moved, read(13, "a", 0, broker=1))).verdict == "BROKEN"
    assert reads_come_from_the_leader(history(*moved, read(11.2, "a", 0, broker=1))).verdict == "HOLDS"


def test_reads_while_one_replica_is_in_sync_prove_nothing() -> None:
    found = history(cluster(0, ["kafka-2"], ["kafka-2"]), read(9, "a", 0, broker=2))
    assert reads_come_from_the_leader(found).verdict == "UNKNOWN"


def test_reads_before_the_first_observation_prove_nothing() -> None:
    assert reads_come_from_the_leader(history(read(2, "a", 0, broker=1), cluster(5, ["kafka-1"]))).verdict == "UNKNOWN"
