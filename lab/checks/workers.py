"""Checks of the workers themselves and of where tasks go: which queues they take from, how they end, what they keep.

`worker` notes a worker and its "queues". `routed_task` and `worker_end` are `observe` lines of a grid: see
`predictions.py`. For `execution` see `executions.py`.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from lab.checks.predictions import as_predicted
from lab.history import History
from lab.verdict import MOST_WITNESSES, Check, Finding, Verdict
from lab.words import _, later


def tasks_go_to_the_predicted_queue(ways: Sequence[str]) -> Check:
    """Over `routed_task`: the queue that a task reached is the one that the model names. `ways`: what decides."""
    return as_predicted(
        "tasks_go_to_the_predicted_queue", "routed_task", ways, later("tasks went to the queue that the model names")
    )


def workers_behave_as_predicted(ways: Sequence[str]) -> Check:
    """Over `worker_end`: what a worker did, and what became of its tasks. `ways`: what was done to it."""
    return as_predicted("workers_behave_as_predicted", "worker_end", ways, later("workers did what was predicted"))


def workers_take_only_their_queues(history: History) -> Finding:
    """HOLDS when every execution came from one of the queues that its worker was started for."""
    name = "workers_take_only_their_queues"
    queues = {note.value["name"]: set(note.value["queues"]) for note in history.of("worker", "note")}
    executions = history.of("execution", "ok", "info")
    wrong = [run for run in executions if run.value["queue"] not in queues.get(run.process, set())]
    taken: dict[str, int] = defaultdict(int)
    for run in executions:
        taken[f"{run.process} from {run.value['queue']}"] += 1
    counts = {"executions": len(executions), "wrong": len(wrong), **dict(sorted(taken.items()))}
    if wrong:
        first = wrong[0]
        says = _("{wrong} executions came from another queue: {id} ran in {worker}.")
        says = says.format(wrong=len(wrong), id=first.id, worker=first.process)
        return Finding(name, Verdict.BROKEN, counts, [_place(run) for run in wrong[:MOST_WITNESSES]], says)
    if len({run.value["queue"] for run in executions}) < 2:
        return Finding(name, Verdict.UNKNOWN, counts, [], _("Tasks of two queues are needed to see who takes which."))
    says = _("All {executions} executions came from a queue of their worker: {taken}.")
    says = says.format(executions=len(executions), taken=", ".join(sorted(taken)))
    return Finding(name, Verdict.HOLDS, counts, [], says)


def a_class_task_keeps_its_state(history: History) -> Finding:
    """HOLDS when the calls that an instance counts go on from one execution to the next in the same process."""
    name = "a_class_task_keeps_its_state"
    counted: dict[int, list[int]] = defaultdict(list)
    for run in history.of("execution", "ok"):
        if isinstance(result := run.value.get("result"), dict) and "calls" in result:
            counted[run.value["pid"]].append(result["calls"])
    longest = max((len(calls) for calls in counted.values()), default=0)
    counts = {"processes": len(counted), "calls": sum(map(len, counted.values())), "longest": longest}
    wrong = [{"pid": pid, "calls": calls} for pid, calls in counted.items() if calls != list(range(1, len(calls) + 1))]
    if wrong:
        says = _("An instance began anew, or another was asked: {calls} in process {pid}.").format(**wrong[0])
        return Finding(name, Verdict.BROKEN, counts, wrong[:MOST_WITNESSES], says)
    if longest < 2:
        return Finding(name, Verdict.UNKNOWN, counts, [], _("No process executed the class task twice."))
    says = _("One instance a process: its {longest} calls counted 1 to {longest}.").format(**counts)
    return Finding(name, Verdict.HOLDS, counts, [], says)


def delay_takes_no_options(history: History) -> Finding:
    """HOLDS when `delay` queued tasks, and refused an option as an argument that the task does not have."""
    name = "delay_takes_no_options"
    tried = history.of("delay_with_option", "observe")
    queued = [line for line in history.of("send", "invoke") if line.value["group"] == "delay"]
    taken = [line for line in tried if not line.value["refused"]]
    counts = {"queued": len(queued), "tried": len(tried), "taken": len(taken)}
    if taken:
        witnesses = [{"option": line.id} for line in taken[:MOST_WITNESSES]]
        says = _("delay took {option} without a word.").format(option=taken[0].id)
        return Finding(name, Verdict.BROKEN, counts, witnesses, says)
    if not tried or not queued:
        return Finding(name, Verdict.UNKNOWN, counts, [], _("delay was not tried, or not with an option."))
    says = _("delay queued {queued} tasks, and refused an option: {error}.")
    says = says.format(queued=len(queued), error=tried[0].value["error"])
    return Finding(name, Verdict.HOLDS, counts, [], says)


def _place(run: Any) -> dict[str, Any]:
    return {"id": run.id, "worker": run.process, "queue": run.value["queue"]}
