"""The verbs about scenarios: list, explain, run, check."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from lab import demos, statements
from lab.cli import show
from lab.cli.app import AsJson, app, print_json, progress, read_settings, result, running_target, tell
from lab.cluster.target import Refused, StackUnavailable, Target
from lab.history import History
from lab.journal import journal_of
from lab.live import LiveView
from lab.runner import Request, Result, judged, run
from lab.runs import last_results, load_run
from lab.scenario import Scenario, Variant
from lab.script import PACES
from lab.self_test import run_self_test
from lab.settings import Settings
from lab.verdict import Verdict
from lab.words import language, speak

Names = Annotated[list[str], typer.Argument(help="Scenarios; `lab list` shows them.")]


@app.command("list")
def list_verb(
    demo: Annotated[str | None, typer.Argument(help="Only this demo's.")] = None,
    notes: Annotated[
        bool, typer.Option("--notes", help="The statements of the notes, and what runs say of them.")
    ] = False,
    as_markdown: Annotated[bool, typer.Option("--markdown", help="The table of --notes as README.md has it.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the scenarios, or with --notes the statements that they show."""
    found = demos.scenarios(demo)
    last = last_results(read_settings())
    if notes or as_markdown:
        rows = statements.table([statements.claim_of(scenario) for scenario in found], last)
        if as_json:
            print_json(msgspec.to_builtins(rows))
        elif as_markdown:
            print("\n".join(statements.markdown(rows)))
        else:
            result.print(show.notes_table(rows))
    elif as_json:
        print_json([_listed(scenario) for scenario in found])
    else:
        result.print(show.scenarios_table(found, last))


def _listed(scenario: Scenario) -> dict[str, Any]:
    return {
        "name": scenario.name,
        "demo": scenario.demo,
        "claim": scenario.claim,
        "notes": list(scenario.notes),
        "nodes": list(scenario.nodes),
        "needs": sorted(scenario.needs),
        "seconds": scenario.seconds,
        "breaks_with": dict(scenario.breaks_with),
    }


@app.command()
def explain(name: Annotated[str, typer.Argument(help="A scenario.")], as_json: AsJson = False) -> None:
    """Tell the lesson of a scenario, and the predictions to choose from before a run."""
    scenario = demos.scenario_named(name)
    if as_json:
        predictions = [{"choice": p.choice, "says": p.says} for p in scenario.predictions]
        print_json(
            _listed(scenario)
            | {"lesson": scenario.lesson, "question": scenario.question, "predictions": predictions}
            | {"parameters": scenario.parameters}
        )
    else:
        result.print(show.explanation(scenario))


@app.command("run")
def run_verb(
    names: Names,
    control: Annotated[bool, typer.Option("--control", help="Without the fault.")] = False,
    breaks: Annotated[bool, typer.Option("--breaks", help="With the parameters that must break the claim.")] = False,
    set_: Annotated[list[str] | None, typer.Option("--set", help="A parameter of the script: name=value.")] = None,
    pace: Annotated[str, typer.Option(help="quick or full: how long it is watched.")] = "full",
    seed: Annotated[int, typer.Option(help="Seeds what a scenario draws at random.")] = 0,
    repeat: Annotated[int, typer.Option(min=1, help="Run it so many times.")] = 1,
    predict: Annotated[str | None, typer.Option(help="What you expect; `lab explain NAME` lists the choices.")] = None,
    announce: Annotated[
        bool, typer.Option("--announce", help='Print {"began": FOLDER} as well, once a run has its folder.')
    ] = False,
    as_json: AsJson = False,
) -> int:
    """Run scenarios, judge each from its record, and write a run folder."""
    if control and breaks:
        raise Refused("Choose one of --control and --breaks.")
    settings = read_settings()
    return run_and_show(
        settings,
        running_target(settings),
        names,
        variant="control" if control else "breaks" if breaks else "main",
        parameters=told_parameters(set_ or []),
        pace=pace,
        seed=seed,
        repeat=repeat,
        predict=predict,
        announce=announce,
        as_json=as_json,
    )


def run_and_show(
    settings: Settings,
    target: Target,
    names: Sequence[str],
    *,
    variant: Variant = "main",
    parameters: dict[str, Any] | None = None,
    pace: str = "full",
    seed: int = 0,
    repeat: int = 1,
    predict: str | None = None,
    announce: bool = False,
    as_json: bool = False,
) -> int:
    """Run, print, and return the exit code: 1 when a run was not as expected, else 2 when one is UNKNOWN, else 0."""
    if pace not in PACES:
        raise Refused(f"There is no pace {pace!r}. It is one of {', '.join(PACES)}.")
    wanted = [demos.scenario_named(name) for name in names]
    for scenario in wanted:
        if predict is not None and predict not in {p.choice for p in scenario.predictions}:
            choices = ", ".join(p.choice for p in scenario.predictions)
            raise Refused(f"{scenario.name} has no prediction {predict!r}. Choose one of: {choices}.")
        scenario.with_parameters(variant, parameters or {})
    refuse_a_broken_stack(settings, target, wanted)
    results = []
    for scenario in wanted:
        for number in range(repeat):
            request = Request(scenario, variant, parameters or {}, pace, seed + number, predict)
            title = f"{scenario.name} ({variant})" + (f", {number + 1} of {repeat}" if repeat > 1 else "")
            try:
                with LiveView(title, progress) as view:
                    found, history = run(request, target, settings, [view.hear], _announced if announce else _unsaid)
            finally:
                if variant != "control" and scenario.needs:
                    _tidy_up(scenario)
            results.append(found)
            _show_one(scenario, found, history, predict, as_json)
    if repeat > 1:
        tell(show.repeated(results))
    return exit_code(results)


def _announced(folder: Path) -> None:
    print_json({"began": folder.name})


def _unsaid(folder: Path) -> None:
    """Who sees the terminal sees the run."""


def _tidy_up(scenario: Scenario) -> None:
    """What the return of the node that it broke leaves undone in the demo's part of the stack."""
    for line in demos.after_heal([scenario.demo]):
        tell(line)


def exit_code(results: Sequence[Result]) -> int:
    """0 all as expected; 1 one was not; 2 the worst is that one is UNKNOWN."""
    if any(not r.as_expected and r.verdict is not Verdict.UNKNOWN for r in results):
        return 1
    return 2 if any(r.verdict is Verdict.UNKNOWN for r in results) else 0


def refuse_a_broken_stack(settings: Settings, target: Target, wanted: Sequence[Scenario]) -> None:
    """Raises StackUnavailable when a node that is needed is not healthy: the run would measure something else."""
    if journal_of(settings).open_faults():
        raise StackUnavailable("Something is still broken from before. `lab heal` mends it; `lab status` shows it.")
    for node in dict.fromkeys(node for scenario in wanted for node in scenario.nodes):
        status = target.status_of(node)
        if status.state != "running" or status.health not in ("healthy", "none"):
            raise StackUnavailable(f"{node} is {status.state} and {status.health}. `lab up` starts what is missing.")


def told_parameters(pairs: Sequence[str]) -> dict[str, Any]:
    """Of name=value pairs. Raises Refused for what is none."""
    found: dict[str, Any] = {}
    for pair in pairs:
        name, sign, value = pair.partition("=")
        if not sign:
            raise Refused(f"--set takes name=value, not {pair!r}.")
        found[name] = value
    return found


def _show_one(scenario: Scenario, found: Result, history: History, predict: str | None, as_json: bool) -> None:
    spoken = language()
    if as_json:
        # For programs: the same in every language, as verdict.json is.
        with speak("en"):
            english = found if spoken == "en" else judged(history, scenario, Path(found.run))
        print_json(msgspec.to_builtins(english))
        show.verdict(progress, scenario, found, history, predict)
    else:
        show.verdict(result, scenario, found, history, predict)


@app.command()
def check(
    run_: Annotated[str, typer.Argument(metavar="RUN", help="A run folder, its name, or latest.")] = "latest",
    self_test: Annotated[bool, typer.Option("--self-test", help="Plant anomalies in made-up runs; find each.")] = False,
    as_json: AsJson = False,
) -> int:
    """Judge a recorded run again, from its history alone; or, with --self-test, the checks themselves."""
    if self_test:
        return _check_the_checks(as_json)
    folder = load_run(run_, read_settings())
    history = History.load(folder / "history.jsonl")
    about = history.note("run")
    if not about:
        raise Refused(f"{folder / 'history.jsonl'} does not say which scenario it records.")
    scenario = demos.scenario_named(about["scenario"])
    found = judged(history, scenario, folder)
    predicted = next((p.choice for p in scenario.predictions if p.choice == about.get("predicted")), None)
    _show_one(scenario, found, history, predicted, as_json)
    return exit_code([found])


def _check_the_checks(as_json: bool) -> int:
    """0 when every planted anomaly was found and no clean history was blamed, else 1."""
    rows = run_self_test()
    if as_json:
        print_json([asdict(row) for row in rows])
    else:
        result.print(show.self_test_table(rows))
    return 0 if all(row.detected == row.of for row in rows) else 1
