"""Stop a busy worker in five ways. What becomes of the task that runs, and of the one whose time has not come?

    TERM                 warm: takes nothing new, finishes what runs, however long that takes
    QUIT                 cold: ends at once; what runs is given back, and runs again elsewhere
    soft, long enough    TERM as QUIT, but first some time (worker_soft_shutdown_timeout) for what runs: it finishes
    soft, too short      the same, and the time is over first: given back
    KILL                 nobody says anything: the broker gives it back when the connection breaks

Whoever stops a worker for an upgrade chooses between these. A supervisor or `docker stop` sends TERM and, some seconds
later, KILL: a task longer than that is killed after all. A soft shutdown shorter than the grace period gives it back in
time. "Given back" needs acks_late; acknowledged early, the task is lost: that is `--breaks`. The task with a countdown
was only held in memory (classic queue), so it goes back in any case, and runs once at its time; but a soft shutdown
waits its whole time for it, as if it ran.

The control run stops nobody.
"""

import signal
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from celery_demo.scenarios.world import World
from celery_demo.setup import HUB, TaskQueue
from lab.checks import no_task_runs_early, tasks_run_as_often_as_predicted, workers_behave_as_predicted
from lab.scenario import Prediction, scenario
from lab.script import Lab
from lab.waiting import wait_for

SECONDS, COUNTDOWN = 6.0, 25
UNTIL_STOPPED = 60.0
"""Seconds that a task would take that is not to finish: it is under way when its worker is stopped, for certain."""


@dataclass(frozen=True, slots=True)
class Way:
    """`soft` is worker_soft_shutdown_timeout in seconds, None for a worker that has none."""

    signal: signal.Signals
    soft: float | None
    finishes: bool


WAYS: Mapping[str, Way] = {
    "TERM": Way(signal.SIGTERM, None, finishes=True),
    "QUIT": Way(signal.SIGQUIT, None, finishes=False),
    "soft-long": Way(signal.SIGTERM, 9.0, finishes=True),
    "soft-short": Way(signal.SIGTERM, 1.0, finishes=False),
    "KILL": Way(signal.SIGKILL, None, finishes=False),
}
GROUPS = [f"{way} {what}" for way in WAYS for what in ("busy", "countdown")]
as_predicted = tasks_run_as_often_as_predicted(groups=GROUPS)


@scenario(
    "celery-soft-shutdown",
    claim="With acks_late no way to stop a worker loses a task; TERM and a soft shutdown long enough let it finish.",
    question="A worker runs a task of six seconds and gets SIGTERM, with one second of soft shutdown. The task ...",
    predictions=[
        Prediction("once", "... runs once.", lambda f: _says(f, "soft-short busy") == "1/1"),
        Prediction("twice", "... is started twice and finished once.", lambda f: _says(f, "soft-short busy") == "2/1"),
        Prediction("lost", "... is lost.", lambda f: _says(f, "soft-short busy") == "1/0"),
    ],
    nodes=["rabbitmq", "postgres"],
    seconds=35,
    checks=[
        as_predicted,
        workers_behave_as_predicted(ways=list(WAYS)),
        no_task_runs_early(late_at_most=3.0, groups=[f"{way} countdown" for way in WAYS]),
    ],
    breaks_with={"acks": "early"},
    breaks=[as_predicted],
)
def soft_shutdown(lab: Lab, acks: Literal["late", "early"] = "late") -> None:
    control = lab.variant == "control"
    lab.note("predicted", _predicted(control))
    queues = tuple(TaskQueue(way, "classic") for way in WAYS)
    setup = replace(HUB, queues=queues, default="TERM", exchange_type="direct", conf={"worker_prefetch_multiplier": 4})
    world = lab.uses(World(lab, setup))
    for name, way in WAYS.items():
        remap = {} if way.soft is None else {"REMAP_SIGTERM": "SIGQUIT"}
        conf = {} if way.soft is None else {"worker_soft_shutdown_timeout": way.soft}
        world.worker(name, [name], environment=remap, **conf)
    for name in WAYS:
        world.workers.await_ready(name)

    lab.note("phase", "each worker runs one task, and holds another")
    task = "probe.tasks.work_late_reject" if acks == "late" else "probe.tasks.work_early"
    for name in WAYS:
        world.send(f"{name} countdown", "probe.tasks.work", queue=name, countdown=COUNTDOWN)
        first = SECONDS if WAYS[name].finishes or control else UNTIL_STOPPED
        world.send(f"{name} busy", task, [first, SECONDS], queue=name)
    wait_for("five tasks to run", lambda: len(world.executions()) >= len(WAYS), within=30)
    if not control:
        _stop_them(world)
    for name, way in WAYS.items():
        seen = way.finishes if control else _finished(world, name)
        _tell(lab, world, name, predicted=way.finishes, seen=seen)

    if not control:
        lab.note("phase", "another worker takes over")
        world.worker("rescue", list(WAYS), "-c", "5")
        world.workers.await_ready("rescue")
    world.await_ended(2 * len(WAYS) if acks == "late" else len(WAYS) + 2, within=60)
    world.settle()
    world.record_executions()


def _stop_them(world: World) -> None:
    """Send each its signal, and wait until all have ended."""
    for name, way in WAYS.items():
        if way.signal is signal.SIGKILL:
            world.workers.kill(name)
        else:
            world.workers.signal(name, way.signal)
    wait_for("five workers to end", lambda: all(world.workers.exit_code(name) is not None for name in WAYS), within=40)


def _finished(world: World, name: str) -> bool:
    runs = [run for run in world.executions() if run.task_id == f"{name} busy-1"]
    return any(run.ended is not None and run.outcome == "success" for run in runs)


def _tell(lab: Lab, world: World, name: str, *, predicted: bool, seen: bool) -> None:
    words = {True: "lets its task finish", False: "does not let its task finish"}
    code = world.workers.exit_code(name)
    value = {"way": name, "predicted": words[predicted], "seen": words[seen], "exit_code": code}
    lab.record("lab", "observe", "worker_end", name, value)


def _predicted(control: bool) -> dict[str, Any]:
    busy = {name: (1, 1) if way.finishes or control else (2, 1) for name, way in WAYS.items()}
    told = {f"{name} busy": {"started": counts[0], "finished": counts[1]} for name, counts in busy.items()}
    return told | {f"{name} countdown": {"started": 1, "finished": 1} for name in WAYS}


def _says(findings: Any, group: str) -> object:
    return next((f.counts.get(group) for f in findings if f.check == "tasks_run_as_often_as_predicted"), None)
