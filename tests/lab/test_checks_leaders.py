"""Who led, who followed, and where the copies lie."""

import pytest

from lab.checks import (
    followers_stay_in_sync,
    leader_and_follower_are_on_different_brokers,
    leaders_go_and_come_back,
    partitions_are_spread_evenly,
    the_leader_moved,
)
from lab.history import Op
from tests.lab.lines import BOTH, broken, cluster, ended, history, note, timeout, topic, untouched, variant

ONE, TWO = ["kafka-1"], ["kafka-2"]


def test_every_move_is_named_with_its_time() -> None:
    found = history(
        cluster(0, ["kafka-1"]), *broken(5, 9), cluster(8, [None], TWO), cluster(8.5, TWO, TWO), cluster(11, ONE)
    )
    finding = the_leader_moved()(found)
    assert finding.verdict == "HOLDS"
    assert finding.witnesses == [
        {"t": 8.5, "from": "kafka-1", "to": "kafka-2"},
        {"t": 11, "from": "kafka-2", "to": "kafka-1"},
    ]
    assert finding.says == (
        "Partition 0 moved from kafka-1 to kafka-2, 3.50 s after the fault began; that one had been in sync."
    )


def test_a_leader_that_had_not_been_in_sync_breaks_the_claim() -> None:
    found = history(cluster(0, ONE, in_sync=ONE), *broken(5, 9), cluster(8, TWO, TWO))
    assert the_leader_moved()(found).verdict == "BROKEN"


def test_a_move_after_the_mending_is_not_the_one_that_was_claimed() -> None:
    assert the_leader_moved()(history(cluster(0, ONE), *broken(5, 9), cluster(9.5, TWO, TWO))).verdict == "BROKEN"


def test_with_several_faults_the_leader_must_move_each_time() -> None:
    first, second = broken(5, 9), broken(20, 25, id="fault-2")
    once = [cluster(0, ONE), cluster(6, TWO, TWO), cluster(10, ONE)]
    assert the_leader_moved()(history(*once, *first, *second)).verdict == "BROKEN"
    assert the_leader_moved()(history(*once, *first, *second, cluster(21, TWO, TWO))).verdict == "HOLDS"


def test_another_partition_moves_for_itself() -> None:
    found = history(cluster(0, BOTH), *broken(5, 9), cluster(8, ["kafka-2", "kafka-2"], TWO))
    assert the_leader_moved(partition=0)(found).verdict == "HOLDS"
    assert the_leader_moved(partition=1)(found).verdict == "BROKEN"
    assert the_leader_moved(partition=2)(found).verdict == "UNKNOWN"


def test_who_led_before_the_fault_must_have_been_seen() -> None:
    assert the_leader_moved()(history(*broken(5, 9), cluster(8, TWO, TWO))).verdict == "UNKNOWN"


def test_in_a_control_run_the_leader_stays() -> None:
    control = [variant("control"), *untouched(5, 9), cluster(0, ONE)]
    assert the_leader_moved()(history(*control, cluster(6, [None]), cluster(7, ONE))).verdict == "HOLDS"
    assert the_leader_moved()(history(*control, cluster(6, TWO))).verdict == "BROKEN"
    assert the_leader_moved()(history(variant("control"))).verdict == "UNKNOWN"


ONE_SIDED = cluster(6, ["kafka-2"] * 4, TWO)
EVEN, EVEN_AGAIN = cluster(0, BOTH * 2), cluster(20, BOTH * 2)
BACK_IN_SYNC = cluster(12, ["kafka-2"] * 4)


def test_the_story_of_the_leaders_is_told_and_the_wait_for_an_election_is_counted() -> None:
    found = history(EVEN, *broken(5, 9), ONE_SIDED, BACK_IN_SYNC, EVEN_AGAIN, ended(30))
    finding = leaders_go_and_come_back(found)
    assert finding.verdict == "HOLDS"
    assert finding.says == "Partitions led by kafka-1, kafka-2: 2/2 > 0/4 > 2/2."
    assert finding.counts == {"changes": 2, "one_sided_after_return": 8.0}
    assert finding.witnesses[1] == {"t": 6, "leads": {"kafka-1": 0, "kafka-2": 4}}


def test_what_lies_between_is_passed_over() -> None:
    between = [cluster(5.5, ["kafka-2", "kafka-2", None, "kafka-2"], TWO), cluster(19, [*BOTH, "kafka-2", "kafka-2"])]
    found = history(EVEN, *broken(5, 9), ONE_SIDED, *between, EVEN_AGAIN, ended(30))
    assert leaders_go_and_come_back(found).verdict == "HOLDS"


@pytest.mark.parametrize(
    "seen",
    [
        [EVEN, EVEN_AGAIN],
        [EVEN, ONE_SIDED],
        [ONE_SIDED, EVEN_AGAIN],
        [EVEN, ONE_SIDED, EVEN_AGAIN, cluster(25, TWO * 4)],
    ],
)
def test_each_of_the_three_must_come_and_the_last_must_last(seen: list[Op]) -> None:
    assert leaders_go_and_come_back(history(*seen, *broken(5, 9), note(30, "end"))).verdict == "BROKEN"


def test_leaders_that_did_not_come_back_before_the_script_failed_prove_nothing() -> None:
    found = history(EVEN, ONE_SIDED, *broken(5, 9), note(10, "crash", "KeyError: 'x'."), note(30, "end"))
    finding = leaders_go_and_come_back(found)
    assert (finding.verdict, finding.says) == ("UNKNOWN", "The script failed: KeyError: 'x'.")


def test_leaders_that_come_back_at_once_were_never_one_sided_in_sync() -> None:
    found = history(EVEN, *broken(5, 9), ONE_SIDED, EVEN_AGAIN, ended(30))
    assert leaders_go_and_come_back(found).counts["one_sided_after_return"] == 0


def test_in_a_control_run_the_leaders_stay_spread() -> None:
    control = [variant("control"), *untouched(5, 9), ended(30)]
    assert leaders_go_and_come_back(history(*control, EVEN)).verdict == "HOLDS"
    assert leaders_go_and_come_back(history(*control, EVEN, BACK_IN_SYNC, EVEN_AGAIN)).verdict == "BROKEN"


def test_too_few_copies_or_a_foreign_leader_are_offences_too() -> None:
    for replicas, leader in [(["kafka-1"], "kafka-1"), (BOTH, "kafka-3"), ([*BOTH, "kafka-1"], "kafka-1")]:
        found = history(topic(), cluster(0, [leader], replicas=[replicas]))
        assert leader_and_follower_are_on_different_brokers(found).verdict == "BROKEN"


def test_a_single_copy_has_no_follower() -> None:
    found = history(topic(1, replication_factor=1), cluster(0, ONE, replicas=[ONE]))
    assert leader_and_follower_are_on_different_brokers(found).verdict == "UNKNOWN"


def test_who_leads_at_the_moment_does_not_matter_for_the_spread() -> None:
    finding = partitions_are_spread_evenly(history(EVEN, ONE_SIDED))
    assert (finding.verdict, finding.says) == ("HOLDS", "Preferred leaders: 2 on kafka-1, 2 on kafka-2.")


def test_a_broker_that_no_partition_prefers_counts() -> None:
    found = history(cluster(0, ["kafka-1"] * 6, replicas=[BOTH] * 6))
    assert partitions_are_spread_evenly(found).says == "Preferred leaders: 6 on kafka-1, 0 on kafka-2."


@pytest.mark.parametrize(
    ("seen", "verdict"),
    [
        ([], "HOLDS"),
        ([cluster(6, TWO, TWO), cluster(20, TWO)], "HOLDS"),
        ([cluster(6, TWO, TWO), cluster(20, TWO), cluster(30, TWO, TWO), cluster(31, TWO)], "BROKEN"),
        ([cluster(3, ONE, ONE), cluster(4, ONE)], "BROKEN"),
        # the controller notices up to one session timeout late
        ([cluster(11, TWO, TWO), cluster(20, TWO)], "HOLDS"),
        ([cluster(13, TWO, TWO), cluster(20, TWO)], "BROKEN"),
    ],
)
def test_a_fault_excuses_only_the_time_out_of_sync_that_it_caused(seen: list[Op], verdict: str) -> None:
    found = history(timeout(3), cluster(0, ONE), *seen, *broken(5, 9), note(40, "end"))
    assert followers_stay_in_sync(found).verdict == verdict


def test_a_follower_that_is_not_back_at_the_end_is_broken_unless_the_script_was_cut_short() -> None:
    gone = [cluster(0, ONE), cluster(6, TWO, TWO), *broken(5, 9)]
    finding = followers_stay_in_sync(history(*gone, note(40, "end")))
    assert (finding.verdict, finding.says) == ("BROKEN", "kafka-1 was not in sync again when the run ended.")
    finding = followers_stay_in_sync(history(*gone, note(40, "interrupted")))
    assert (finding.verdict, finding.says) == ("UNKNOWN", "The run was interrupted.")


def test_in_a_control_run_no_follower_may_ever_be_behind() -> None:
    control = [variant("control"), *untouched(5, 9), cluster(0, ONE)]
    assert followers_stay_in_sync(history(*control)).verdict == "HOLDS"
    finding = followers_stay_in_sync(history(*control, cluster(6, ONE, ONE), cluster(7, ONE)))
    assert finding.verdict == "BROKEN"
    assert finding.witnesses == [{"from": 6, "to": 7, "behind": ["kafka-2"]}]
