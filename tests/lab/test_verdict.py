"""Verdicts: the worst wins, nobody asked means nobody knows, and a broken check knows nothing."""

import itertools

import msgspec
import pytest

from lab.history import History
from lab.verdict import Finding, Verdict, judge, name_of, named, worst


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        ([], "UNKNOWN"),
        (["HOLDS"], "HOLDS"),
        (["HOLDS", "UNKNOWN"], "UNKNOWN"),
        (["HOLDS", "UNKNOWN", "BROKEN"], "BROKEN"),
        (["BROKEN", "HOLDS"], "BROKEN"),
    ],
)
def test_the_worst_wins_in_any_order(verdicts: list[str], expected: str) -> None:
    for order in itertools.permutations(verdicts):
        assert worst(Verdict(name) for name in order) == expected


def all_is_well(history: History) -> Finding:
    return Finding("all_is_well", Verdict.HOLDS, {"lines": len(history)}, [], f"{len(history)} lines.")


def stumbles(history: History) -> Finding:
    raise KeyError("partition")


def test_judge_keeps_the_order_of_the_checks_and_the_worst_verdict() -> None:
    verdict, findings = judge(History([]), [all_is_well, stumbles])
    assert verdict == Verdict.UNKNOWN
    assert [finding.check for finding in findings] == ["all_is_well", "stumbles"]


def test_a_check_that_raises_could_not_tell_and_says_why() -> None:
    _, (finding,) = judge(History([]), [stumbles])
    assert finding.verdict == Verdict.UNKNOWN
    assert "KeyError: 'partition'" in finding.says


def test_no_checks_give_unknown() -> None:
    assert judge(History([]), []) == (Verdict.UNKNOWN, [])


def test_a_check_made_by_a_factory_has_its_name() -> None:
    @named("made_by_a_factory")
    def check(history: History) -> Finding:
        raise AssertionError

    assert name_of(check) == "made_by_a_factory"
    assert judge(History([]), [check])[1][0].check == "made_by_a_factory"


def test_a_finding_is_a_plain_object_in_json() -> None:
    finding = all_is_well(History([]))
    assert msgspec.json.decode(msgspec.json.encode(finding)) == {
        "check": "all_is_well",
        "verdict": "HOLDS",
        "counts": {"lines": 0},
        "witnesses": [],
        "says": "0 lines.",
    }
    assert msgspec.json.decode(msgspec.json.encode(finding), type=Finding) == finding
