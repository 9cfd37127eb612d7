"""Checks of a service that changes under its clients, and of where its rule stands.

The end of a request says in its value "version" (of the rule that gave the answer) and "breach" (what is wrong with the
answer by the schema that the clients were written for, or null). `release` notes the beginning and the end of a change:
{"version", "step": "began" | "done"}. `job` is an observation of one client's work: {"way": "thin" | "thick",
"decisions", "requests", "bytes", "p95" (seconds a decision)}; `decided` one of what both decided: {"what", "thin",
"thick"}.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from math import inf
from typing import Any

from lab.history import History, Op
from lab.verdict import MOST_WITNESSES, Check, Finding, Verdict, named
from lab.words import _, later


def answers_keep_the_contract(ops: Sequence[str], at_least: int = 100) -> Check:
    """Every good answer is as the schema says that the clients were written for, whichever version gave it."""

    @named("answers_keep_the_contract")
    def check(history: History) -> Finding:
        name = "answers_keep_the_contract"
        answers = [line for op in ops for line in history.of(op, "ok")]
        wrong = [line for line in answers if line.value["breach"]]
        counts = {"answers": len(answers), "breaches": len(wrong), **_versions(answers)}
        says = _("{breaches} of {answers} answers break the contract.").format(**counts)
        if wrong:
            first = _("The first: {id}, {error}.").format(id=wrong[0].id, error=wrong[0].value["breach"])
            witnesses = [{"id": line.id, **line.value} for line in wrong[:MOST_WITNESSES]]
            return Finding(name, Verdict.BROKEN, counts, witnesses, f"{says} {first}")
        if len(answers) < max(at_least, 1):
            says = _("Only {answers} answers came; at least {at_least} are needed for an answer.")
            return Finding(name, Verdict.UNKNOWN, counts, [], says.format(**counts, at_least=at_least))
        return Finding(name, Verdict.HOLDS, counts, [], says)

    return check


def a_release_reaches_every_answer(op: str = "get") -> Check:
    """Once a release is done every answer comes from its version; while it goes on, from either. Says how long both
    were answered. In a control run, without a release: one version answers."""

    @named("a_release_reaches_every_answer")
    def check(history: History) -> Finding:
        name = "a_release_reaches_every_answer"
        asked = {line.id: line.t for line in history.of(op, "invoke")}
        answers = [(asked[line.id], line) for line in history.of(op, "ok") if line.id in asked]
        releases = history.of("release", "note")
        counts: dict[str, int | float | str | None] = {"answers": len(answers)}
        counts |= _versions([line for t, line in answers])
        if not releases and history.variant == "control" and answers:
            verdict = Verdict.HOLDS if len(_versions([line for t, line in answers])) == 1 else Verdict.UNKNOWN
            return Finding(name, verdict, counts, [], _("Nothing was released, and one version answered."))
        done = [line for line in releases if line.value["step"] == "done"]
        began = [line.t for line in releases if line.value["step"] == "began"]
        if not done or not answers:
            return Finding(name, Verdict.UNKNOWN, counts, [], _("No release was brought to its end under load."))
        wrong, after, mixed = [], 0, 0.0
        for line in done:
            version, until = line.value["version"], min((t for t in began if t > line.t), default=inf)
            told = [answer for t, answer in answers if t > line.t and answer.t < until]
            after += len(told)
            wrong += [answer for answer in told if answer.value["version"] != version]
            mixed += _mixed(answers, max((t for t in began if t < line.t), default=0.0), until, version)
        counts |= {"after": after, "of_another_version": len(wrong), "mixed_seconds": round(mixed, 3)}
        says = _(
            "{of_another_version} of {after} answers after the end of a release came from another version; "
            "both versions answered for {seconds:.1f} s."
        ).format(**counts, seconds=mixed)
        if wrong:
            witnesses = [{"id": answer.id, **answer.value} for answer in wrong[:MOST_WITNESSES]]
            return Finding(name, Verdict.BROKEN, counts, witnesses, says)
        return Finding(name, Verdict.HOLDS if after else Verdict.UNKNOWN, counts, [], says)

    return check


def the_cut_decides_the_load(few: int, many: int) -> Check:
    """For `few` decisions the thin client costs the server less, for `many` the thick one: in requests and in bytes."""

    @named("the_cut_decides_the_load")
    def check(history: History) -> Finding:
        name = "the_cut_decides_the_load"
        jobs = {(line.value["way"], line.value["decisions"]): line.value for line in history.of("job", "observe")}
        counts = {
            f"{way} {decisions}: {what}": job[what]
            for (way, decisions), job in sorted(jobs.items())
            for what in ("requests", "bytes", "p95")
        }
        pairs = [(jobs.get(("thin", number)), jobs.get(("thick", number))) for number in (few, many)]
        if any(job is None for pair in pairs for job in pair):
            return Finding(name, Verdict.UNKNOWN, counts, [], _("Not every job was done in both ways."))
        wrong = [
            {"what": what, "cheaper": cheaper, "jobs": [thin, thick]}
            for (thin, thick), cheaper in zip(pairs, (later("thin"), later("thick")), strict=True)
            for what in (later("requests"), later("bytes"))
            if not _is_cheaper(cheaper, thin or {}, thick or {}, what)
        ]
        told = "; ".join(_price(thin or {}, thick or {}) for thin, thick in pairs)
        if wrong:
            says = _("Not as claimed in {what}: {cheaper} should cost less.")
            says = says.format(what=_(str(wrong[0]["what"])), cheaper=_(str(wrong[0]["cheaper"])))
            return Finding(name, Verdict.BROKEN, counts, wrong[:MOST_WITNESSES], f"{says} {told}.")
        return Finding(name, Verdict.HOLDS, counts, [], f"{told}.")

    return check


def both_ways_decide_the_same(history: History) -> Finding:
    """The rule on the client gives what the rule on the server gives."""
    name = "both_ways_decide_the_same"
    decided = [line.value for line in history.of("decided", "observe")]
    wrong = [one for one in decided if one["thin"] != one["thick"]]
    counts = {"decisions": len(decided), "different": len(wrong)}
    says = _("{different} of {decisions} decisions are different.").format(**counts)
    if wrong:
        return Finding(name, Verdict.BROKEN, counts, wrong[:MOST_WITNESSES], says)
    return Finding(name, Verdict.HOLDS if decided else Verdict.UNKNOWN, counts, [], says)


def _versions(answers: Sequence[Op]) -> dict[str, int]:
    found = Counter(line.value["version"] for line in answers)
    return {f"version {version}": found[version] for version in sorted(found, key=str)}


def _mixed(answers: Sequence[tuple[float, Op]], began: float, until: float, version: Any) -> float:
    """Seconds from a release's first answer to the last one of another version, until the next release began."""
    seen = [line for t, line in answers if began <= line.t < until]
    new = min((line.t for line in seen if line.value["version"] == version), default=inf)
    old = max((line.t for line in seen if line.value["version"] != version), default=-inf)
    return max(0.0, old - new)


def _is_cheaper(cheaper: str, thin: Mapping[str, Any], thick: Mapping[str, Any], what: str) -> bool:
    return bool(thin[what] < thick[what] if cheaper == "thin" else thick[what] < thin[what])


def _price(thin: Mapping[str, Any], thick: Mapping[str, Any]) -> str:
    return _(
        "{decisions} decisions: thin {thin[requests]} requests and {thin[bytes]} bytes, "
        "thick {thick[requests]} and {thick[bytes]}"
    ).format(decisions=thin["decisions"], thin=thin, thick=thick)
