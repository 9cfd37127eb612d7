"""The page Notes: each statement of the study notes, what is right today, and what the last runs say of that.

The statements come from lab/notes.py, who shows them from the desk's catalogue, and the verdicts from the run folders.
"""

from collections import Counter
from pathlib import Path
from typing import Any

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from lab.console.desk import desk_of
from lab.console.pages import page
from lab.console.records import all_records, newest_of
from lab.statements import Claim, Statement, table
from lab.told import SIGNS

NOT_RUN = "none"
"""What the count of statements without a run is called."""


async def show(request: Request) -> Response:
    """The table, of one demo or of all."""
    desk = desk_of(request)
    known = await desk.catalogue.scenarios()
    demos = list(dict.fromkeys(one.demo for one in known))
    chosen = request.query_params.get("demo", "")
    claims = [Claim(one.name, one.demo, one.spoken_by) for one in known if chosen in ("", one.demo)]
    last = await run_in_threadpool(lambda: _last_runs(desk.settings.runs))
    rows = [row for row in table(claims, last) if row.shown_by or not chosen]
    return page(
        request, "notes.html", rows=rows, demos=demos, chosen=chosen, counts=_counts(rows), signs=SIGNS, no_run=NOT_RUN
    )


def _last_runs(runs: Path) -> dict[tuple[str, str], dict[str, Any]]:
    """The newest verdict of each main variant, under the name of the folder that it lies in."""
    return {
        key: msgspec.to_builtins(record.result) | {"run": record.name}
        for key, record in newest_of(all_records(runs)).items()
        if key[1] == "main"
    }


def _counts(rows: list[Statement]) -> Counter[str]:
    """How many statements have which verdict; of several scenarios the worst word counts."""
    order = ["BROKEN", "UNKNOWN", NOT_RUN, "HOLDS"]
    words = ({word.verdict or NOT_RUN for word in row.shown_by} for row in rows)
    return Counter(min(said, key=order.index) for said in words if said)


ROUTES = [Route("/notes", show)]
