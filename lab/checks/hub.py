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
        says = (
            f"{len(accepted)} accepted notifications, {len(shown)} pages: "
            f"{len(missing)} not shown, {len(doubled)} shown twice."
        )
        if doubled:
            return Finding(name, Verdict.BROKEN, counts, witnesses, says)
        if not shown or history.note("settled") is None:
            return Finding(name, Verdict.UNKNOWN, counts, [], f"{says} Nobody waited until the last could have come.")
        if missing:
            return Finding(name, Verdict.BROKEN, counts, witnesses, says)
        if len(accepted) < at_least:
            says = f"Only {len(accepted)} notifications were accepted; at least {at_least} are needed for an answer."
            return Finding(name, Verdict.UNKNOWN, counts, [], says)
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
        says = f"{len(torn)} of {len(traces)} ways have a hop missing."
        if torn:
            witnesses = [f"{id}: {[who for who, _ in traces[id]]}" for id in torn[:MOST_WITNESSES]]
            return Finding(name, Verdict.BROKEN, counts, witnesses, says)
        if not traces:
            return Finding(name, Verdict.UNKNOWN, counts, [], "No page showed anything.")
        whole_ways = [way[-1][1] - way[0][1] for way in whole.values()]
        says = (
            f"All {len(traces)} passed {', '.join(hop.rstrip('.') for hop in hops)}: "
            f"{median(whole_ways):.2f} s from end to end as the median, {max(whole_ways):.2f} s at most."
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
