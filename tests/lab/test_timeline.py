"""The story of a fault in seconds: what was seen, when, and what was not seen."""

from lab.timeline import Event, timeline
from tests.lab.lines import BOTH, acks, broken, cluster, ended, fault, history, info, invoke, untouched, variant

TWO = ["kafka-2"]
FAILOVER = [
    cluster(0, BOTH * 2),
    cluster(13, ["kafka-2", "kafka-2", None, "kafka-2"], TWO),
    cluster(13.25, TWO * 4, TWO),
    cluster(24, TWO * 4),
    cluster(26, BOTH * 2),
]


def events(found: object) -> list[tuple[str, float | None]]:
    (one,) = timeline(found)  # type: ignore[arg-type]
    return [(event.name, event.seconds) for event in one.events]


def test_a_failover_is_told_in_the_order_in_which_it_came() -> None:
    steps = [
        fault(t, step)
        for t, step in [(10, "began"), (10.05, "applied"), (13.3, "felt"), (20, "mending"), (23, "mended")]
    ]
    times = [8, 9, 9.9, 13.5, *range(14, 26)]
    found = history(
        *FAILOVER,
        *steps,
        *acks(*times),
        *acks(*times, partition=1),
        *acks(9.9, 13.75, *range(14, 26), partition=2),
        ended(26),
    )
    (told,) = timeline(found)
    assert (told.fault, told.node) == ("killed", "kafka-1")
    assert told.events == [
        Event("killed", 0.05),
        Event("fenced", 3),
        Event("elected", 3.25),
        Event("first write", 3.75),
        Event("mending", 10),
        Event("back in sync", 14),
        Event("leader again", 16),
    ]


def test_a_clean_stop_is_over_only_after_its_effect_was_seen() -> None:
    steps = [fault(t, step, "stopped") for t, step in [(10, "began"), (12, "applied"), (20, "mending")]]
    told = events(history(cluster(0, ["kafka-1"]), cluster(10.25, TWO, TWO), *steps))
    assert told[:3] == [("fenced", 0.25), ("elected", 0.25), ("stopped", 2)]


def test_a_longer_silence_after_the_election_is_not_where_writing_resumed() -> None:
    seen = [cluster(0, ["kafka-1"]), cluster(10.2, TWO, TWO)]
    found = history(*seen, *broken(10, 20, "stopped"), *acks(9, 9.8, 10, 10.3, 11, 14, 15))
    assert dict(events(found))["first write"] == 0.3


def test_writes_to_a_paused_leader_may_resume_without_an_election() -> None:
    found = history(cluster(0, ["kafka-1"]), *broken(10, 20, "paused"), *acks(9, 10, 20.5, 21))
    assert dict(events(found))["first write"] == 10.5


def test_what_was_not_seen_is_none_and_stands_at_the_end() -> None:
    told = events(history(cluster(0, ["kafka-1"]), *broken(10, 20)))
    assert told == [
        ("killed", 0),
        ("mending", 10),
        ("fenced", None),
        ("elected", None),
        ("first write", None),
        ("back in sync", None),
        ("leader again", None),
    ]


def test_a_fault_that_did_not_take_hold_has_no_events() -> None:
    assert all(seconds is None for _, seconds in events(history(fault(10, "began"))))


def test_writes_that_never_resumed_have_no_first_write() -> None:
    found = history(
        cluster(0, ["kafka-1"]), *broken(10, 20), *acks(8, 9, 10), invoke(11, "x"), info(19, "x"), ended(19)
    )
    assert dict(events(found))["first write"] is None


def test_a_follower_that_was_paused_and_kept_up_lost_nothing_that_could_come_back() -> None:
    told = dict(
        events(history(cluster(0, ["kafka-1"]), *broken(10, 20, "paused", "kafka-2"), cluster(30, ["kafka-1"])))
    )
    assert told["paused"] == 0
    assert [told[name] for name in ("fenced", "elected", "first write", "back in sync", "leader again")] == [None] * 5


def test_a_second_fault_does_not_lend_its_events_to_the_first() -> None:
    seen = [cluster(0, ["kafka-1"]), cluster(33, TWO, TWO), cluster(44, TWO), cluster(45, ["kafka-1"])]
    first, second = timeline(history(*seen, *broken(10, 20), *broken(30, 40, id="fault-2")))
    assert [event.name for event in first.events if event.seconds is not None] == ["killed", "mending"]
    assert Event("elected", 3) in second.events
    assert Event("leader again", 15) in second.events


def test_in_a_control_run_nothing_happens() -> None:
    told = events(history(variant("control"), cluster(0, ["kafka-1"]), *untouched(10, 20), *acks(9, 10, 11, 12)))
    assert [name for name, seconds in told if seconds is not None] == ["untouched", "mending"]
