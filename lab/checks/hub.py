"""Checks of the whole hub: from a POST at one end to the pages at the other, through all systems between them.

`post` is a notification: invoke, then ok when it was accepted, fail when it certainly was not, else info; its id is the
history's, its value after ok holds "notification", the hub's own id. `page_open` ok says that a page was opened, `show`
ok is an event on its screen: its process is the page, its id the hub's, its value holds "seq" and "trace", a list of
"who@seconds" of one monotonic clock. `settled` notes that the script waited until nothing more could come.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise
from statistics import median
from typing import Any

from lab.history import History
from lab.verdict import MOST_WITNESSES, Check, Finding, Verdict, named
from lab.words import _


def each_notification_is_shown_once(at_least: int = 20) -> Check:
    """Every page showed every accepted notification exactly once, and none that was certainly not accepted."""

    @named("each_notification_is_shown_once")
    def check(history: History) -> Finding:
        name = "each_notification_is_shown_once"
        accepted = {line.value["notification"]: line.id for line in history.of("post", "ok")}
        shown = _shown(history)
        missing = [(page, id) for page, seen in shown.items() for id in accepted if not seen[id]]
        doubled = [(page, id) for page, seen in shown.items() for id, times in seen.items() if times > 1]
        counts = {
            "accepted": len(accepted), "pages": len(shown), "missing": len(missing), "doubled": len(doubled),
            "unknown": len(history.of("post", "info")),
        }  # fmt: skip
        witnesses = [f"{page}: {accepted.get(id, id)}" for page, id in [*missing, *doubled][:MOST_WITNESSES]]
        says = _("{accepted} accepted notifications, {pages} pages: {missing} not shown, {doubled} shown twice.")
        says = says.format(**counts)
        if doubled:
            return Finding(name, Verdict.BROKEN, counts, witnesses, says)
        if not shown or history.note("settled") is None:
            says = f"{says} {_('Nobody waited until the last could have come.')}"
            return Finding(name, Verdict.UNKNOWN, counts, [], says)
        if missing:
            return Finding(name, Verdict.BROKEN, counts, witnesses, says)
        if len(accepted) < at_least:
            says = _("Only {accepted} notifications were accepted; at least {at_least} are needed for an answer.")
            return Finding(name, Verdict.UNKNOWN, counts, [], says.format(**counts, at_least=at_least))
        return Finding(name, Verdict.HOLDS, counts, [], says)

    return check


def each_passes_every_hop(hops: Sequence[str]) -> Check:
    """The trace of every shown notification names these hops, in this order; says how long it took to each.

    hops: beginnings of their names, e.g. "celery_demo.", of which each must be there.
    """

    @named("each_passes_every_hop")
    def check(history: History) -> Finding:
        name = "each_passes_every_hop"
        ours = {line.value["notification"] for line in history.of("post", "ok")}
        shown = [line for line in history.of("show", "ok") if line.id in ours]
        traces = {line.id: [_hop(text) for text in line.value["trace"]] for line in shown}
        whole = {id: found for id, trace in traces.items() if (found := _along(trace, hops))}
        torn = [id for id in traces if id not in whole]
        counts: dict[str, Any] = {"shown": len(traces), "torn": len(torn)}
        counts |= _medians(whole.values())
        if torn:
            says = _("{torn} of {shown} ways have a hop missing.").format(**counts)
            witnesses = [f"{id}: {[who for who, t in traces[id]]}" for id in torn[:MOST_WITNESSES]]
            return Finding(name, Verdict.BROKEN, counts, witnesses, says)
        if not traces:
            return Finding(name, Verdict.UNKNOWN, counts, [], _("No page showed anything."))
        whole_ways = [way[-1][1] - way[0][1] for way in whole.values()]
        says = _(
            "All {shown} passed {hops}: {median:.2f} s from end to end as the median, {most:.2f} s at most."
        ).format(
            shown=len(traces),
            hops=", ".join(hop.rstrip(".") for hop in hops),
            median=median(whole_ways),
            most=max(whole_ways),
        )
        return Finding(name, Verdict.HOLDS, counts, [], says)

    return check


def _shown(history: History) -> dict[str, Counter[str | None]]:
    """How often each page showed each id; a page that was opened and showed nothing counts too."""
    found: defaultdict[str, Counter[str | None]] = defaultdict(Counter)
    for line in history.of("page_open", "ok"):
        found[line.process]
    for line in history.of("show", "ok"):
        found[line.process][line.id] += 1
    return found


def _hop(text: str) -> tuple[str, float]:
    who, _, at = text.rpartition("@")
    return who, float(at)


def _along(trace: Sequence[tuple[str, float]], hops: Sequence[str]) -> list[tuple[str, float]]:
    """The trace's entry for each hop, in their order; empty when one is missing."""
    found, rest = [], iter(trace)
    for hop in hops:
        entry = next((one for one in rest if one[0].startswith(hop)), None)
        if entry is None:
            return []
        found.append((hop.rstrip("."), entry[1]))
    return found


def _medians(ways: Iterable[Sequence[tuple[str, float]]]) -> dict[str, float]:
    """Seconds from each hop to the next, the median of all ways."""
    took: defaultdict[str, list[float]] = defaultdict(list)
    for way in ways:
        for (one, left), (other, came) in pairwise(way):
            took[f"{one} > {other}"].append(came - left)
    return {hop: round(median(seconds), 4) for hop, seconds in took.items()}
