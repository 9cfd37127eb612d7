"""What a check found, and what all findings of a run come to: the worst wins.

`judge` gives a History to each of a scenario's checks; the runner and `lab check` print and store what it returns.
"""

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from typing import Any

import msgspec

from lab.history import History
from lab.words import _


class Verdict(StrEnum):
    """UNKNOWN is an answer: the run could not tell."""

    HOLDS = "HOLDS"
    BROKEN = "BROKEN"
    UNKNOWN = "UNKNOWN"


class Finding(msgspec.Struct, frozen=True):
    """The answer of one check."""

    check: str
    """Name of the check's function, or of the factory that made it."""
    verdict: Verdict
    counts: Mapping[str, int | float | str | None] = {}
    witnesses: list[Any] = []
    """The first offenders, at most ten, each a JSON value that names the record's id where there is one."""
    says: str = ""
    """One sentence for the user, with the numbers in it."""


Check = Callable[[History], Finding]
"""Pure: no input or output, nothing remembered, and a time that grows with the length of the history."""

MOST_WITNESSES = 10

_SEVERITY = [Verdict.HOLDS, Verdict.UNKNOWN, Verdict.BROKEN]


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """BROKEN before UNKNOWN before HOLDS; UNKNOWN when there is none, since nothing was asked."""
    return max(verdicts, key=_SEVERITY.index, default=Verdict.UNKNOWN)


def judge(history: History, checks: Iterable[Check]) -> tuple[Verdict, list[Finding]]:
    """Ask every check. One that raises could not tell: UNKNOWN, with the error in `says`."""
    findings = [_ask(check, history) for check in checks]
    return worst(finding.verdict for finding in findings), findings


def named(name: str) -> Callable[[Check], Check]:
    """Give a check that a factory made the factory's name."""

    def rename(check: Check) -> Check:
        check.__name__ = check.__qualname__ = name
        return check

    return rename


def name_of(check: Check) -> str:
    """The name that a check's findings carry."""
    return getattr(check, "__name__", type(check).__name__)


def title(check: str) -> str:
    """A check's name as people see it, in their language: "nothing acknowledged is lost"."""
    return _(check.replace("_", " "))


def count_title(name: str) -> str:
    """A count as people see it, in their language; what a run named itself stays: "cases: fanout", "status 201"."""
    whole = name.replace("_", " ")
    if (said := _(whole)) != whole:
        return said
    head, mark, tail = whole.partition(": " if ": " in whole else " ")
    return _(head) + mark + (tail and _(tail))


def _ask(check: Check, history: History) -> Finding:
    try:
        return check(history)
    except Exception as error:  # noqa: BLE001 - whatever a faulty check raises, the other findings must be kept
        says = _("The check itself failed, so it could not tell: {kind}: {error}")
        says = says.format(kind=type(error).__name__, error=error)
        return Finding(name_of(check), Verdict.UNKNOWN, says=says)
