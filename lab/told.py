"""What there is to say of a run, in words: verdict, faults, findings with their offenders, predictions, setting.

A report (lab/report.py) and the page of a run in the console show it; both get it from the history and the scenario.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from lab.history import History, Op
from lab.notes import CONDITIONS, STATEMENTS
from lab.observed import CUT_SHORT, UNTOUCHED, faults, why_cut_short
from lab.runner import Result
from lab.scenario import Scenario
from lab.timeline import timeline
from lab.verdict import Finding, count_title, name_of, title
from lab.words import _

SIGNS = {"HOLDS": "✓", "BROKEN": "✕", "UNKNOWN": "?"}
MOST_ERRORS = 12
MOST_FOLLOWED = 3
MOST_LINES = 6
MOST_NOTES = 24
MOST_TEXT = 400
"""Letters of one offender, error or value; the whole of it is in the history."""

TOLD = frozenset(
    ["run", "phase", "versions", "recovered", "not_recovered", "workload_ended", "settled", *CUT_SHORT],
)
"""Notes that stand elsewhere."""


def contents(history: History, scenario: Scenario, result: Result, *, going_on: bool = False) -> dict[str, Any]:
    """All of it but the story. `going_on`: the run may still write to its history; an alert says so."""
    about = history.note("run") or {}
    return {
        "result": result,
        "signs": SIGNS,
        "expectation": _expectation(result),
        "alerts": _alerts(history, going_on),
        "about": _about(history, result),
        "faults": _faults(history),
        "findings": _findings(history, result.findings),
        "errors": _errors(history),
        "question": _(scenario.question),
        "predictions": _predictions(scenario, result, about.get("predicted")),
        "statements": _statements(scenario, result.findings),
        "parameters": _pairs(about.get("parameters", {})),
        "versions": _pairs(result.versions),
        "noted": _noted(history),
        "lesson": _(scenario.lesson),
    }


def _expectation(result: Result) -> str:
    if result.as_expected:
        return _("as expected")
    return _("not as expected: {expected} was").format(expected=result.expected)


def _alerts(history: History, going_on: bool) -> list[str]:
    seconds = f"{history[-1].t:.1f}" if len(history) else "0"
    if going_on:
        return [
            _(
                "This run was still going on when the report was made. It shows the first {seconds} s; "
                "the verdict is what could be said by then."
            ).format(seconds=seconds)
        ]
    why = why_cut_short(history)
    if not why:
        return []
    alerts = [_("This run is not complete: {why}").format(why=why)]
    if history.torn:
        alerts.append(_("The last line, of which only a part was written, is left out."))
    return alerts


def _about(history: History, result: Result) -> str:
    return _("{wall}, {seconds} s on the {target} target, pace {pace}, seed {seed}").format(
        wall=history[0].wall[:19].replace("T", " ") if len(history) else "",
        seconds=result.seconds, target=result.target, pace=result.pace, seed=result.seed,
    )  # fmt: skip


def _faults(history: History) -> list[dict[str, Any]]:
    """One line a fault: when it began, then what followed, in seconds since then."""
    found = []
    for seen, told in zip(faults(history), timeline(history), strict=True):
        events = [
            _("{event} +{seconds} s").format(event=_(event.name), seconds=f"{event.seconds:.2f}")
            for event in told.events
            if event.seconds is not None
        ]
        says = _("{node} is left untouched") if seen.name == UNTOUCHED else _("{node} {fault}, begun at {seconds} s")
        told_as = says.format(node=seen.node, fault=_(seen.name.replace("_", " ")), seconds=f"{seen.began:.2f}")
        found.append({"title": told_as, "events": [] if seen.name == UNTOUCHED else events})
    return found


def _findings(history: History, findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """Each finding with its offenders and what the history says of them, when something is wrong or in doubt."""
    lines = _lines_of(history, (id for finding in findings for id in map(_id, finding.witnesses) if id))
    return [
        {
            "verdict": str(finding.verdict),
            "check": title(finding.check),
            "says": finding.says,
            "counts": {count_title(name): "-" if value is None else value for name, value in finding.counts.items()},
            "offenders": [
                {"text": _text(witness), "lines": lines.get(_id(witness) or "", []) if at < MOST_FOLLOWED else []}
                for at, witness in enumerate(finding.witnesses)
                if finding.verdict != "HOLDS"
            ],
        }
        for finding in findings
    ]


def _id(witness: Any) -> str | None:
    found = witness.get("id") if isinstance(witness, Mapping) else witness
    return found if isinstance(found, str) else None


def _lines_of(history: History, ids: Iterable[str]) -> dict[str, list[str]]:
    """What happened to these ids, in a few words each line."""
    found: dict[str, list[str]] = {id: [] for id in ids}
    if found:
        for line in history:
            if line.id in found and len(found[line.id]) < MOST_LINES:
                found[line.id].append(_in_words(line))
    return found


def _in_words(line: Op) -> str:
    parts = [f"{line.t:.3f} s", line.process, line.op, line.kind]
    parts += [_text(part) for part in (line.value, line.error) if part is not None]
    return " · ".join(parts)


def _errors(history: History) -> list[dict[str, Any]]:
    """What clients were told, the most frequent first."""
    told = Counter((line.op, line.kind, line.error) for line in history if line.error and line.kind in ("fail", "info"))
    outcomes = {"fail": _("failed"), "info": _("unknown")}
    return [
        {"times": times, "op": op.replace("_", " "), "outcome": outcomes[kind], "text": _text(error)}
        for (op, kind, error), times in told.most_common(MOST_ERRORS)
    ]


def _predictions(scenario: Scenario, result: Result, chosen: str | None) -> list[dict[str, Any]]:
    """Each with whether it came true, and whether it was the one that somebody chose before the run."""
    return [
        {"says": _(p.says), "true": p.came_true(result.findings), "chosen": p.choice == chosen}
        for p in scenario.predictions
    ]


def _statements(scenario: Scenario, findings: Sequence[Finding]) -> list[dict[str, Any]]:
    verdicts = {finding.check: str(finding.verdict) for finding in findings}
    return [
        {
            "id": number,
            "says": _(STATEMENTS[number]) if number in STATEMENTS else "",
            "condition": _(CONDITIONS[number]) if number in CONDITIONS else "",
            "verdict": verdicts.get(name_of(check), "UNKNOWN"),
        }
        for number, check in scenario.notes.items()
    ]


def _noted(history: History) -> list[tuple[str, str]]:
    """What the script wrote down about its setting: the topic, the session timeout, the queues, the workers."""
    notes = [note for note in history if note.kind == "note" and note.op not in TOLD and note.value is not None]
    return [(_(note.op.replace("_", " ")), _text(note.value)) for note in notes[:MOST_NOTES]]


def _pairs(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(str(name), _text(value)) for name, value in values.items()]


def _text(value: Any) -> str:
    """A JSON value in one line, cut when it is long."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= MOST_TEXT else text[:MOST_TEXT] + "…"
