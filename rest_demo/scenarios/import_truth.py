"""Import files with one bad row in three, and count afterwards: is what was reported what was saved?

    csv --POST /api/contacts/import/?mode=...--> an instance of this run --> contacts
     |                  "2 created, row 3 refused"                              |
     +------ which rows are bad, said by us -------- compared ------------------+

import-export knows two kinds of errors, with opposite ends. A date that is none is a ValueError: the row is left out,
the others are saved. A number that is none is any other exception: everything is rolled back, and `totals` still says
that two rows are new, since totals count what was meant. And much is no error at all: "yes" becomes False, 3.7 becomes
3, a misspelt column leaves its field empty, an e-mail without an @ is saved. That is `--breaks`: the resource as one
gets it with `model = Contact` and nothing else.

ContactResource says no instead of guessing: widgets that refuse, the model's own validators, a header that must fit,
codes that stand once. Rows are counted by the statement that wrote them. In the control run no file has a bad row.
"""

from typing import Any

import httpx

from lab.checks import (
    columns_go_as_listed,
    each_bad_row_is_named,
    imports_end_as_their_mode_says,
    nothing_bad_is_saved,
    reported_equals_saved,
    strings_become_dates,
)
from lab.scenario import Prediction, count_in, scenario
from lab.script import Lab
from rest_demo.scenarios.import_cases import CLEAN, SPOILT, Case, Resource, Row, as_csv, rows
from rest_demo.scenarios.import_world import COLUMNS, World

DATES = {"with points": "31.12.1990", "ISO": "1990-12-31", "serial number": "33238"}
dates = strings_become_dates(ways=list(DATES))
columns = columns_go_as_listed(
    ways=["exported", "the database's id", "a required one missing", "an optional one missing"]
)


@scenario(
    "rest-import-truth",
    claim="An import saves the rows that it says it saved, refuses every bad one by name, and changes none on the way.",
    question="A csv has three rows, and in the second one's balance stands a word. Good rows shall be kept. It ...",
    predictions=[
        Prediction("two", "... reports two rows, and has saved two.", lambda f: _overstated(f) == 0),
        Prediction("none", "... reports two rows, and has saved none.", lambda f: _overstated(f) > 0),
    ],
    nodes=["postgres", "redis"],
    seconds=20,
    checks=[
        reported_equals_saved,
        nothing_bad_is_saved,
        each_bad_row_is_named,
        imports_end_as_their_mode_says,
        dates,
        columns,
    ],
    breaks_with={"resource": "default"},
    breaks=[reported_equals_saved, nothing_bad_is_saved, each_bad_row_is_named],
    notes={"N8": dates, "N9": each_bad_row_is_named, "N10": columns},
)
def import_truth(lab: Lab, resource: Resource = "strict") -> None:
    world = lab.uses(World(lab, importer={"import_resource": resource}))

    lab.note("phase", "files with one bad row")
    for number, case in enumerate(CLEAN if lab.variant == "control" else CLEAN + SPOILT):
        for mode in ("all-or-nothing", "keep-good-rows"):
            _import(lab, world, case, mode, f"{number}{mode[0]}-", resource)

    lab.note("phase", "three ways to write a date")
    for way, text in DATES.items():
        batch = f"date-{way.split()[0].lower()}-"
        row = rows(CLEAN[0], world.prefix + batch)[0] | {"birth_date": text}
        world.upload("importer", "csv", as_csv([row], resource))
        saved = world.contacts(batch)
        seen = saved[row["code"]]["birth_date"] if saved else "refused"
        lab.record(
            "database", "observe", "date", way, {"way": way, "written": text, "predicted": "1990-12-31", "seen": seen}
        )

    lab.note("phase", "columns")
    _columns(lab, world, resource)


def _import(lab: Lab, world: World, case: Case, mode: str, batch: str, resource: Resource) -> None:
    written = rows(case, world.prefix + batch)
    answer = world.upload("importer", "csv", as_csv(written, resource, case.rename), mode=mode)
    told, saved = _report(answer), world.contacts(batch)
    good = [row for number, row in enumerate(written, 2) if number not in case.bad and not case.whole]
    names = {row["full_name"] for row in good}
    value = {
        "case": case.name, "mode": mode, "in_file": len(written), "bad": case.bad, "whole": case.whole,
        "status": answer.status_code, "refused": answer.status_code >= 400,
        "reported": told.get("created", 0), "saved": len(saved),
        "named": sorted({refusal["row"] for refusal in told.get("refusals", [])}),
        "admitted": sorted(code for code, one in saved.items() if one["full_name"] not in names),
        "altered": [found for row in good if (found := _altered(row, saved.get(row["code"])))],
    }  # fmt: skip
    lab.record("importer", "observe", "import", f"{case.name}, {mode}", value)


def _report(answer: httpx.Response) -> dict[str, Any]:
    """The report, also of an answer that says that rows were refused; empty where the file was, or nothing was said."""
    try:
        told = answer.json()
    except ValueError:
        return {}
    found: dict[str, Any] = told.get("report", told)
    return found


def _altered(row: Row, saved: dict[str, Any] | None) -> dict[str, Any] | None:
    if saved is None:
        return None
    meant = {**row, "active": row["active"] == "true", "visits": int(row["visits"])}
    changed = {name: [meant[name], saved[name]] for name in meant if meant[name] != saved[name]}
    return {"code": row["code"], **changed} if changed else None


def _columns(lab: Lab, world: World, resource: Resource) -> None:
    """The list of fields in Meta: what it lets out, and what in."""
    row = rows(CLEAN[0], f"{world.prefix}columns-")[0]
    world.upload("importer", "csv", as_csv([row], resource))
    header = world.export("importer", "csv").decode("utf-8-sig").splitlines()[0]
    _judged(lab, "exported", ",".join(COLUMNS), header)

    answers = {
        "the database's id": as_csv([row], resource, rename={"note": "id"}),
        "a required one missing": as_csv([row | {"code": row["code"] + "x"}], resource, without=["region"]),
    }
    for way, content in answers.items():
        refused = world.upload("importer", "csv", content).status_code >= 400
        _judged(lab, way, "refused", "refused" if refused else "taken")
    world.upload("importer", "csv", as_csv([row | {"full_name": "Other"}], resource, without=["note"]))
    seen = world.contacts("columns-").get(row["code"], {})
    _judged(lab, "an optional one missing", "Other, row 0", f"{seen.get('full_name')}, {seen.get('note')}")


def _judged(lab: Lab, way: str, predicted: str, seen: str) -> None:
    lab.record("importer", "observe", "columns", way, {"way": way, "predicted": predicted, "seen": seen})


def _overstated(findings: Any) -> float:
    return count_in(findings, "reported_equals_saved", "reported") - count_in(
        findings, "reported_equals_saved", "saved"
    )
