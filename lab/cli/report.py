"""The verb report: a recorded run as one file to open, print or send."""

from pathlib import Path
from typing import Annotated

import typer

from lab import demos
from lab.cli.app import AsJson, app, print_json, read_settings, result
from lab.cluster.target import LabError, Refused
from lab.history import History
from lab.report import goes_on
from lab.report import report as page_of
from lab.runner import judged
from lab.runs import load_run


@app.command()
def report(
    run: Annotated[str, typer.Argument(metavar="RUN", help="A run folder, its name, or latest.")] = "latest",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Default: report.html in the run folder.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write a run as one HTML file: verdict, timeline, findings, and the history itself. Opens offline, prints well."""
    settings = read_settings()
    folder = load_run(run, settings)
    going_on = goes_on(folder, settings.state)
    history = History.load(folder / "history.jsonl")
    about = history.note("run")
    if not about:
        raise Refused(f"{folder / 'history.jsonl'} does not say which scenario it records.")
    scenario = demos.scenario_named(about["scenario"])
    page = page_of(history, scenario, judged(history, scenario, folder), going_on=going_on)
    file = (output or folder / "report.html").absolute()
    try:
        file.write_text(page, encoding="utf-8")
    except OSError as error:
        raise LabError(f"Cannot write {file}: {error.strerror}. `-o FILE` writes it elsewhere.") from error
    if as_json:
        print_json({"report": str(file)})
    else:
        result.print(str(file), markup=False)
