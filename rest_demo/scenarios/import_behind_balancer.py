"""Upload a file at one instance, confirm it at another, as a balancer would have it. Is what was confirmed imported?

    browser --upload--> instance A: preview, "nothing is saved yet"
            --confirm-> instance B: where is the file?

An import in the admin is two requests, and between them the upload waits somewhere. In the cache that all instances
share, any of them finds it. On the disk of the one that took it, only that one does: import-export keeps it there by
default, and a browser behind a balancer confirms in vain about as often as it is sent elsewhere. That is `--breaks`.

The session and its CSRF token are no trouble: they are in the database and in the browser, and the instances have one
secret. In the control run both requests reach the same instance, which works either way: so nobody notices at home.
"""

import csv
import io
import json
from typing import Literal

from lab.checks import a_preview_saves_nothing, what_was_confirmed_is_imported
from lab.scenario import Prediction, count_in, scenario
from lab.script import Lab
from rest_demo.scenarios.import_world import COLUMNS, World

TRIPS = [("a", "b", "csv"), ("b", "a", "csv"), ("a", "b", "json"), ("b", "a", "csv")]
"""Where it is uploaded, where it is confirmed, and as what."""
ROWS = 3
imported = what_was_confirmed_is_imported(trips=len(TRIPS))


@scenario(
    "rest-import-behind-balancer",
    claim="An import that one instance has previewed can be confirmed at any other.",
    question="A file is uploaded at one instance, confirmed at another, and waits in the shared cache. The import ...",
    predictions=[
        Prediction(
            "done",
            "... is done, wherever it is confirmed.",
            lambda f: count_in(f, "what_was_confirmed_is_imported", "missing") == 0,
        ),
        Prediction(
            "lost",
            "... fails: the file is not there.",
            lambda f: count_in(f, "what_was_confirmed_is_imported", "missing") > 0,
        ),
    ],
    nodes=["postgres", "redis"],
    seconds=20,
    checks=[imported, a_preview_saves_nothing],
    breaks_with={"import_storage": "folder"},
    breaks=[imported],
)
def import_behind_balancer(lab: Lab, import_storage: Literal["cache", "folder"] = "cache") -> None:
    options = {"import_storage": import_storage}
    world = lab.uses(World(lab, a=options, b=options))
    world.log_in("a")

    for number, (first, second, kind) in enumerate(TRIPS, 1):
        lab.note("phase", f"trip {number}: a {kind} file")
        second = first if lab.variant == "control" else second
        batch = f"{number}-"
        fields = world.preview(first, kind, _file(f"{world.prefix}{batch}", kind))
        previewed = len(world.contacts(batch))
        trip = {"uploaded_on": first, "confirmed_on": second, "in_file": ROWS, "offered": bool(fields)}
        status = world.confirm(second, fields).status_code if fields else None
        trip |= {"status": status, "saved_by_preview": previewed, "saved": len(world.contacts(batch))}
        lab.record("browser", "observe", "trip", f"trip-{number}", trip)


def _file(prefix: str, kind: str) -> bytes:
    rows = [
        [
            f"{prefix}{n}",
            f"Anna {n}",
            f"anna{n}@example.com",
            "+79161234567",
            "north",
            "31.12.1990",
            "true",
            "3",
            "9.50",
            "",
        ]
        for n in range(ROWS)
    ]
    if kind == "json":
        return json.dumps([dict(zip(COLUMNS, row, strict=True)) for row in rows]).encode()
    file = io.StringIO()
    csv.writer(file).writerows([COLUMNS, *rows])
    return file.getvalue().encode()
