"""How answers look on a terminal. Takes results, returns things to print; decides nothing."""

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from lab.cluster.target import ServiceStatus
from lab.history import History
from lab.machine.doctor import Point
from lab.runner import Result
from lab.scenario import Scenario
from lab.self_test import Row
from lab.statements import Statement
from lab.timeline import timeline
from lab.verdict import Verdict, title
from lab.words import _

STYLE = {"HOLDS": "bold green", "BROKEN": "bold red", "UNKNOWN": "bold yellow"}
INDENT = "  "
MARK = {"HOLDS": "ok", "BROKEN": "BROKEN", "UNKNOWN": "unknown"}


def verdict(console: Console, scenario: Scenario, found: Result, history: History, predicted: str | None) -> None:
    """The verdict of one run: findings, timeline of the faults, prediction, where the folder lies."""
    as_expected = _("as expected")
    if not found.as_expected:
        as_expected = _("NOT as expected ({expected} was)").format(expected=found.expected)
    versions = ", ".join(f"{name} {version}" for name, version in found.versions.items())
    console.print()
    console.print(
        Text.assemble(
            (f"{found.scenario} ({found.variant}): ", "bold"), (found.verdict, STYLE[found.verdict]), f", {as_expected}"
        )
    )
    console.print(Text(INDENT + _(found.claim), style="italic"))
    console.print(Padding(_findings(found), (0, 0, 0, len(INDENT)), expand=False))
    for line in _timelines(history):
        console.print(Text(INDENT + line))
    if predicted is not None:
        console.print(Text(INDENT + _prediction(scenario, found, predicted)))
    about = _("{target}, pace {pace}, seed {seed}, {seconds:.0f} s; {versions}").format(
        target=found.target, pace=found.pace, seed=found.seed, seconds=found.seconds, versions=versions
    )
    console.print(Text(INDENT + about, style="dim"))
    console.print(Text(INDENT + _("run folder: {folder}").format(folder=found.run)))


def _findings(found: Result) -> Table:
    table = Table.grid(padding=(0, 2))
    for finding in found.findings:
        table.add_row(
            Text(MARK[finding.verdict], style=STYLE[finding.verdict]),
            Text(title(finding.check)),
            Text(finding.says),
        )
        if finding.verdict is Verdict.BROKEN and finding.witnesses:
            first = ", ".join(map(_witness, finding.witnesses[:5]))
            table.add_row("", "", Text(_("the first: {witnesses}").format(witnesses=first), style="dim"))
    return table


def _witness(witness: Any) -> str:
    """An offender in a few words: its id where it has one."""
    if isinstance(witness, dict):
        return str(witness.get("id") or " ".join(f"{name} {value}" for name, value in witness.items()))
    return str(witness)


def _timelines(history: History) -> list[str]:
    lines, came, story = [], _("{event} {seconds:.2f} s"), _("{node} {fault}: {events}")
    for fault in timeline(history):
        seen = [event for event in fault.events if event.seconds is not None]
        events = " > ".join(came.format(event=_(event.name), seconds=event.seconds) for event in seen)
        if fault.fault != "untouched":
            lines.append(story.format(node=fault.node, fault=_(fault.fault), events=events))
    return lines


def _prediction(scenario: Scenario, found: Result, predicted: str) -> str:
    true = [p for p in scenario.predictions if p.came_true(found.findings)]
    chosen = next(p for p in scenario.predictions if p.choice == predicted)
    right = _("You predicted: {says} That was right. What came true: {came}")
    wrong = _("You predicted: {says} That was wrong. What came true: {came}")
    came = "; ".join(_(p.says) for p in true) or _("none of the choices")
    return (right if chosen in true else wrong).format(says=_(chosen.says), came=came)


def repeated(results: Sequence[Result]) -> str:
    """What several runs of the same thing say together."""
    n, good = len(results), sum(r.as_expected for r in results)
    says = _("{good} of {n} runs as expected.")
    if good == n and results[0].expected is Verdict.HOLDS:
        says = _(
            "{good} of {n} runs as expected; no loss in n = {n} runs bounds the share of losing runs at about "
            "3/n = {share:.0%}."
        )
    return says.format(good=good, n=n, share=min(1.0, 3 / n))


def scenarios_table(scenarios: Sequence[Scenario], last: Mapping[tuple[str, str], Mapping[str, Any]]) -> Table:
    """One row a scenario, with the last run's verdict."""
    table = Table(box=None, header_style="bold", padding=(0, 2, 0, 0))
    for column in (_("scenario"), _("claim"), _("seconds"), _("last run")):
        table.add_column(column, overflow="fold")
    for scenario in scenarios:
        run = last.get((scenario.name, "main"))
        table.add_row(scenario.name, _(scenario.claim), str(scenario.seconds), run["verdict"] if run else _("none yet"))
    return table


def explanation(scenario: Scenario) -> RenderableType:
    """The lesson, then what there is to predict and to choose."""
    lines = [_(scenario.lesson), "", _("Claim: {claim}").format(claim=_(scenario.claim)), "", _(scenario.question)]
    lines += [f"  --predict {p.choice:14} {_(p.says)}" for p in scenario.predictions]
    parameters = ", ".join(f"{name}={value}" for name, value in scenario.parameters.items())
    breaking = ", ".join(f"{name}={value}" for name, value in scenario.breaks_with.items())
    says = _("Parameters: {parameters}. The claim must break with {breaking} (`--breaks`).")
    lines += ["", says.format(parameters=parameters, breaking=breaking)]
    says = _("Shows: {statements}. About {seconds} s at full pace.")
    lines += [says.format(statements=", ".join(scenario.notes), seconds=scenario.seconds)]
    return Text("\n".join(lines))


def notes_table(rows: Sequence[Statement]) -> Table:
    """The statements as a table."""
    table = Table(box=None, header_style="bold", padding=(0, 2, 0, 0))
    for column in (_("id"), _("the notes say"), _("today"), _("scenario"), _("the last run says")):
        table.add_column(column, overflow="fold")
    not_run = _("not run yet")
    for row in rows:
        table.add_row(
            row.id,
            escape(_(row.says)),
            escape(_(row.condition)),
            "\n".join(word.scenario for word in row.shown_by) or _("no scenario yet"),
            "\n".join(f"{word.verdict or not_run} {word.run_says or ''}".strip() for word in row.shown_by),
        )
    return table


def self_test_table(rows: Sequence[Row]) -> Table:
    """One row a planted anomaly, and one for the clean histories."""
    table = Table(box=None, header_style="bold", padding=(0, 2, 0, 0))
    for column in (_("anomaly"), _("found"), _("by the check")):
        table.add_column(column)
    for row in rows:
        found = _("{detected} of {of}").format(detected=row.detected, of=row.of)
        table.add_row(row.anomaly, found, title(row.check))
    return table


def services_table(services: Sequence[ServiceStatus]) -> Table:
    """One row a service."""
    table = Table(box=None, header_style="bold", padding=(0, 2, 0, 0))
    for column in (_("service"), _("state"), _("health"), "pid"):
        table.add_column(column)
    for service in services:
        state = service.state if service.exit_code is None else f"{service.state} ({service.exit_code})"
        table.add_row(service.name, state, service.health, str(service.pid or ""))
    return table


def doctor_table(points: Sequence[Point]) -> RenderableType:
    """What is there and what is missing; under each gap the command that mends it."""
    lines = []
    for point in points:
        lines.append(
            Text.assemble(
                ((_("ok") if point.ok else _("missing")).ljust(9), "green" if point.ok else "bold red"),
                (f"{point.name:22} ", "bold"),
                point.says,
            )
        )
        if not point.ok and point.mend:
            lines.append(Text(textwrap.indent(_("mend it: {command}").format(command=point.mend), " " * 32)))
    return Group(*lines)
