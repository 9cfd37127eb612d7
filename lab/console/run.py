"""The page of one run, live or over, and what its script asks for: story, what there is to say at the end, report.

The page itself is only a frame. The picture comes from the event stream of the history, which is the same for a run
that goes on and for one of last year (static/live.js).
"""

import tempfile
from pathlib import Path

import msgspec
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from lab.cluster.target import LabError
from lab.console import bundle
from lab.console.catalogue import Known
from lab.console.desk import desk_of
from lab.console.missing import no_such_run
from lab.console.pages import page
from lab.console.records import VARIANTS, Record, all_records, folder_of, newest_of, record_of
from lab.console.words import run_words, timeline_words
from lab.told import SIGNS
from lab.words import _, language

SENTENCES = 200
"""Of the story, in one answer."""
POLICY = "frame-ancestors 'none'; sandbox allow-scripts allow-modals"
"""Of a report, which brings the rest itself: it works as from a file, and can do nothing as this console."""


async def show(request: Request) -> Response:
    """The page. `latest` leads to the newest run."""
    desk, name = desk_of(request), request.path_params["run"]
    if name == "latest" and (found := _latest(desk.settings.runs)):
        return RedirectResponse(f"/runs/{found}", 307)
    record, twins = await run_in_threadpool(_with_twins, desk.settings.runs, name)
    if not record:
        return no_such_run(request, name)
    known = await _known(request, record.scenario)
    says = {one.choice: one.says for one in known.predictions} if known else {}
    return page(
        request,
        "run.html",
        record=record,
        known=known,
        claim=record.result.claim if record.result else known.claim if known else "",
        predicted=says.get(record.about.get("predicted") or ""),
        checks=known.breaks if known else [],
        signs=SIGNS,
        twins=twins,
        words=bundle.data(timeline_words() | run_words()),
    )


async def _known(request: Request, scenario: str) -> Known | None:
    """The scenario, where it is still there and can be read: a run can be looked at without."""
    try:
        return await desk_of(request).catalogue.scenario(scenario)
    except LabError:
        return None


def _with_twins(runs: Path, name: str) -> tuple[Record | None, list[Record]]:
    """A run, and the newest of its scenario in the other variants."""
    record = record_of(runs, name)
    if not record:
        return None, []
    newest = newest_of(all_records(runs))
    others = [variant for variant in VARIANTS if variant != record.variant]
    return record, [newest[key] for variant in others if (key := (record.scenario, variant)) in newest]


def _latest(runs: Path) -> str:
    link = runs / "latest"
    return link.readlink().name if link.is_symlink() else ""


async def told(request: Request) -> Response:
    """lab/told.py's contents as JSON, or {"error": sentence}."""
    desk = desk_of(request)
    folder = folder_of(desk.settings.runs, request.path_params["run"])
    if not folder:
        return JSONResponse({"error": _("There is no such run.")}, 404)
    answer = await desk.tellings.told(folder, desk.settings.root, language())
    return Response(answer, media_type="application/json")


def story(request: Request) -> Response:
    """{"told": [[seconds, about, sentence], ...] after the first ?after=N, "all": how many there are by now}."""
    desk = desk_of(request)
    folder = folder_of(desk.settings.runs, request.path_params["run"])
    after = request.query_params.get("after", "0")
    start = int(after) if after.isdecimal() and len(after) < 10 else 0
    told: list[tuple[float, str, str]] = []
    if folder:
        try:
            found = desk.stories.of(folder / "history.jsonl", language())
            found.go_on()
            told = found.told
        except (OSError, msgspec.MsgspecError):
            pass
    return JSONResponse({"told": told[start : start + SENTENCES], "all": len(told)})


async def report(request: Request) -> Response:
    """The page that `lab report` writes, made anew."""
    desk = desk_of(request)
    name = request.path_params["run"]
    folder = folder_of(desk.settings.runs, name)
    if not folder:
        return no_such_run(request, name)
    with tempfile.NamedTemporaryFile(prefix="lab-report-", suffix=".html", delete=False) as made:
        file = Path(made.name)
    why = await desk.tellings.report(folder, desk.settings.root, language(), file)
    if why:
        file.unlink()
        return no_such_run(request, name, why)
    remove = BackgroundTask(file.unlink)
    return FileResponse(file, media_type="text/html", headers={"Content-Security-Policy": POLICY}, background=remove)


ROUTES = [
    Route("/runs/{run}", show),
    Route("/runs/{run}/report", report),
    Route("/api/runs/{run}/told", told),
    Route("/api/runs/{run}/story", story),
]
