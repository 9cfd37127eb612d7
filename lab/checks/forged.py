"""Checks of forged requests: what a page of another site made a browser send in its user's name.

`judged` is an `observe` line of a grid (see `predictions.py`): what was answered, with which reason, and how many rows
the database holds of it. `attack` says of an attack how many "rows" it made.
"""

from collections.abc import Sequence

from lab.checks.predictions import as_predicted
from lab.history import History
from lab.verdict import MOST_WITNESSES, Check, Finding, Verdict
from lab.words import _, later


def requests_are_judged_as_predicted(ways: Sequence[str]) -> Check:
    """Over `judged`: status, reason and rows of a request are those of the table. `ways`: the parts of the table."""
    return as_predicted("requests_are_judged_as_predicted", "judged", ways, later("requests ended as the table says"))


def attacks_change_nothing(history: History) -> Finding:
    """Over `attack`: HOLDS when no row was made. A control run has no attack, and nothing to change."""
    name = "attacks_change_nothing"
    tried = history.of("attack", "observe")
    done = [line for line in tried if line.value["rows"] > 0]
    counts = {"attacks": len(tried), "succeeded": len(done)}
    if done:
        says = _("{succeeded} of {attacks} attacks changed something; the first: {first}.")
        says = says.format(**counts, first=done[0].id)
        return Finding(name, Verdict.BROKEN, counts, [{"id": i.id} | i.value for i in done[:MOST_WITNESSES]], says)
    if history.variant == "control":
        return Finding(name, Verdict.HOLDS, counts, [], _("Nobody attacked, as a control run wants it."))
    if not tried:
        return Finding(name, Verdict.UNKNOWN, counts, [], _("No attack was tried."))
    says = _("None of {attacks} attacks changed anything.").format(**counts)
    return Finding(name, Verdict.HOLDS, counts, [], says)
