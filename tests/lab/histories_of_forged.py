"""For every check of forged requests a history that makes it HOLD, one BROKEN and one UNKNOWN."""

from collections.abc import Mapping

from lab import checks
from lab.history import History, Op
from lab.verdict import Check
from tests.lab.lines import history, line

AS_ASKED: Mapping[str, Check] = {
    "requests_are_judged_as_predicted": checks.requests_are_judged_as_predicted(ways=["form"]),
}
"""Factories as they were called for CASES."""


def judged(way: str, seen: str) -> Op:
    value = {"way": way, "predicted": "403: CSRF token missing. (0 rows)", "seen": seen}
    return line(1, "database", "observe", "judged", f"{way}: no token", value)


def attack(rows: int) -> Op:
    return line(1, "database", "observe", "attack", "a form", {"rows": rows, "path": "/csrf/form/"})


CASES: Mapping[str, Mapping[str, History | str]] = {
    "requests_are_judged_as_predicted": {
        "HOLDS": history(judged("form", "403: CSRF token missing. (0 rows)")),
        "BROKEN": history(judged("form", "302 (1 row)")),
        "UNKNOWN": history(judged("header", "403: CSRF token missing. (0 rows)")),
    },
    "attacks_change_nothing": {
        "HOLDS": history(attack(0), attack(0)),
        "BROKEN": history(attack(0), attack(1)),
        "UNKNOWN": history(judged("form", "302 (1 row)")),
    },
}
