"""The statements of the notes, each with the scenarios that show it and what their last runs said.

`lab list --notes`, the table in README.md and the console's page Notes are this one table.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from lab.notes import CONDITIONS, STATEMENTS
from lab.scenario import Scenario
from lab.verdict import name_of


class Claim(NamedTuple):
    """What a scenario says about the statements: the check that speaks about each, by the statement's id."""

    scenario: str
    demo: str
    checks: Mapping[str, str]


class Word(msgspec.Struct, frozen=True):
    """What the last run of one scenario's main variant said about one statement."""

    scenario: str
    demo: str
    check: str
    verdict: str | None = None
    """HOLDS, BROKEN or UNKNOWN of what is right today; None when there is no run."""
    run_says: str | None = None
    run: str | None = None
    """The name of the run's folder."""


class Statement(msgspec.Struct, frozen=True):
    """One row."""

    id: str
    says: str
    condition: str
    """Under which condition it is right, or what is right instead."""
    shown_by: list[Word]


def claim_of(scenario: Scenario) -> Claim:
    """The same of a scenario that is at hand."""
    return Claim(scenario.name, scenario.demo, {id: name_of(check) for id, check in scenario.notes.items()})


def table(claims: Sequence[Claim], last: Mapping[tuple[str, str], Mapping[str, Any]]) -> list[Statement]:
    """All statements, in the order of the notes. `last`: the newest verdict.json of each (scenario, variant)."""
    return [
        Statement(
            id,
            says,
            CONDITIONS.get(id, ""),
            [_word(id, claim, last.get((claim.scenario, "main"))) for claim in claims if id in claim.checks],
        )
        for id, says in STATEMENTS.items()
    ]


def _word(id: str, claim: Claim, run: Mapping[str, Any] | None) -> Word:
    check = claim.checks[id]
    for finding in (run or {}).get("findings", []):
        if finding["check"] == check and run:
            folder = str(run.get("run", "")).rpartition("/")[2]
            return Word(claim.scenario, claim.demo, check, finding["verdict"], finding["says"], folder or None)
    return Word(claim.scenario, claim.demo, check)


def markdown(rows: Sequence[Statement]) -> list[str]:
    """The lines of the table as README.md has it."""
    lines = ["| | the notes say | what is right today | shown by, and what its run says |", "| --- | --- | --- | --- |"]
    for row in rows:
        shown = "<br>".join(f"`{word.scenario}`: {word.verdict or 'not run yet'}" for word in row.shown_by)
        lines.append(f"| {row.id} | {_escaped(row.says)} | {_escaped(row.condition)} | {shown or 'no scenario yet'} |")
    return lines


def _escaped(text: str) -> str:
    """Text that Markdown shows as it is."""
    return text.replace("|", "\\|").replace("*", "\\*").replace("<", "&lt;")
