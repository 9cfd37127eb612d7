"""The pages of scenarios: all of them by demo, and each with its question, its predictions and a form that runs it.

What a scenario is comes from the desk's catalogue; how its runs ended, from the run folders (records.py).
"""

from collections.abc import Mapping

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from lab.console import bundle
from lab.console.catalogue import Known
from lab.console.desk import desk_of
from lab.console.missing import no_such_scenario
from lab.console.pages import page
from lab.console.records import VARIANTS, Record, all_records, newest_of
from lab.console.words import scenario_words
from lab.told import SIGNS

Newest = Mapping[tuple[str, str], Record]


async def show_all(request: Request) -> Response:
    """Every scenario, under its demo."""
    demos: dict[str, list[Known]] = {}
    for known in await desk_of(request).catalogue.scenarios():
        demos.setdefault(known.demo, []).append(known)
    newest = await _newest(request)
    return page(request, "scenarios.html", demos=demos, newest=newest, variants=VARIANTS, signs=SIGNS)


async def show(request: Request) -> Response:
    """One scenario."""
    name = request.path_params["name"]
    known = await desk_of(request).catalogue.scenario(name)
    if not known:
        return no_such_scenario(request, name)
    return page(
        request,
        "scenario.html",
        known=known,
        newest=await _newest(request),
        variants=VARIANTS,
        signs=SIGNS,
        words=bundle.data(scenario_words()),
    )


async def _newest(request: Request) -> Newest:
    runs = desk_of(request).settings.runs
    return await run_in_threadpool(lambda: newest_of(all_records(runs)))


ROUTES = [Route("/scenarios", show_all), Route("/scenarios/{name}", show)]
