"""For every check a history that makes it HOLD, one BROKEN and one UNKNOWN, each short enough to be read at once."""

from collections.abc import Mapping

from lab import checks
from lab.history import History
from lab.verdict import Check
from tests.lab import histories_of_forged as forged
from tests.lab import histories_of_frames as frames
from tests.lab import histories_of_hub as hub
from tests.lab import histories_of_imports as imports
from tests.lab import histories_of_queues as queues
from tests.lab import histories_of_requests as requests
from tests.lab import histories_of_sockets as sockets
from tests.lab import histories_of_tasks as tasks
from tests.lab.lines import (
    BOTH,
    acks,
    broken,
    cluster,
    ended,
    fail,
    fault,
    history,
    info,
    invoke,
    note,
    read,
    read_end,
    timeout,
    topic,
    written,
)

AS_ASKED: Mapping[str, Check] = (
    {
        name: getattr(checks, name)
        for name in checks.__all__
        if name not in ("enough_was_written", "the_leader_moved") and "pause" not in name
    }
    | {
        "enough_was_written": checks.enough_was_written(acknowledged=3),
        "the_leader_moved": checks.the_leader_moved(),
        "writes_pause_for": checks.writes_pause_for(session_timeouts=(0.73, 1.25), control_at_most=1 / 3),
        "writes_pause_at_most": checks.writes_pause_at_most(seconds=5),
        "clean_stop_pauses_less": checks.clean_stop_pauses_less(),
    }
    | queues.AS_ASKED
    | forged.AS_ASKED
    | frames.AS_ASKED
    | hub.AS_ASKED
    | imports.AS_ASKED
    | requests.AS_ASKED
    | sockets.AS_ASKED
    | tasks.AS_ASKED
)
"""Every check by its name; factories as they were called for CASES."""

NEVER = "It judges the experiment, not the claim: a poor experiment proves nothing, for or against it."
"""Why some checks have no history that makes them BROKEN."""

_A_AND_B = [topic(), *written(1, "a", 0), *written(2, "b", 1)]
_READ_ALL = [read(9, "a", 0), read(9, "b", 1), read_end(9, 2)]
_CUT_SHORT = [read(9, "a", 0), read_end(9, 1, 2)]
_FAILOVER = [
    cluster(0, ["kafka-1"]),
    *broken(5, 9),
    cluster(8, ["kafka-2"], ["kafka-2"]),
    cluster(10, ["kafka-2"]),
    cluster(11, ["kafka-1"]),
]
_STOP_AND_KILL = [*broken(10, 20, "stopped", id="fault-1"), *broken(30, 40, "killed", id="fault-2")]

CASES: Mapping[str, Mapping[str, History | str]] = (
    {
        "nothing_acknowledged_is_lost": {
            "HOLDS": history(*_A_AND_B, invoke(3, "c"), info(4, "c"), *_READ_ALL),
            "BROKEN": history(*_A_AND_B, read(9, "a", 0), read_end(9, 2)),
            "UNKNOWN": history(*_A_AND_B, *_CUT_SHORT),
        },
        "nothing_is_read_twice": {
            "HOLDS": history(*_A_AND_B, *_READ_ALL),
            "BROKEN": history(*_A_AND_B, read(9, "a", 0), read(9, "b", 1), read(9, "a", 2), read_end(9, 3)),
            "UNKNOWN": history(*_A_AND_B, *_CUT_SHORT),
        },
        "order_within_a_partition": {
            "HOLDS": history(*_A_AND_B, *_READ_ALL),
            "BROKEN": history(*_A_AND_B, read(9, "b", 0), read(9, "a", 1), read_end(9, 2)),
            "UNKNOWN": history(*_A_AND_B, *_CUT_SHORT),
        },
        "an_offset_holds_one_value": {
            "HOLDS": history(*_A_AND_B, *_READ_ALL),
            "BROKEN": history(topic(), *written(1, "lost", 0), *written(2, "b", 0), read(9, "b", 0), read_end(9, 1)),
            "UNKNOWN": history(*_A_AND_B, *_CUT_SHORT),
        },
        "acknowledged_offset_is_where_it_is_read": {
            "HOLDS": history(*_A_AND_B, *written(3, "c", None), *_READ_ALL, read(9, "c", 2)),
            "BROKEN": history(topic(), *written(1, "a", 5), read(9, "a", 0), read_end(9, 1)),
            "UNKNOWN": history(*_A_AND_B, *_CUT_SHORT),
        },
        "what_certainly_failed_is_not_read": {
            "HOLDS": history(*_A_AND_B, invoke(3, "c"), fail(4, "c"), *_READ_ALL),
            "BROKEN": history(*_A_AND_B, invoke(3, "c"), fail(4, "c"), *_READ_ALL, read(9, "c", 2)),
            "UNKNOWN": history(*_A_AND_B, invoke(3, "c"), fail(4, "c"), *_CUT_SHORT),
        },
        "what_is_read_is_what_was_written": {
            "HOLDS": history(*_A_AND_B, *_READ_ALL),
            "BROKEN": history(*_A_AND_B, read(9, "a", 0), read(9, "b", 1, crc=8), read_end(9, 2)),
            "UNKNOWN": history(*_A_AND_B, *_CUT_SHORT),
        },
        "unknown_outcomes_may_appear": {
            "HOLDS": history(*_A_AND_B, invoke(3, "c"), info(4, "c"), *_READ_ALL, read(9, "c", 2)),
            "BROKEN": history(*_A_AND_B, invoke(3, "c"), info(4, "c"), *_READ_ALL, read(9, "c", 2), read(9, "c", 3)),
            "UNKNOWN": history(*_A_AND_B, invoke(3, "c"), info(4, "c"), *_CUT_SHORT),
        },
        "the_read_reached_the_high_watermark": {
            "HOLDS": history(topic(2), ended(5), read_end(9, 2, partition=0), read_end(9, 0, partition=1)),
            "BROKEN": NEVER,
            "UNKNOWN": history(topic(2), ended(5), read_end(9, 2, partition=0)),
        },
        "reads_come_from_the_leader": {
            "HOLDS": history(cluster(0, ["kafka-1"]), read(9, "a", 0, broker=1), read(9, "b", 1, broker="kafka-1")),
            "BROKEN": history(cluster(0, ["kafka-1"]), read(9, "a", 0, broker=2)),
            "UNKNOWN": history(cluster(0, ["kafka-1"]), read(9, "a", 0)),
        },
        "the_leader_moved": {
            "HOLDS": history(*_FAILOVER),
            "BROKEN": history(cluster(0, ["kafka-1"]), *broken(5, 9), cluster(7, ["kafka-1"], ["kafka-1"])),
            "UNKNOWN": history(cluster(0, ["kafka-1"]), *broken(5, 9, felt=False), cluster(8, ["kafka-2"])),
        },
        "leaders_go_and_come_back": {
            "HOLDS": history(
                cluster(0, BOTH), *broken(5, 9), cluster(6, ["kafka-2"] * 2, ["kafka-2"]), cluster(10, BOTH), ended(11)
            ),
            "BROKEN": history(
                cluster(0, BOTH), *broken(5, 9), cluster(6, ["kafka-2"] * 2, ["kafka-2"]), note(11, "end")
            ),
            "UNKNOWN": history(cluster(0, BOTH), ended(11)),
        },
        "leader_and_follower_are_on_different_brokers": {
            "HOLDS": history(topic(2), cluster(0, BOTH), cluster(8, ["kafka-2", None], ["kafka-2"])),
            "BROKEN": history(topic(), cluster(0, BOTH), cluster(8, ["kafka-1"], replicas=[["kafka-1", "kafka-1"]])),
            "UNKNOWN": history(topic(2)),
        },
        "partitions_are_spread_evenly": {
            "HOLDS": history(cluster(0, ["kafka-1", "kafka-2", "kafka-1"])),
            "BROKEN": history(cluster(0, ["kafka-1", "kafka-1"], replicas=[BOTH, BOTH])),
            "UNKNOWN": history(cluster(0, ["kafka-1", "kafka-1"], ["kafka-1"], replicas=[["kafka-1"], ["kafka-1"]])),
        },
        "followers_stay_in_sync": {
            "HOLDS": history(*_FAILOVER),
            "BROKEN": history(cluster(0, ["kafka-1"]), cluster(4, ["kafka-1"], ["kafka-1"]), *broken(5, 9)),
            "UNKNOWN": history(cluster(0, ["kafka-1"]), *broken(5, 9), cluster(8, ["kafka-2"], ["kafka-2"])),
        },
        "writes_pause_for": {
            "HOLDS": history(timeout(3), *acks(4.8, 4.9, 5.1, 8.1, 8.2, 10), *broken(5, 9), ended(10)),
            "BROKEN": history(timeout(3), *acks(4.8, 4.9, 5.1, 9.5, 9.6, 10), *broken(5, 9), ended(10)),
            "UNKNOWN": history(*acks(4.8, 4.9, 5.1, 8.1, 8.2, 10), *broken(5, 9), ended(10)),
        },
        "writes_pause_at_most": {
            "HOLDS": history(*acks(1, 2, 7), ended(7)),
            "BROKEN": history(*acks(1, 2, 7.1), ended(7.1)),
            "UNKNOWN": history(invoke(1, "a"), fail(2, "a"), ended(3)),
        },
        "clean_stop_pauses_less": {
            "HOLDS": history(*acks(*range(5, 31), 36, 40), *_STOP_AND_KILL),
            "BROKEN": history(*acks(*range(5, 11), 14, *range(15, 31), 36, 40), *_STOP_AND_KILL),
            "UNKNOWN": history(*acks(*range(5, 31), 36, 40), *broken(10, 20, "stopped")),
        },
        "the_fault_was_felt": {
            "HOLDS": history(*broken(5, 9)),
            "BROKEN": NEVER,
            "UNKNOWN": history(*broken(5, 9, felt=False)),
        },
        "enough_was_written": {
            "HOLDS": history(*acks(1, 2, 3)),
            "BROKEN": NEVER,
            "UNKNOWN": history(*acks(1, 2)),
        },
        "the_script_ran_to_its_end": {
            "HOLDS": history(*broken(5, 9), note(10, "end")),
            "BROKEN": NEVER,
            "UNKNOWN": history(*broken(5, 9)),
        },
        "the_system_recovered": {
            "HOLDS": history(*broken(5, 9), note(10, "recovered", {"what": "it leads again", "seconds": 1.0})),
            "BROKEN": history(*broken(5, 9), note(70, "not_recovered", {"what": "it leads again", "within": 60})),
            "UNKNOWN": history(fault(5, "began"), fault(5, "applied")),
        },
    }
    | queues.CASES
    | requests.CASES
    | forged.CASES
    | frames.CASES
    | hub.CASES
    | imports.CASES
    | sockets.CASES
    | tasks.CASES
)
"""For each check: verdict -> a history that gives it, or the reason why none can."""
