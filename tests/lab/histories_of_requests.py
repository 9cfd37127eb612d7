"""For every check of requests, load, contracts and the outbox a history that makes it HOLD, one BROKEN, one UNKNOWN."""

from collections.abc import Mapping
from typing import Any

from lab import checks
from lab.history import History, Kind, Op
from lab.verdict import Check
from tests.lab.lines import history, line, note, variant

AS_ASKED: Mapping[str, Check] = {
    "every_request_succeeds": checks.every_request_succeeds(ops=["get", "post"], at_least=2),
    "what_was_acknowledged_is_stored": checks.what_was_acknowledged_is_stored(at_least=1),
    "requests_to_a_hung_instance_end_as_predicted": checks.requests_to_a_hung_instance_end_as_predicted(ways=["get"]),
    "endpoints_fail_as_predicted": checks.endpoints_fail_as_predicted(ways=["database"]),
    "throughput_grows_with_instances": checks.throughput_grows_with_instances("slot"),
    "throughput_does_not_grow": checks.throughput_does_not_grow("lock"),
    "answers_keep_the_contract": checks.answers_keep_the_contract(ops=["get"], at_least=2),
    "a_release_reaches_every_answer": checks.a_release_reaches_every_answer("get"),
    "the_cut_decides_the_load": checks.the_cut_decides_the_load(few=1, many=100),
    "everything_committed_is_sent": checks.everything_committed_is_sent(at_least=2),
}
"""Factories as they were called for CASES."""


def request(t: float, id: str, kind: Kind = "ok", op: str = "post", status: int = 201, **value: Any) -> list[Op]:
    """One request that is answered a tenth of a second later."""
    about = {"status": status, "instance": "rest-1", "attempts": 1, "seconds": 0.1, "version": 1, "breach": None}
    return [line(t, "client-1", "invoke", op, id), line(t + 0.1, "client-1", kind, op, id, about | value)]


def never_answered(t: float, id: str) -> Op:
    return line(t, "client-1", "invoke", "post", id)


def rows(*ids: str) -> list[Op]:
    """The final read of the database: these rows and no others."""
    found = [line(50, "database", "ok", "row", id) for id in ids]
    return [*found, line(50, "database", "ok", "rows_read", value={"rows": len(ids)})]


def case(op: str, way: str, predicted: str, seen: str) -> Op:
    return line(1, "client-1", "observe", op, "case", {"way": way, "predicted": predicted, "seen": seen})


def measured(of: str, instances: int, per_second: float, answered: int = 10) -> Op:
    value = {"of": of, "instances": instances, "clients": 8, "seconds": 4, "answered": answered, "failed": 0}
    return line(1, "lab", "observe", "measured", value=value | {"per_second": per_second, "p50": 0.1, "p95": 0.2})


def burst(clients: int, answered: int, failed: int) -> Op:
    value = {"clients": clients, "slots": 4, "hold": 0.5, "patience": 5, "answered": answered, "failed": failed}
    return line(1, "lab", "observe", "burst", value=value | {"longest": 4.9})


def get(t: float, id: str, version: int = 1, breach: str | None = None) -> list[Op]:
    return request(t, id, op="get", status=200, version=version, breach=breach)


def release(began: float, done: float, version: int = 2) -> list[Op]:
    steps = [(began, "began"), (done, "done")]
    return [note(t, "release", {"version": version, "step": step}) for t, step in steps]


def job(way: str, decisions: int, requests: int, size: int) -> Op:
    value = {"way": way, "decisions": decisions, "requests": requests, "bytes": size, "p95": 0.01}
    return line(1, way, "observe", "job", value=value)


def decided(thin: str, thick: str) -> Op:
    return line(1, "lab", "observe", "decided", value={"what": "web north", "thin": thin, "thick": thick})


def sent(id: str) -> Op:
    return line(40, "reader", "ok", "receive", id)


def drained(left: int = 0, unsent: int = 0) -> Op:
    return line(41, "reader", "ok", "drained", value={"left": left, "unsent": unsent})


_ONE = [job("thin", 1, 1, 300), job("thick", 1, 5, 4000)]

CASES: Mapping[str, Mapping[str, History | str]] = {
    "every_request_succeeds": {
        "HOLDS": history(request(1, "a"), request(2, "b", attempts=2), get(3, "c")),
        "BROKEN": history(request(1, "a"), request(2, "b"), never_answered(3, "c")),
        "UNKNOWN": history(request(1, "a")),
    },
    "what_was_acknowledged_is_stored": {
        "HOLDS": history(request(1, "a"), request(2, "b", "info", status=504), rows("a", "b")),
        "BROKEN": history(request(1, "a"), request(2, "b"), rows("b")),
        "UNKNOWN": history(request(1, "a")),
    },
    "no_request_is_stored_twice": {
        "HOLDS": history(request(1, "a", attempts=2), request(2, "b", "fail", status=400), rows("a")),
        "BROKEN": history(request(1, "a", attempts=2), rows("a", "a")),
        "UNKNOWN": history(request(1, "a")),
    },
    "requests_to_a_hung_instance_end_as_predicted": {
        "HOLDS": history(case("hung", "get", "200, late", "200, late")),
        "BROKEN": history(case("hung", "get", "200, late", "504")),
        "UNKNOWN": history(case("hung", "post", "504", "504")),
    },
    "endpoints_fail_as_predicted": {
        "HOLDS": history(case("endpoint", "database", "fails", "fails")),
        "BROKEN": history(case("endpoint", "database", "answers", "fails")),
        "UNKNOWN": history(case("endpoint", "cache", "fails", "fails")),
    },
    "throughput_grows_with_instances": {
        "HOLDS": history(measured("slot", 1, 8), measured("slot", 2, 15), measured("slot", 3, 21), measured("x", 1, 8)),
        "BROKEN": history(measured("slot", 3, 16), measured("slot", 1, 8)),
        "UNKNOWN": history(measured("slot", 1, 8), measured("slot", 3, 0, answered=0)),
    },
    "throughput_does_not_grow": {
        "HOLDS": history(measured("lock", 1, 5), measured("lock", 3, 7)),
        "BROKEN": history(measured("lock", 1, 5), measured("lock", 3, 8)),
        "UNKNOWN": history(measured("lock", 1, 5)),
    },
    "load_past_capacity_waits_and_then_fails": {
        "HOLDS": history(burst(60, 38, 22)),
        "BROKEN": history(burst(60, 60, 0)),
        "UNKNOWN": history(measured("slot", 1, 8)),
    },
    "answers_keep_the_contract": {
        "HOLDS": history(get(1, "a"), get(2, "b", 2)),
        "BROKEN": history(get(1, "a"), get(2, "b", 3, breach="price is missing")),
        "UNKNOWN": history(get(1, "a"), request(2, "b", "info", op="get", status=502)),
    },
    "a_release_reaches_every_answer": {
        "HOLDS": history(get(1, "a"), get(3, "b", 2), get(4, "c", 1), get(6, "d", 2), release(2, 5)),
        "BROKEN": history(get(1, "a"), get(3, "b", 2), get(6, "c", 1), release(2, 5)),
        "UNKNOWN": history(get(1, "a"), get(3, "b", 2), get(4, "c", 1), release(2, 5)),
    },
    "the_cut_decides_the_load": {
        "HOLDS": history(_ONE, job("thin", 100, 100, 30000), job("thick", 100, 5, 4000)),
        "BROKEN": history(_ONE, job("thin", 100, 100, 30000), job("thick", 100, 500, 400000)),
        "UNKNOWN": history(_ONE, job("thin", 100, 100, 30000)),
    },
    "both_ways_decide_the_same": {
        "HOLDS": history(decided("urgent 5", "urgent 5")),
        "BROKEN": history(decided("urgent 5", "urgent 5"), decided("normal 5", "urgent 5")),
        "UNKNOWN": history(_ONE),
    },
    "everything_committed_is_sent": {
        "HOLDS": history(request(1, "a"), request(2, "b"), sent("a"), sent("b"), sent("b"), drained()),
        "BROKEN": history(request(1, "a"), request(2, "b"), sent("a"), drained()),
        "UNKNOWN": history(request(1, "a"), request(2, "b"), sent("a"), drained(unsent=1)),
    },
    "nothing_uncommitted_is_sent": {
        "HOLDS": history(request(1, "a"), request(2, "b", "fail", status=400), sent("a"), drained()),
        "BROKEN": history(request(1, "a"), request(2, "b", "fail", status=400), sent("b")),
        "UNKNOWN": history(variant("main"), request(1, "a"), sent("a"), drained()),
    },
}
"""For each check: verdict -> a history that gives it."""
