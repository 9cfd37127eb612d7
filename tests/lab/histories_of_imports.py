"""The three histories of each check of imports and exports; `histories.py` takes them in."""

from collections.abc import Mapping
from typing import Any

from lab import checks
from lab.history import History, Op
from lab.verdict import Check
from tests.lab.lines import history, line, variant

AS_ASKED: Mapping[str, Check] = {
    "strings_become_dates": checks.strings_become_dates(ways=["ISO"]),
    "columns_go_as_listed": checks.columns_go_as_listed(ways=["exported"]),
    "columns_have_the_listed_formats": checks.columns_have_the_listed_formats(ways=["csv"]),
    "what_was_confirmed_is_imported": checks.what_was_confirmed_is_imported(trips=1),
    "what_goes_out_comes_back": checks.what_goes_out_comes_back(ways=["csv"]),
    "no_exported_cell_is_a_formula": checks.no_exported_cell_is_a_formula(ways=["csv"]),
}
"""The factories as they were called for CASES."""


def imported(**other: Any) -> Op:
    """Three rows, the third of the file (counted with its header) bad, all or nothing; all is well."""
    value = {
        "case": "no such day", "mode": "all-or-nothing", "in_file": 3, "bad": [3], "whole": False, "status": 422,
        "refused": True, "reported": 0, "saved": 0, "named": [3], "admitted": [], "altered": [],
    }  # fmt: skip
    return line(1, "importer", "observe", "import", "no such day", value | other)


def clean() -> Op:
    return imported(bad=[], named=[], reported=3, saved=3, status=200, refused=False)


def trip(**other: Any) -> Op:
    value = {
        "uploaded_on": "a", "confirmed_on": "b", "in_file": 3, "offered": True, "status": 302, "saved_by_preview": 0,
        "saved": 3,
    }  # fmt: skip
    return line(1, "browser", "observe", "trip", "trip-1", value | other)


def case(op: str, predicted: str, seen: str, way: str) -> Op:
    return line(1, "importer", "observe", op, way, {"way": way, "predicted": predicted, "seen": seen})


def file(op: str, **value: Any) -> Op:
    return line(1, "reader", "observe", op, "file", {"way": "csv", **value})


_DIFFERENCE = {"code": "a", "field": "note", "meant": "=1+1", "seen": None}
_WHOLE = {"whole": True, "bad": [], "named": []}

CASES: Mapping[str, Mapping[str, History | str]] = {
    "reported_equals_saved": {
        "HOLDS": history(clean(), imported(), imported(mode="keep-good-rows", reported=2, saved=2)),
        "BROKEN": history(imported(reported=2)),
        "UNKNOWN": history(clean()),
    },
    "nothing_bad_is_saved": {
        "HOLDS": history(clean(), imported()),
        "BROKEN": history(clean(), imported(), imported(saved=3, admitted=["b"])),
        "UNKNOWN": history(clean()),
    },
    "each_bad_row_is_named": {
        "HOLDS": history(imported(), imported(**_WHOLE)),
        "BROKEN": history(imported(named=[2])),
        "UNKNOWN": history(clean()),
    },
    "imports_end_as_their_mode_says": {
        "HOLDS": history(clean(), imported(), imported(mode="keep-good-rows", saved=2), imported(**_WHOLE)),
        "BROKEN": history(imported(saved=2)),
        "UNKNOWN": history(clean()),
    },
    "strings_become_dates": {
        "HOLDS": history(case("date", "1990-12-31", "1990-12-31", "ISO")),
        "BROKEN": history(case("date", "1990-12-31", "refused", "ISO")),
        "UNKNOWN": history(case("date", "1990-12-31", "1990-12-31", "serial")),
    },
    "columns_go_as_listed": {
        "HOLDS": history(case("columns", "Code,Note", "Code,Note", "exported")),
        "BROKEN": history(case("columns", "Code,Note", "id,code,note", "exported")),
        "UNKNOWN": history(case("columns", "refused", "refused", "unknown")),
    },
    "columns_have_the_listed_formats": {
        "HOLDS": history(case("column", "31.12.1990", "31.12.1990", "csv")),
        "BROKEN": history(case("column", "31.12.1990", "1990-12-31", "csv")),
        "UNKNOWN": history(case("column", "1990-12-31", "1990-12-31", "json")),
    },
    "what_was_confirmed_is_imported": {
        "HOLDS": history(trip()),
        "BROKEN": history(trip(saved=0)),
        "UNKNOWN": history(trip(confirmed_on="a")),
    },
    "a_preview_saves_nothing": {
        "HOLDS": history(trip()),
        "BROKEN": history(trip(saved_by_preview=3)),
        "UNKNOWN": history(variant("main")),
    },
    "what_goes_out_comes_back": {
        "HOLDS": history(file("returned", differences=[])),
        "BROKEN": history(file("returned", differences=[_DIFFERENCE])),
        "UNKNOWN": history(file("exported", differences=[])),
    },
    "no_exported_cell_is_a_formula": {
        "HOLDS": history(file("exported", formulas=[])),
        "BROKEN": history(file("exported", formulas=["=1+1"])),
        "UNKNOWN": history(file("returned", formulas=[])),
    },
}
