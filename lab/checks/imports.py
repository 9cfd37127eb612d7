"""Checks of imports and exports: what was reported, what the database has, and what comes back.

Over `import`: one file given to an import. Its value: {"case", "mode", "in_file" rows, "bad": their numbers, "whole":
the file itself is bad, "reported" rows saved, "saved" rows in the database, "named": row numbers, "admitted": bad rows
that are in the database, "altered": good ones that are there otherwise than written}.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lab.checks.predictions import all_of, as_predicted, some_of
from lab.history import History, Op
from lab.verdict import MOST_WITNESSES, Check, Finding, Verdict, named
from lab.words import _, later

Value = Mapping[str, Any]


def reported_equals_saved(history: History) -> Finding:
    """Over `import`: the rows that an import says it has saved are as many as the database has more."""
    return _each_import(
        history,
        "reported_equals_saved",
        lambda value: value["reported"] != value["saved"],
        later("imports reported as many rows as the database has"),
        {
            "reported": sum(op.value["reported"] for op in history.of("import", "observe")),
            "saved": sum(op.value["saved"] for op in history.of("import", "observe")),
        },
    )


def nothing_bad_is_saved(history: History) -> Finding:
    """Over `import`: no bad row came in, and no good one changed on its way."""
    return _each_import(
        history,
        "nothing_bad_is_saved",
        lambda value: bool(value["admitted"] or value["altered"]),
        later("imports saved good rows only, as they were written"),
        {
            "admitted": sum(len(op.value["admitted"]) for op in history.of("import", "observe")),
            "altered": sum(len(op.value["altered"]) for op in history.of("import", "observe")),
        },
    )


def each_bad_row_is_named(history: History) -> Finding:
    """Over `import`: every bad row is among those that the answer names; a file that is bad as a whole is refused."""
    return _each_import(
        history,
        "each_bad_row_is_named",
        lambda value: not value["refused"] if value["whole"] else not set(value["bad"]) <= set(value["named"]),
        later("imports named each bad row"),
        {"bad": sum(len(op.value["bad"]) for op in history.of("import", "observe"))},
    )


def imports_end_as_their_mode_says(history: History) -> Finding:
    """Over `import`: with a bad row, all-or-nothing saves none and keep-good-rows the others; a bad file saves none."""

    def wrong(value: Value) -> bool:
        bad = len(value["bad"])
        nothing = value["whole"] or (bad and value["mode"] == "all-or-nothing")
        return bool(value["saved"] != (0 if nothing else value["in_file"] - bad))

    name = "imports_end_as_their_mode_says"
    return _each_import(history, name, wrong, later("imports saved what their mode says"), {})


def strings_become_dates(ways: Sequence[str]) -> Check:
    """Over `date`: which day the database has for a date as it was written. `ways`: of writing one."""
    return as_predicted("strings_become_dates", "date", ways, later("ways of writing a date became that day"))


def columns_go_as_listed(ways: Sequence[str]) -> Check:
    """Over `columns`: what became of a file with these columns. `ways`: what is the matter with them."""
    return as_predicted(
        "columns_go_as_listed", "columns", ways, later("sets of columns ended as the list of fields says")
    )


def columns_have_the_listed_formats(ways: Sequence[str]) -> Check:
    """Over `column`: how a value stands in an exported file. `ways`: the formats of files."""
    name, says = "columns_have_the_listed_formats", later("exported values stand as the resource says")
    return as_predicted(name, "column", ways, says)


def what_was_confirmed_is_imported(trips: int) -> Check:
    """Over `trip`: {"uploaded_on", "confirmed_on", "in_file", "saved", ...}: all rows are there. `trips`: how many."""

    @named("what_was_confirmed_is_imported")
    def check(history: History) -> Finding:
        found = history.of("trip", "observe")
        offered = [op for op in found if op.value["offered"]]
        crossed = [op for op in offered if op.value["uploaded_on"] != op.value["confirmed_on"]]
        wrong = [op for op in offered if op.value["saved"] != op.value["in_file"]]
        missing = sum(op.value["in_file"] - op.value["saved"] for op in offered)
        counts = {"trips": len(found), "elsewhere": len(crossed), "failed": len(wrong), "missing": missing}
        name = "what_was_confirmed_is_imported"
        if wrong:
            witnesses = [{"id": op.id} | op.value for op in wrong[:MOST_WITNESSES]]
            says = _("{failed} of {offered} confirmed imports were not done; {missing} rows are missing.")
            says = says.format(**counts, offered=len(offered))
            return Finding(name, Verdict.BROKEN, counts, witnesses, says)
        if len(offered) < trips or (history.variant != "control" and len(crossed) < trips):
            says = _("Only {offered} of {needed} imports could be confirmed, {elsewhere} at another instance.")
            says = says.format(**counts, offered=len(offered), needed=trips)
            return Finding(name, Verdict.UNKNOWN, counts, [], says)
        says = _("All of {offered} confirmed imports were done, {elsewhere} of them at another instance.")
        return Finding(name, Verdict.HOLDS, counts, [], says.format(**counts, offered=len(offered)))

    return check


def a_preview_saves_nothing(history: History) -> Finding:
    """Over `trip`: between upload and confirmation the database has none of the rows."""
    found = history.of("trip", "observe")
    wrong = [op for op in found if op.value["saved_by_preview"]]
    counts = {"previews": len(found), "saved": sum(op.value["saved_by_preview"] for op in found)}
    return _finding("a_preview_saves_nothing", wrong, found, counts, later("previews saved nothing"))


def what_goes_out_comes_back(ways: Sequence[str]) -> Check:
    """Over `returned`: {"way", "step", "rows", "differences": [...]}: what the database has after export and import.

    `ways`: the formats of files. UNKNOWN while one was not tried.
    """
    return _each_way(
        "what_goes_out_comes_back", "returned", "differences", ways, later("files came back as they went out")
    )


def no_exported_cell_is_a_formula(ways: Sequence[str]) -> Check:
    """Over `exported`: {"way", "cells", "formulas": [...]}: which cells a spreadsheet would compute."""
    return _each_way(
        "no_exported_cell_is_a_formula", "exported", "formulas", ways, later("exported files hold no formula")
    )


def _each_way(name: str, op: str, key: str, ways: Sequence[str], says: str) -> Check:
    @named(name)
    def check(history: History) -> Finding:
        found = history.of(op, "observe")
        wrong = [one for one in found if one.value[key]]
        counts = {"files": len(found), key: sum(len(one.value[key]) for one in found)}
        untried = [way for way in ways if way not in {one.value["way"] for one in found}]
        if untried and not wrong:
            said = _("Nothing was tried as {ways}.").format(ways=", ".join(untried))
            return Finding(name, Verdict.UNKNOWN, counts, [], said)
        return _finding(name, wrong, found, counts, says)

    return check


def _each_import(
    history: History, name: str, is_wrong: Callable[[Value], bool], says: str, counts: dict[str, int]
) -> Finding:
    found = history.of("import", "observe")
    bad = [op for op in found if op.value["bad"] or op.value["whole"]]
    counts = {"imports": len(found), "with bad rows": len(bad), **counts}
    wrong = [op for op in found if is_wrong(op.value)]
    if not wrong and not bad and history.variant != "control":
        return Finding(name, Verdict.UNKNOWN, counts, [], _("No file with a bad row in it was tried."))
    return _finding(name, wrong, found, counts, says)


def _finding(name: str, wrong: Sequence[Op], found: Sequence[Op], counts: dict[str, int], says: str) -> Finding:
    if wrong:
        witnesses = [{"id": op.id} | op.value for op in wrong[:MOST_WITNESSES]]
        return Finding(name, Verdict.BROKEN, counts, witnesses, some_of(found, wrong, says))
    if not found:
        return Finding(name, Verdict.UNKNOWN, counts, [], _("Nothing was tried."))
    return Finding(name, Verdict.HOLDS, counts, [], all_of(found, says))
