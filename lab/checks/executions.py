"""Checks of tasks that workers execute: how often, when, and where. The ledger that they are read from is no broker.

`send` invoke says in its value "group" and "countdown" (seconds, 0 for none) and "at"; `execution` is one row of the
ledger: ok when it ended, info when it was started and never ended; its value holds "started", "ended", "queue" and
"result", its process is the worker. All times are seconds of one clock. `predicted` notes how often the tasks of each
group are started and finished. `settled` notes that the script waited for more, and how many messages still "wait".
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from lab.history import History, Op
from lab.verdict import MOST_WITNESSES, Check, Finding, Verdict, named
from lab.words import _

EARLY = 0.01
"""Seconds that a task may seem early: the broker counts whole milliseconds, and from when it heard of the task."""


def each_task_runs_once(groups: Sequence[str] = ()) -> Check:
    """Every task of these groups (of all, if empty) was started once and finished."""

    @named("each_task_runs_once")
    def check(history: History) -> Finding:
        name, runs = "each_task_runs_once", _runs(history)
        sent = [line.id for line in _sent(history, groups)]
        doubled = [id for id in sent if len(runs[id]) > 1]
        missing = [id for id in sent if not any(_ended(line) for line in runs[id])]
        counts = {
            "sent": len(sent), "executions": sum(len(runs[id]) for id in sent), "doubled": len(doubled),
            "missing": len(missing),
        }  # fmt: skip
        witnesses = [_story(id, runs[id]) for id in [*doubled, *missing][:MOST_WITNESSES]]
        says = _("{executions} executions of {sent} tasks: {doubled} doubled, {missing} missing.").format(**counts)
        if doubled:
            first = _("{id} ran {times} times.").format(id=doubled[0], times=len(runs[doubled[0]]))
            return Finding(name, Verdict.BROKEN, counts, witnesses, f"{says} {first}")
        if why := _not_settled(history, sent):
            return Finding(name, Verdict.UNKNOWN, counts, witnesses, f"{says} {why}")
        return Finding(name, Verdict.BROKEN if missing else Verdict.HOLDS, counts, witnesses, says)

    return check


def every_task_is_finished(at_least: int = 100) -> Check:
    """Every task that was taken for sent was finished at least once; the doubled ones are named, and no offence."""

    @named("every_task_is_finished")
    def check(history: History) -> Finding:
        name, runs = "every_task_is_finished", _runs(history)
        sent = [line.id for line in history.of("send", "ok")]
        missing = [id for id in sent if not any(_ended(line) for line in runs[id])]
        doubled = [id for id in sent if len(runs[id]) > 1]
        counts = {"sent": len(sent), "missing": len(missing), "doubled": len(doubled)}
        witnesses = [_story(id, runs[id]) for id in [*missing, *doubled][:MOST_WITNESSES]]
        says = _("{missing} of {sent} tasks were never finished, {doubled} were started again.").format(**counts)
        if doubled:
            says = _(
                "{missing} of {sent} tasks were never finished, {doubled} were started again; more than once: {ids}."
            ).format(**counts, ids=", ".join(map(str, doubled[:MOST_WITNESSES])))
        if why := _not_settled(history, sent):
            return Finding(name, Verdict.UNKNOWN, counts, witnesses, f"{says} {why}")
        if missing:
            return Finding(name, Verdict.BROKEN, counts, witnesses, says)
        if len(sent) < at_least:
            says = _("Only {sent} tasks were sent; at least {at_least} are needed for an answer.")
            return Finding(name, Verdict.UNKNOWN, counts, [], says.format(**counts, at_least=at_least))
        return Finding(name, Verdict.HOLDS, counts, witnesses, says)

    return check


def tasks_run_as_often_as_predicted(groups: Sequence[str]) -> Check:
    """For each group: how often its tasks were started and finished is what the `predicted` note says."""

    @named("tasks_run_as_often_as_predicted")
    def check(history: History) -> Finding:
        name, runs = "tasks_run_as_often_as_predicted", _runs(history)
        predicted: Mapping[str, Any] = history.note("predicted", {})
        wrong, counts, untried = [], {}, []
        for group in groups:
            sent = [line.id for line in _sent(history, [group])]
            seen = [{"started": len(runs[id]), "finished": sum(map(_ended, runs[id]))} for id in sent]
            if not sent or group not in predicted:
                untried.append(group)
                continue
            counts[group] = ", ".join(sorted({f"{one['started']}/{one['finished']}" for one in seen}))
            wrong += [
                {"id": id, "group": group, "predicted": predicted[group], "seen": one}
                for id, one in zip(sent, seen, strict=True)
                if one != predicted[group]
            ]
        table = "; ".join(f"{group} {found}" for group, found in counts.items())
        if untried:
            says = _("Nothing was tried of {ways}.").format(ways=", ".join(untried))
            return Finding(name, Verdict.UNKNOWN, counts, [], says)
        if why := _not_settled(history, None):
            return Finding(name, Verdict.UNKNOWN, counts, wrong[:MOST_WITNESSES], why)
        if wrong:
            groups_of = ", ".join(dict.fromkeys(one["group"] for one in wrong))
            says = _("Not as predicted: {groups}. Started/finished: {table}.").format(groups=groups_of, table=table)
            return Finding(name, Verdict.BROKEN, counts, wrong[:MOST_WITNESSES], says)
        says = _("Started/finished as predicted: {table}.").format(table=table)
        return Finding(name, Verdict.HOLDS, counts, [], says)

    return check


def no_task_runs_early(late_at_most: float, groups: Sequence[str] = ()) -> Check:
    """No task was started before its countdown was over, and its first start was late by at most so many seconds."""

    @named("no_task_runs_early")
    def check(history: History) -> Finding:
        name, runs = "no_task_runs_early", _runs(history)
        sent = _sent(history, groups)
        after = {line.id: _first(runs[line.id]) - line.value["at"] for line in sent if runs[line.id]}
        late = {line.id: after[line.id] - line.value["countdown"] for line in sent if line.id in after}
        bad = {id: by for id, by in late.items() if not -EARLY <= by <= late_at_most}
        counts = {
            "tasks": len(sent), "started": len(late), "early": sum(by < -EARLY for by in late.values()),
            "earliest": _rounded(min(late.values(), default=None)),
            "latest": _rounded(max(late.values(), default=None)),
        }  # fmt: skip
        if bad:
            id, by = max(bad.items(), key=lambda one: abs(one[1]))
            too_early = _("{id} started {seconds:.2f} s early; at most {at_most:g} s late is claimed.")
            too_late = _("{id} started {seconds:.2f} s late; at most {at_most:g} s late is claimed.")
            says = (too_early if by < 0 else too_late).format(id=id, seconds=abs(by), at_most=late_at_most)
            witnesses = [{"id": id, "late_by": round(by, 3)} for id, by in bad.items()][:MOST_WITNESSES]
            return Finding(name, Verdict.BROKEN, counts, witnesses, says)
        if not late or len(late) < len(sent):
            says = _("Only {started} of {tasks} tasks were started.").format(**counts)
            return Finding(name, Verdict.UNKNOWN, counts, [], says)
        says = _("No task was early; they started {least:.3f} to {most:.3f} s after their time.")
        says = says.format(least=min(late.values()), most=max(late.values()))
        return Finding(name, Verdict.HOLDS, counts, [], says)

    return check


def tasks_wait_at_most(group: str, seconds: float) -> Check:
    """No task of the group waited longer than that between being sent and its first start."""

    @named("tasks_wait_at_most")
    def check(history: History) -> Finding:
        name, runs = "tasks_wait_at_most", _runs(history)
        sent = _sent(history, [group])
        waits = {line.id: _first(runs[line.id]) - line.value["at"] for line in sent if runs[line.id]}
        counts = {"tasks": len(sent), "longest": _rounded(max(waits.values(), default=None)), "at_most": seconds}
        slow = [{"id": id, "waited": round(wait, 3)} for id, wait in waits.items() if wait > seconds]
        if slow:
            says = _("{slow} of {tasks} {group} tasks waited longer than {at_most:g} s, up to {longest} s.")
            says = says.format(**counts, slow=len(slow), group=group)
            return Finding(name, Verdict.BROKEN, counts, slow[:MOST_WITNESSES], says)
        if not waits or len(waits) < len(sent):
            says = _("{started} of {tasks} {group} tasks were started.")
            says = says.format(started=len(waits), tasks=len(sent), group=group)
            return Finding(name, Verdict.UNKNOWN, counts, [], says)
        says = _("{group} tasks waited {longest} s at most; {at_most:g} s is claimed.").format(**counts, group=group)
        return Finding(name, Verdict.HOLDS, counts, [], says)

    return check


def _runs(history: History) -> Mapping[str | None, list[Op]]:
    found: dict[str | None, list[Op]] = defaultdict(list)
    for line in history.of("execution", "ok", "info"):
        found[line.id].append(line)
    return found


def _sent(history: History, groups: Sequence[str]) -> list[Op]:
    """What was sent, or may have been: whoever was refused sent nothing."""
    refused = {line.id for line in history.of("send", "fail")}
    lines = history.of("send", "invoke")
    return [line for line in lines if line.id not in refused and (not groups or line.value["group"] in groups)]


def _first(runs: Sequence[Op]) -> float:
    return min(float(run.value["started"]) for run in runs)


def _ended(run: Op) -> bool:
    """It came to its end, well or ill; a worker that is stopped may break it off."""
    return run.value["ended"] is not None and run.value.get("outcome") != "broken off"


def _not_settled(history: History, sent: Sequence[str | None] | None) -> str:
    """Why an absence proves nothing, as a sentence; empty when nothing more can come."""
    settled = history.note("settled")
    if sent is not None and not sent:
        return _("No task was sent.")
    if settled is None:
        return _("The script did not wait until nothing more could come.")
    return _("{waiting} messages still wait.").format(waiting=settled["waiting"]) if settled["waiting"] else ""


def _story(id: str | None, runs: Sequence[Op]) -> dict[str, Any]:
    return {"id": id, "runs": [{"worker": run.process, **run.value} for run in runs[:MOST_WITNESSES]]}


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 3)
