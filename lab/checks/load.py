"""Checks of a service under load: how much it bears, and what happens past that.

`measured` is an observation of some seconds under a fixed number of clients: {"of", "instances", "clients", "seconds",
"answered", "failed", "per_second", "p50", "p95"}. `burst` is one of clients who all came at once: {"clients", "slots"
(requests that are served at once), "hold" (seconds each takes), "patience" (seconds after which the balancer gives up),
"answered", "failed", "longest"}. Times are seconds. The limits of a measure are wide: the machine has other work too.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from lab.history import History
from lab.verdict import Check, Finding, Verdict, named
from lab.words import _

LEAST_ANSWERED, MOST_ANSWERED = 0.5, 1.15
"""How many of those that a burst should see answered are, at least and at most."""


def throughput_grows_with_instances(of: str, at_least: float = 0.7, bound_by: str = "") -> Check:
    """So many times the instances bear that part of so many times the load, or more. `bound_by`: what each brings
    along, for the sentence. With the same number throughout (a control run) they bear the same."""

    @named("throughput_grows_with_instances")
    def check(history: History) -> Finding:
        name, few, many, counts = "throughput_grows_with_instances", *_ends(history, of)
        if few is None or many is None:
            return Finding(name, Verdict.UNKNOWN, counts, [], _("Nothing was measured of {of}.").format(of=_(of)))
        wanted = at_least * many["instances"] / few["instances"]
        times = _times(few, many)
        counts |= {"times": times, "wanted": round(wanted, 2)}
        claim = _("at least {least:.2f} times is claimed").format(least=wanted)
        says = _told(few, many, times, claim, bound_by)
        verdict = Verdict.HOLDS if times >= wanted else Verdict.BROKEN
        return Finding(name, verdict, counts, [] if verdict is Verdict.HOLDS else [few, many], says)

    return check


def throughput_does_not_grow(of: str, at_most: float = 1.5, bound_by: str = "") -> Check:
    """More instances bear at most so many times what the fewest bear. `bound_by`: what they share."""

    @named("throughput_does_not_grow")
    def check(history: History) -> Finding:
        name, few, many, counts = "throughput_does_not_grow", *_ends(history, of)
        if few is None or many is None:
            return Finding(name, Verdict.UNKNOWN, counts, [], _("Nothing was measured of {of}.").format(of=_(of)))
        times = _times(few, many)
        counts |= {"times": times, "at_most": at_most}
        claim = _("at most {most:g} times is claimed").format(most=at_most)
        says = _told(few, many, times, claim, bound_by)
        verdict = Verdict.HOLDS if times <= at_most else Verdict.BROKEN
        return Finding(name, verdict, counts, [] if verdict is Verdict.HOLDS else [few, many], says)

    return check


def load_past_capacity_waits_and_then_fails(history: History) -> Finding:
    """Of clients who come at once those are answered whose turn comes in time; the others fail, and nobody else."""
    name = "load_past_capacity_waits_and_then_fails"
    bursts = history.of("burst", "observe")
    if not bursts:
        return Finding(name, Verdict.UNKNOWN, {"bursts": 0}, [], _("No burst of clients was tried."))
    value = bursts[-1].value
    expected = min(value["clients"], round(value["slots"] * value["patience"] / value["hold"]))
    counts = {key: value[key] for key in ("clients", "slots", "answered", "failed", "longest")}
    counts |= {"expected": expected}
    says = _(
        "Of {clients} clients at once {answered} were answered, after up to {longest:.1f} s, and {failed} were told to "
        "go; {slots} slots serve {expected} in {patience:g} s."
    ).format(**counts, patience=value["patience"])
    all_fit = expected == value["clients"]
    right = LEAST_ANSWERED * expected <= value["answered"] <= MOST_ANSWERED * expected
    right = right and value["answered"] + value["failed"] == value["clients"]
    right = right and (value["failed"] == 0) == all_fit
    return Finding(name, Verdict.HOLDS if right else Verdict.BROKEN, counts, [] if right else [value], says)


Measure = Mapping[str, Any]


def _ends(history: History, of: str) -> tuple[Measure | None, Measure | None, dict[str, int | float | str | None]]:
    """The measures with the fewest and the most instances, and all of them as counts."""
    found: Sequence[Measure] = [line.value for line in history.of("measured", "observe") if line.value["of"] == of]
    counts: dict[str, int | float | str | None] = {
        f"{number}. with {one['instances']}": one["per_second"] for number, one in enumerate(found, 1)
    }
    if len(found) < 2 or not all(one["answered"] for one in found):
        return None, None, counts
    ordered = sorted(found, key=lambda one: int(one["instances"]))
    return ordered[0], ordered[-1], counts


def _times(few: Measure, many: Measure) -> float:
    return round(float(many["per_second"]) / float(few["per_second"]), 2)


def _told(few: Measure, many: Measure, times: float, claim: str, bound_by: str) -> str:
    """`claim`: how many times as many are claimed, in words."""
    says = _(
        "{of}: {slow:.1f} a second with {few}, {fast:.1f} with {many} instances, {times:.2f} times as many; {claim}."
    )
    if bound_by:
        says = _(
            "{of}: {slow:.1f} a second with {few}, {fast:.1f} with {many} instances, {times:.2f} times as many; "
            "{claim}, because {why}."
        )
    return says.format(
        of=_(few["of"]),
        slow=few["per_second"],
        few=few["instances"],
        fast=many["per_second"],
        many=many["instances"],
        times=times,
        claim=claim,
        why=bound_by and _(bound_by),
    )
