"""For every check of tasks and workers a history that makes it HOLD, one BROKEN and one UNKNOWN."""

from collections.abc import Mapping
from typing import Any

from lab import checks
from lab.history import History, Op
from lab.verdict import Check
from tests.lab.lines import history, line, note

AS_ASKED: Mapping[str, Check] = {
    "each_task_runs_once": checks.each_task_runs_once(groups=["web"]),
    "every_task_is_finished": checks.every_task_is_finished(at_least=2),
    "no_task_runs_early": checks.no_task_runs_early(late_at_most=1.0),
    "tasks_run_as_often_as_predicted": checks.tasks_run_as_often_as_predicted(groups=["web"]),
    "tasks_wait_at_most": checks.tasks_wait_at_most("web", seconds=1.0),
    "tasks_go_to_the_predicted_queue": checks.tasks_go_to_the_predicted_queue(ways=["glob"]),
    "workers_behave_as_predicted": checks.workers_behave_as_predicted(ways=["TERM"]),
}
"""Factories as they were called for CASES."""


def sent(t: float, id: str, group: str = "web", countdown: float = 0) -> list[Op]:
    value = {"group": group, "task": "x", "countdown": countdown, "at": t}
    return [line(t, "sender", "invoke", "send", id, value), line(t, "sender", "ok", "send", id)]


def run(
    started: float, id: str, ended: float | None = None, queue: str = "web", worker: str = "one", result: Any = None
) -> Op:
    """One row of the ledger, copied into the history at the end; it lasts no time unless `ended` is given."""
    end = started if ended is None else ended
    value = {"started": started, "ended": end, "queue": queue, "pid": 1, "result": result}
    return line(50, worker, "ok", "execution", id, value)


def unfinished(started: float, id: str) -> Op:
    value = {"started": started, "ended": None, "queue": "web", "pid": 1, "result": None}
    return line(50, "one", "info", "execution", id, value)


def broken_off(started: float, id: str) -> Op:
    """What a cold shutdown leaves: the worker ended it."""
    value = {
        "started": started,
        "ended": started + 1,
        "queue": "web",
        "pid": 1,
        "result": None,
        "outcome": "broken off",
    }
    return line(50, "one", "ok", "execution", id, value)


def settled(waiting: int = 0) -> Op:
    return note(49, "settled", {"waiting": waiting})


def worker(name: str, *queues: str) -> Op:
    return note(0, "worker", {"name": name, "queues": list(queues)})


def seen(op: str, way: str, predicted: Any, found: Any) -> Op:
    return line(1, "broker", "observe", op, "case", {"way": way, "predicted": predicted, "seen": found})


def delay_with_option(refused: bool) -> Op:
    value = {"refused": refused, "error": "unexpected keyword argument" if refused else None}
    return line(1, "sender", "observe", "delay_with_option", "countdown", value)


_PREDICTED = note(0, "predicted", {"web": {"started": 2, "finished": 1}})
_COUNTED = {"calls": 1}

CASES: Mapping[str, Mapping[str, History | str]] = {
    "each_task_runs_once": {
        "HOLDS": history(sent(1, "a"), sent(1, "b"), sent(1, "c", "feeds"), settled(), run(2, "a"), run(2, "b")),
        "BROKEN": history(sent(1, "a"), settled(3), run(2, "a"), run(3, "a")),
        "UNKNOWN": history(sent(1, "a"), run(2, "a")),
    },
    "every_task_is_finished": {
        "HOLDS": history(sent(1, "a"), sent(1, "b"), settled(), unfinished(2, "a"), run(3, "a"), run(4, "b")),
        "BROKEN": history(sent(1, "a"), sent(1, "b"), settled(), unfinished(2, "a"), run(4, "b")),
        "UNKNOWN": history(sent(1, "a"), sent(1, "b"), settled(1), run(4, "b")),
    },
    "tasks_run_as_often_as_predicted": {
        "HOLDS": history(
            _PREDICTED,
            settled(),
            sent(1, "a"),
            unfinished(2, "a"),
            run(3, "a"),
            sent(1, "b"),
            broken_off(2, "b"),
            run(4, "b"),
        ),
        "BROKEN": history(_PREDICTED, sent(1, "a"), settled(), unfinished(2, "a")),
        "UNKNOWN": history(sent(1, "a"), settled(), unfinished(2, "a"), run(3, "a")),
    },
    "no_task_runs_early": {
        "HOLDS": history(sent(1, "a", countdown=10), run(11.5, "a"), sent(1, "b"), run(1.1, "b")),
        "BROKEN": history(sent(1, "a", countdown=10), run(10.5, "a")),
        "UNKNOWN": history(sent(1, "a", countdown=10)),
    },
    "tasks_wait_at_most": {
        "HOLDS": history(sent(1, "a"), run(2, "a", 30), sent(1, "b", "feeds"), run(9, "b")),
        "BROKEN": history(sent(1, "a"), run(2.1, "a")),
        "UNKNOWN": history(sent(1, "a"), run(2, "a"), sent(1, "b")),
    },
    "workers_take_only_their_queues": {
        "HOLDS": history(
            worker("one", "web"), worker("two", "feeds"), run(2, "a"), run(2, "b", queue="feeds", worker="two")
        ),
        "BROKEN": history(worker("one", "web"), run(2, "a", queue="feeds")),
        "UNKNOWN": history(worker("one", "web"), worker("two", "feeds"), run(2, "a")),
    },
    "a_class_task_keeps_its_state": {
        "HOLDS": history(run(1, "a", result=_COUNTED), run(2, "b", result={"calls": 2})),
        "BROKEN": history(run(1, "a", result=_COUNTED), run(2, "b", result=_COUNTED)),
        "UNKNOWN": history(run(1, "a", result=_COUNTED), run(2, "b")),
    },
    "delay_takes_no_options": {
        "HOLDS": history(sent(1, "a", "delay"), delay_with_option(refused=True)),
        "BROKEN": history(sent(1, "a", "delay"), delay_with_option(refused=False)),
        "UNKNOWN": history(sent(1, "a", "delay")),
    },
    "tasks_go_to_the_predicted_queue": {
        "HOLDS": history(seen("routed_task", "glob", ["web"], ["web"])),
        "BROKEN": history(seen("routed_task", "glob", ["web"], ["default"])),
        "UNKNOWN": history(seen("routed_task", "exact", ["web"], ["web"])),
    },
    "workers_behave_as_predicted": {
        "HOLDS": history(seen("worker_end", "TERM", "finishes", "finishes")),
        "BROKEN": history(seen("worker_end", "TERM", "finishes", "gives back")),
        "UNKNOWN": history(seen("worker_end", "KILL", "lost", "lost")),
    },
}
"""For each check: verdict -> a history that gives it."""
