"""The watcher's sentences, from literal looks at a cluster."""

from typing import Any

from kafka_demo.changes import Since, changes, state

BOTH = ["kafka-1", "kafka-2"]


def look(brokers: list[str], *partitions: tuple[str | None, list[str], list[str]]) -> dict[str, Any]:
    """Each partition as (leader, replicas, in sync)."""
    return {
        "brokers": brokers,
        "partitions": {
            str(number): {"leader": leader, "replicas": replicas, "in_sync": in_sync}
            for number, (leader, replicas, in_sync) in enumerate(partitions)
        },
    }


def six(brokers: list[str], leaders: str, in_sync: list[str]) -> dict[str, Any]:
    """Six partitions; `leaders` is a digit for each, 0 for none. The preferred leaders take turns."""
    turns = (["kafka-1", "kafka-2"], ["kafka-2", "kafka-1"])
    return look(
        brokers,
        *(
            (None if digit == "0" else f"kafka-{digit}", turns[number % 2], in_sync)
            for number, digit in enumerate(leaders)
        ),
    )


WHOLE = six(BOTH, "121212", BOTH)
WITHOUT_1 = six(["kafka-2"], "222222", ["kafka-2"])
RETURNED = six(BOTH, "222222", BOTH)


def test_nothing_is_said_when_nothing_changed() -> None:
    assert changes("freblogg", WHOLE, WHOLE, Since()) == []


def test_the_death_of_a_broker_is_told_in_three_lines_with_the_seconds_since_its_last_answer() -> None:
    assert changes("freblogg", WHOLE, WITHOUT_1, Since(last_answer={"kafka-1": 8.42})) == [
        ("brokers", "kafka-1 is gone, 8.4 s after its last answer; alive: kafka-2"),
        ("leader", "0,2,4: kafka-1 -> kafka-2, 8.4 s after the last answer of kafka-1"),
        ("in sync", "all 6: {kafka-1, kafka-2} -> {kafka-2} (one copy left)"),
    ]


def test_seconds_that_are_not_known_are_not_said() -> None:
    lines = [sentence for _, sentence in changes("freblogg", WHOLE, WITHOUT_1, Since())]
    assert lines[0] == "kafka-1 is gone; alive: kafka-2"
    assert lines[1] == "0,2,4: kafka-1 -> kafka-2"


def test_a_clean_stop_is_told_apart_because_the_old_leader_still_answers() -> None:
    stopping = six(BOTH, "222222", ["kafka-2"])
    assert changes("freblogg", WHOLE, stopping, Since())[0] == (
        "leader",
        "0,2,4: kafka-1 -> kafka-2, handed over while kafka-1 still answered",
    )


def test_the_return_says_how_long_it_took_and_what_to_do_about_the_leaders() -> None:
    back = six(BOTH, "222222", ["kafka-2"])
    assert changes("freblogg", WITHOUT_1, back, Since(return_={"kafka-1": 0.31})) == [
        ("brokers", "kafka-1 is back, 0.3 s after it answered again; alive: kafka-1, kafka-2")
    ]
    assert changes("freblogg", back, RETURNED, Since(return_={"kafka-1": 5.2})) == [
        (
            "in sync",
            "all 6: {kafka-2} -> {kafka-1, kafka-2} (complete again, 5.2 s after kafka-1 answered again)",
        ),
        (
            "next",
            "kafka-1 leads nothing yet; give back what is its own with: python -m kafka_demo elect freblogg",
        ),
    ]


def test_the_preferred_election_is_told_as_what_it_is() -> None:
    assert changes("freblogg", RETURNED, WHOLE, Since()) == [
        ("leader", "0,2,4: kafka-2 -> kafka-1, their preferred leader")
    ]


def test_partitions_that_change_in_different_ways_get_different_lines() -> None:
    before = look(BOTH, ("kafka-1", BOTH, BOTH), ("kafka-1", BOTH, BOTH), ("kafka-2", BOTH, ["kafka-2"]))
    after = look(BOTH, ("kafka-2", BOTH, BOTH), (None, BOTH, ["kafka-1"]), ("kafka-2", BOTH, ["kafka-2"]))
    said = [sentence for _, sentence in changes("t", before, after, Since())]
    assert said == [
        "0: kafka-1 -> kafka-2, handed over while kafka-1 still answered",
        "1: kafka-1 -> nobody: no copy that may lead is alive, so nobody can write or read there",
        "1: {kafka-1, kafka-2} -> {kafka-1} (one copy left)",
    ]


def test_a_partition_that_finds_a_leader_again_says_how_long_it_had_none() -> None:
    before = look(["kafka-2"], (None, BOTH, ["kafka-1"]))
    after = look(BOTH, ("kafka-1", BOTH, ["kafka-1"]))
    assert ("leader", "0: nobody -> kafka-1, 12.3 s after the last leader") in changes(
        "t", before, after, Since(leader_lost={"0": 12.34})
    )


def test_a_broker_that_leads_a_part_of_its_own_is_not_said_to_lead_nothing() -> None:
    before = look(BOTH, ("kafka-1", BOTH, ["kafka-1"]), ("kafka-2", BOTH, BOTH))
    after = look(BOTH, ("kafka-1", BOTH, BOTH), ("kafka-2", BOTH, BOTH))
    assert changes("t", before, after, Since())[-1][1].startswith("kafka-1 leads less than its share yet")


def test_a_deleted_topic_is_said_to_be_gone() -> None:
    assert changes("t", WHOLE, look(BOTH), Since()) == [("topic", "no broker knows t any more: somebody deleted it")]


def test_the_state_names_those_who_lead_nothing_and_the_copies_that_are_behind() -> None:
    assert state(RETURNED) == [
        ("leaders", "kafka-1 leads nothing, kafka-2 leads all 6"),
        ("in sync", "every copy"),
    ]
    assert state(look(BOTH, ("kafka-1", BOTH, ["kafka-1"]), (None, BOTH, BOTH))) == [
        ("leaders", "kafka-1 leads 0, kafka-2 leads nothing, nobody leads 1"),
        ("in sync", "a copy is behind on 0"),
    ]
