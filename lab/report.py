"""One run as one HTML file that opens offline: verdict, picture, findings, story, and the history itself.

`lab report` gives it a run folder. The words and tables are written here; the picture is drawn in the browser by the
scripts that the live page uses, from the history that the file carries.
"""

import base64
import gzip
import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import jinja2
import msgspec
import psutil

from lab.console import bundle
from lab.console.words import timeline_words
from lab.history import History, Op
from lab.live import Progress
from lab.notes import CONDITIONS, STATEMENTS
from lab.observed import CUT_SHORT, UNTOUCHED, faults, why_cut_short
from lab.runner import Result
from lab.scenario import Scenario
from lab.timeline import timeline
from lab.verdict import Finding, name_of
from lab.words import _

SIGNS = {"HOLDS": "✓", "BROKEN": "✕", "UNKNOWN": "?"}
MOST_STORY = 200
MOST_ERRORS = 12
MOST_FOLLOWED = 3
MOST_LINES = 6
MOST_NOTES = 24
MOST_TEXT = 400
"""Letters of one offender, error or value; the whole of it is in the history."""

TOLD = frozenset(
    ["run", "phase", "versions", "recovered", "not_recovered", "workload_ended", "settled", *CUT_SHORT],
)
"""Notes that stand elsewhere in the report."""

_pages = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(bundle.__file__).parent / "templates"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
)
_pages.globals["_"] = _


def report(history: History, scenario: Scenario, result: Result, *, going_on: bool = False) -> str:
    """The whole page. `going_on`: the run may still write to its history; the page says so. Same input, same page."""
    lines = b"".join(msgspec.json.encode(line) + b"\n" for line in history)
    story, left_out = _story(history)
    return _pages.get_template("report.html").render(
        result=result,
        signs=SIGNS,
        expectation=_expectation(result),
        alerts=_alerts(history, going_on),
        about=_about(history, result),
        faults=_faults(history),
        findings=_findings(history, result.findings),
        story=story,
        story_left_out=left_out,
        errors=_errors(history),
        question=scenario.question,
        predictions=[{"says": p.says, "true": p.came_true(result.findings)} for p in scenario.predictions],
        statements=_statements(scenario, result.findings),
        setting=_setting(history, result, lines),
        parameters=_pairs((history.note("run") or {}).get("parameters", {})),
        versions=_pairs(result.versions),
        noted=_noted(history),
        lesson=scenario.lesson,
        again=_("`lab check {run}` computes the verdict again from the history alone.").format(
            run=Path(result.run).name
        ),
        words=bundle.data(timeline_words()),
        history=base64.b64encode(gzip.compress(lines, compresslevel=6, mtime=0)).decode(),
        style=bundle.style(),
        scripts=bundle.scripts(),
    )


def goes_on(folder: Path, state: Path) -> bool:
    """Whether the process that records this run is still at it, on the stack of `state` or of another block."""
    history = str((folder / "history.jsonl").resolve())
    for lock in state.parent.glob(f"{state.name.rpartition('-')[0]}-*/run.lock"):
        try:
            writer = psutil.Process(int(lock.read_text()))
            if any(file.path == history for file in writer.open_files()):
                return True
        except (OSError, ValueError, psutil.Error):
            continue
    return False


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
        title = says.format(node=seen.node, fault=_(seen.name.replace("_", " ")), seconds=f"{seen.began:.2f}")
        found.append({"title": title, "events": [] if seen.name == UNTOUCHED else events})
    return found


def _findings(history: History, findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """Each finding with its offenders and what the history says of them, when something is wrong or in doubt."""
    lines = _lines_of(history, (id for finding in findings for id in map(_id, finding.witnesses) if id))
    return [
        {
            "verdict": str(finding.verdict),
            "check": finding.check.replace("_", " "),
            "says": finding.says,
            "counts": {name: "-" if value is None else value for name, value in finding.counts.items()},
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


def _story(history: History) -> tuple[list[tuple[str, str]], str]:
    """(seconds, sentence) of all that is worth a line, and a sentence when that was too much."""
    progress = Progress()
    told = [(f"{line.t:.2f}", sentence) for line in history if (sentence := progress.take(line))]
    left_out = len(told) - MOST_STORY
    says = _("{count} more lines are left out here; the history holds them.").format(count=left_out)
    return told[:MOST_STORY], says if left_out > 0 else ""


def _errors(history: History) -> list[dict[str, Any]]:
    """What clients were told, the most frequent first."""
    told = Counter((line.op, line.kind, line.error) for line in history if line.error and line.kind in ("fail", "info"))
    outcomes = {"fail": _("failed"), "info": _("unknown")}
    return [
        {"times": times, "op": op.replace("_", " "), "outcome": outcomes[kind], "text": _text(error)}
        for (op, kind, error), times in told.most_common(MOST_ERRORS)
    ]


def _statements(scenario: Scenario, findings: Sequence[Finding]) -> list[dict[str, Any]]:
    verdicts = {finding.check: str(finding.verdict) for finding in findings}
    return [
        {
            "id": number,
            "says": STATEMENTS.get(number, ""),
            "condition": CONDITIONS.get(number, ""),
            "verdict": verdicts.get(name_of(check), "UNKNOWN"),
        }
        for number, check in scenario.notes.items()
    ]


def _setting(history: History, result: Result, lines: bytes) -> list[tuple[str, str]]:
    return [
        (_("folder"), Path(result.run).name),
        (_("lines of history"), str(len(history))),
        (_("SHA-256 of the history"), hashlib.sha256(lines).hexdigest()),
    ]


def _noted(history: History) -> list[tuple[str, str]]:
    """What the script wrote down about its setting: the topic, the session timeout, the queues, the workers."""
    notes = [note for note in history if note.kind == "note" and note.op not in TOLD and note.value is not None]
    return [(note.op.replace("_", " "), _text(note.value)) for note in notes[:MOST_NOTES]]


def _pairs(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(str(name), _text(value)) for name, value in values.items()]


def _text(value: Any) -> str:
    """A JSON value in one line, cut when it is long."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= MOST_TEXT else text[:MOST_TEXT] + "…"
