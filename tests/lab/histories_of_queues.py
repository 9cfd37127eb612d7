"""The three histories of each check of messages and queues; `histories.py` takes them in."""

from collections.abc import Mapping
from typing import Any

from lab import checks
from lab.history import History, Op
from lab.verdict import Check
from tests.lab.lines import history, line, note

AS_ASKED: Mapping[str, Check] = {
    "messages_reach_the_predicted_queues": checks.messages_reach_the_predicted_queues(ways=["topic", "fanout"]),
    "unroutable_messages_end_as_predicted": checks.unroutable_messages_end_as_predicted(ways=["plain"]),
    "dead_letters_say_why": checks.dead_letters_say_why(ways=["expired"]),
    "urgent_messages_come_at_the_predicted_place": checks.urgent_messages_come_at_the_predicted_place(ways=["1"]),
    "transports_differ_only_as_listed": checks.transports_differ_only_as_listed(ways=["memory"]),
    "nothing_confirmed_is_lost": checks.nothing_confirmed_is_lost(at_least=2),
    "messages_expire_on_time": checks.messages_expire_on_time(group="g"),
    "expiry_waits_for_the_head": checks.expiry_waits_for_the_head(group="g"),
}
"""The factories as they were called for CASES."""


def case(op: str, way: str, predicted: Any, seen: Any) -> Op:
    return line(1, "broker", "observe", op, "m-1", {"way": way, "predicted": predicted, "seen": seen})


def sent(id: str, kind: Any = "ok") -> Op:
    return line(1, "publisher-1", kind, "publish", id)


def got(id: str, redelivered: bool = False, t: float = 2) -> Op:
    return line(t, "consumer-1", "ok", "receive", id, {"queue": "work", "redelivered": redelivered})


def waiting(id: str, ttl: float) -> Op:
    return line(1, "publisher-1", "invoke", "publish", id, {"group": "g", "ttl": ttl})


def drained(left: int = 0) -> Op:
    return line(3, "reader", "ok", "drained", value={"queue": "work", "left": left})


def three(op: str, way: str, predicted: Any, seen: Any) -> Mapping[str, History]:
    """Of a check that compares a prediction with what was seen."""
    return {
        "HOLDS": history(case(op, way, predicted, predicted)),
        "BROKEN": history(case(op, way, predicted, seen)),
        "UNKNOWN": history(note(1, "versions", {"rabbitmq": "4.3.6"})),
    }


_LONG_THEN_SHORT = [waiting("long", 3), waiting("short", 0.3)]

CASES: Mapping[str, Mapping[str, History]] = {
    "messages_reach_the_predicted_queues": {
        "HOLDS": history(case("routed", "topic", ["a"], ["a"]), case("routed", "fanout", ["a", "b"], ["a", "b"])),
        "BROKEN": history(case("routed", "topic", ["a"], ["a"]), case("routed", "fanout", ["a", "b"], ["a"])),
        "UNKNOWN": history(case("routed", "topic", ["a"], ["a"])),
    },
    "unroutable_messages_end_as_predicted": three("unroutable", "plain", "silent", "returned 312 NO_ROUTE"),
    "dead_letters_say_why": three("dead_letter", "expired", {"reason": "expired", "count": 1}, {"reason": None}),
    "a_poison_message_stops_at_its_limit": three("poison", "quorum", {"deliveries": 4}, {"deliveries": 20}),
    "urgent_messages_come_at_the_predicted_place": three("urgent", "1", 2, 301),
    "transports_differ_only_as_listed": three("compared", "memory", "as RabbitMQ", "not delivered"),
    "nothing_confirmed_is_lost": {
        "HOLDS": history(sent("a"), sent("b"), sent("c", "info"), got("a"), got("b"), drained()),
        "BROKEN": history(sent("a"), sent("b"), got("a"), drained()),
        "UNKNOWN": history(sent("a"), sent("b"), got("a"), drained(left=1)),
    },
    "unacknowledged_messages_come_back": {
        "HOLDS": history(note(1, "held", ["a", "b"]), got("a", True), got("b", True), drained()),
        "BROKEN": history(note(1, "held", ["a", "b"]), got("a", True), drained()),
        "UNKNOWN": history(note(1, "held", ["a", "b"]), got("a", True)),
    },
    "a_second_time_is_marked": {
        "HOLDS": history(got("a"), got("a", redelivered=True)),
        "BROKEN": history(got("a"), got("a")),
        "UNKNOWN": history(sent("a")),
    },
    "messages_expire_on_time": {
        "HOLDS": history(*_LONG_THEN_SHORT, got("short", t=1.4), got("long", t=4.1)),
        "BROKEN": history(*_LONG_THEN_SHORT, got("long", t=4.1), got("short", t=4.1)),
        "UNKNOWN": history(*_LONG_THEN_SHORT, got("short", t=1.4)),
    },
    "expiry_waits_for_the_head": {
        "HOLDS": history(*_LONG_THEN_SHORT, got("long", t=4.1), got("short", t=4.1)),
        "BROKEN": history(*_LONG_THEN_SHORT, got("short", t=1.4), got("long", t=4.1)),
        "UNKNOWN": history(*_LONG_THEN_SHORT, got("long", t=4.1)),
    },
}
