"""Export contacts, import the file again, change some cells of it as a person would, and import that: what comes back?

    contacts --export--> csv / xlsx / JSON --import--> contacts: nothing may have changed
                              | a date, a balance, a note are edited
                              +-----------import--> contacts: these three have, and nothing else

Dates go out as 31.12.1990 (in xlsx as dates of the spreadsheet, in JSON as 1990-12-31) and come back as dates; money
keeps its cents; a name keeps its letters. And a note that begins with = + - @ must not become a formula: who opens the
file would run what a stranger typed into a form. In csv such a text goes out with an apostrophe before it, and comes
back without; in xlsx its cell is marked as text.

`--breaks` exports and imports with import-export's defaults: formulas go out as formulas, in xlsx a note comes back
empty or worse. In the control run the contacts are plain ones, and nobody edits anything.
"""

from collections.abc import Sequence
from typing import Any

from lab.checks import columns_have_the_listed_formats, no_exported_cell_is_a_formula, what_goes_out_comes_back
from lab.scenario import Prediction, count_in, scenario
from lab.script import Lab
from lab.verdict import Finding
from rest_demo.scenarios.import_cases import Resource
from rest_demo.scenarios.import_sheets import KINDS, Sheet, opened
from rest_demo.scenarios.import_world import COLUMNS, FIELDS, Contact, World

PLAIN = [("Anna", "a note", "1990-12-31", "12.50"), ("Boris", "", None, "0.00")]
TRICKY = [
    *PLAIN,
    ("=1+1", '=HYPERLINK("http://evil.example")', "2000-02-29", "-0.01"),
    ("@SUM(A1)", "+7 as text, 'quoted', \"twice\"; and, so on", "1900-01-01", "99999999.99"),
    ("-3 degrees", "'=looks escaped", "2024-02-29", "-99999999.99"),
    ("'Apostrophe", "''two", "1969-12-31", "0.10"),
    ("Ünïcödé Привет 🎉 李", "1234", "1999-09-09", "1000.00"),
    ("007", "1e5", "1970-01-01", "1234.56"),
]
"""Name, note, birth date, balance."""
EDITED = {"birth_date": "1991-01-02", "balance": "77.70", "note": "=edited ünïcödé 🎈"}
FORMATS = {
    "csv": {"Birth date": "31.12.1990", "Active": "true", "Visits": "3", "Balance": "12.50", "Phone": "'+79161234567"},
    "xlsx": {"Birth date": "DD.MM.YYYY 1990-12-31", "Active": "True", "Visits": "3", "Balance": "12.5",
             "Phone": "+79161234567"},
    "json": {"Birth date": "1990-12-31", "Active": "True", "Visits": "3", "Balance": "12.50", "Phone": "+79161234567"},
}  # fmt: skip
"""How the first contact's values stand in each file."""
same = what_goes_out_comes_back(ways=KINDS)
harmless = no_exported_cell_is_a_formula(ways=KINDS)
formats = columns_have_the_listed_formats(ways=KINDS)


@scenario(
    "rest-import-round-trip",
    claim="What is exported and imported again is what it was, but for what was edited; and no cell is a formula.",
    question="A contact's note reads =1+1. It is exported as a spreadsheet and imported again. The note ...",
    predictions=[
        Prediction("same", "... reads =1+1, and never was a formula.", lambda f: _changed(f) == 0),
        Prediction("changed", "... was a formula in the file, and has changed.", lambda f: _changed(f) > 0),
    ],
    nodes=["postgres", "redis"],
    seconds=15,
    checks=[same, harmless, formats],
    breaks_with={"resource": "default"},
    breaks=[same, harmless],
    notes={"N6": same, "N7": formats},
)
def import_round_trip(lab: Lab, resource: Resource = "strict") -> None:
    world = lab.uses(World(lab, importer={"import_resource": resource}))
    world.insert(
        [_contact(world, number, *row) for number, row in enumerate(PLAIN if lab.variant == "control" else TRICKY)]
    )
    names = dict(zip(FIELDS, COLUMNS if resource == "strict" else FIELDS, strict=True))

    for kind in KINDS:
        lab.note("phase", f"out and back as {kind}")
        before = world.contacts()
        content = world.export("importer", kind)
        sheet = opened(kind, content)
        formulas = sheet.formulas()
        lab.record("reader", "observe", "exported", kind, {"way": kind, "cells": sheet.cells, "formulas": formulas})
        _record_formats(lab, sheet, kind, names)
        _import(lab, world, kind, "as it went out", content, before)
        if lab.variant != "control":
            last = max(before)
            sheet.edit(names["code"], last, {names[name]: value for name, value in EDITED.items()})
            _import(lab, world, kind, "edited", sheet.content(), before | {last: before[last] | EDITED})
            world.restore(before[last])


def _contact(world: World, number: int, name: str, note: str, born: str | None, balance: str) -> Contact:
    return {
        "code": f"{world.prefix}{number}", "full_name": name, "email": "anna@example.com", "phone": "+79161234567",
        "region": "north", "birth_date": born, "active": number % 2 == 0, "visits": 3, "balance": balance, "note": note,
    }  # fmt: skip


def _import(lab: Lab, world: World, kind: str, step: str, content: bytes, meant: dict[str, Contact]) -> None:
    answer = world.upload("importer", kind, content)
    seen = world.contacts()
    differences = [
        {"code": code, "field": name, "meant": meant[code][name], "seen": seen.get(code, {}).get(name)}
        for code in meant
        for name in FIELDS
        if meant[code][name] != seen.get(code, {}).get(name)
    ]
    value = {"way": kind, "step": step, "rows": len(meant), "status": answer.status_code, "differences": differences}
    lab.record("database", "observe", "returned", f"{kind}, {step}", value)
    for contact in (meant if step == "as it went out" else {}).values():
        if contact != seen.get(contact["code"]):
            world.restore(contact)


def _record_formats(lab: Lab, sheet: Sheet, kind: str, names: dict[str, str]) -> None:
    found = sheet.rows()[0]
    columns = dict(zip(COLUMNS, names.values(), strict=True))
    for column, predicted in FORMATS[kind].items():
        value = {"way": kind, "predicted": predicted, "seen": found.get(columns[column])}
        lab.record("reader", "observe", "column", f"{kind}, {column}", value)


def _changed(findings: Sequence[Finding]) -> Any:
    return count_in(findings, "what_goes_out_comes_back", "differences") + count_in(
        findings, "no_exported_cell_is_a_formula", "formulas"
    )
