"""Every check holds, breaks and stays unknown, each on a history that a person can read."""

import msgspec
import pytest

from lab import checks
from lab.history import History
from lab.verdict import Verdict, judge, name_of
from tests.lab.histories import AS_ASKED, CASES, NEVER

POSSIBLE = [
    pytest.param(name, verdict, found, id=f"{name}-{verdict}")
    for name, cases in CASES.items()
    for verdict, found in cases.items()
    if isinstance(found, History)
]


def test_every_check_has_its_three_histories() -> None:
    assert set(CASES) == set(AS_ASKED) == set(checks.__all__)
    assert all(set(cases) == set(Verdict) for cases in CASES.values())


def test_only_checks_of_the_experiment_itself_can_never_be_broken() -> None:
    reasons = {(name, verdict) for name, cases in CASES.items() for verdict, found in cases.items() if found is NEVER}
    assert reasons == {
        ("the_read_reached_the_high_watermark", "BROKEN"),
        ("the_fault_was_felt", "BROKEN"),
        ("enough_was_written", "BROKEN"),
        ("the_script_ran_to_its_end", "BROKEN"),
    }
    assert len(POSSIBLE) == 3 * len(CASES) - len(reasons)


@pytest.mark.parametrize(("name", "verdict", "found"), POSSIBLE)
def test_the_check_gives_this_verdict(name: str, verdict: str, found: History) -> None:
    finding = AS_ASKED[name](found)
    assert (finding.check, finding.verdict) == (name, verdict), finding.says
    assert name_of(AS_ASKED[name]) == name
    assert finding.says.endswith(".")
    assert len(finding.witnesses) <= 10
    assert msgspec.json.decode(msgspec.json.encode(finding), type=type(finding)) == finding


@pytest.mark.parametrize("name", CASES)
def test_the_check_answers_on_an_empty_history_and_claims_nothing(name: str) -> None:
    finding = AS_ASKED[name](History([]))
    assert finding.verdict == ("HOLDS" if name == "the_system_recovered" else "UNKNOWN")


@pytest.mark.parametrize("name", CASES)
def test_a_check_changes_nothing_and_says_the_same_again(name: str) -> None:
    for found in CASES[name].values():
        if isinstance(found, History):
            lines = list(found)
            first = AS_ASKED[name](found)
            judge(found, AS_ASKED.values())
            assert AS_ASKED[name](found) == first == AS_ASKED[name](History(lines, found.torn))
            assert list(found) == lines
