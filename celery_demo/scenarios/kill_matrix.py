"""Kill a process of the pool, or the whole worker, in the middle of a task: how often does the task start and finish?

                                     child killed        whole worker killed
    acks early (Celery's default)    1/0  lost           1/0  lost
    acks late                        1/0  lost!          2/1  runs again
    late, reject on worker lost      2/1  runs again     2/1  runs again

Acknowledged early, a task is gone from the broker before it starts: whoever dies takes it along. With acks_late it is
acknowledged when it has ended. But if only the child dies, the worker lives, finds its task failed (WorkerLostError),
and acknowledges the failure: lost as well, unless reject_on_worker_lost says to give it back. If the whole worker dies
the broker notices that nobody acknowledged: RabbitMQ when the connection breaks; Redis after the visibility timeout.

Both brokers get the same table. A task that runs again must bear that: it may have done half of its work.

In the control run nobody is killed, and every task runs once. `--breaks` acknowledges every task early, and the table
is not told.
"""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import Literal

from celery_demo.scenarios.world import Kind, World
from celery_demo.setup import HUB, Setup, TaskQueue
from lab.checks import tasks_run_as_often_as_predicted, the_fault_was_felt
from lab.faults import killed
from lab.scenario import Prediction, scenario
from lab.script import Lab
from lab.verdict import Finding
from lab.waiting import wait_for

SECONDS, AGAIN, VISIBILITY = 5.0, 1.0, 12
UNTIL_KILLED = 60.0
"""Seconds that the first execution would take: none ends before somebody is killed, however slow the machine is."""
BROKERS: tuple[Kind, ...] = ("rabbitmq", "redis")
TASKS = {"early": "work_early", "late": "work_late", "reject": "work_late_reject"}
TABLE = {
    ("child", "early"): (1, 0), ("child", "late"): (1, 0), ("child", "reject"): (2, 1),
    ("worker", "early"): (1, 0), ("worker", "late"): (2, 1), ("worker", "reject"): (2, 1),
}  # fmt: skip
GROUPS = [f"{broker} {victim} {acks}" for broker in BROKERS for victim, acks in TABLE]
as_predicted = tasks_run_as_often_as_predicted(groups=GROUPS)


@scenario(
    "celery-kill-matrix",
    claim="When a task is acknowledged, and who dies, decides whether it is lost or runs again, as the table says.",
    question="A task with acks_late runs. Its process is killed; the worker, its parent, lives on. The task ...",
    predictions=[
        Prediction("again", "... runs again.", lambda f: _says(f, "rabbitmq child late") == "2/1"),
        Prediction("lost", "... is lost.", lambda f: _says(f, "rabbitmq child late") == "1/0"),
    ],
    nodes=["rabbitmq", "redis", "postgres"],
    seconds=40,
    checks=[the_fault_was_felt, as_predicted],
    breaks_with={"acks": "always_early"},
    breaks=[as_predicted],
)
def kill_matrix(lab: Lab, acks: Literal["as_the_table_says", "always_early"] = "as_the_table_says") -> None:
    table = {cell: (1, 1) if lab.variant == "control" else counts for cell, counts in TABLE.items()}
    lab.note("predicted", _by_group(table))
    worlds = [lab.uses(World(lab, _setup(broker), broker, name=broker)) for broker in BROKERS]
    lab.note("versions", {name: told for world in worlds for name, told in world.versions().items()})
    _start_workers(worlds)

    lab.note("phase", "every task runs")
    seconds = SECONDS if lab.variant == "control" else UNTIL_KILLED
    for world, (victim, way) in itertools.product(worlds, TABLE):
        task = TASKS["early" if acks == "always_early" else way]
        world.send(f"{world.kind} {victim} {way}", f"probe.tasks.{task}", [seconds, AGAIN], queue=victim)
    wait_for("every task to run", lambda: all(len(w.executions()) == len(TABLE) for w in worlds), within=30)

    with ExitStack() as broken:
        for of, node in [(world.workers, node) for world in worlds for node in _victims(world)]:
            broken.enter_context(lab.fault(killed, node, of=of))
        lab.await_effect("the workers have lost their tasks", lambda: all(map(_has_lost, worlds)), within=30)

    lab.note("phase", "what comes back runs again")
    finished = sum(counts[1] for counts in table.values()) if acks == "as_the_table_says" else 0
    for world in worlds:
        world.await_ended(finished, within=60)
    lab.observe("longer than the visibility timeout", VISIBILITY + AGAIN + 2, at_any_pace=True)
    for world in worlds:
        world.record_executions()
    lab.note("settled", {"waiting": sum(sum(world.waiting().values()) for world in worlds)})


def _setup(broker: Kind) -> Setup:
    queues = tuple(TaskQueue(victim, "classic") for victim in ("child", "worker"))
    setup = replace(HUB, queues=queues, default="child", exchange_type="direct", conf={"worker_prefetch_multiplier": 1})
    options = {"visibility_timeout": VISIBILITY, "unacked_restore_interval": 1}
    return setup.with_conf(broker_transport_options=options) if broker == "redis" else setup


def _start_workers(worlds: Sequence[World]) -> None:
    """Two a world, each with a process for every way to acknowledge."""
    for world, victim in itertools.product(worlds, ("child", "worker")):
        world.worker(victim, [victim], "-c", str(len(TASKS)))
    for world, victim in itertools.product(worlds, ("child", "worker")):
        world.workers.await_ready(victim)


def _by_group(table: Mapping[tuple[str, str], tuple[int, int]]) -> dict[str, dict[str, int]]:
    cells = {" ".join(cell): {"started": counts[0], "finished": counts[1]} for cell, counts in table.items()}
    return {f"{broker} {cell}": counts for broker in BROKERS for cell, counts in cells.items()}


def _victims(world: World) -> Iterator[str]:
    """Every process that runs a task of the one worker, and the other worker as a whole."""
    for run in world.executions():
        if run.worker.startswith("child@"):
            yield f"child/{run.pid}"
    yield "worker"


def _has_lost(world: World) -> bool:
    """Its workers have noticed: the one prints an error for each child, the other is dead."""
    noticed = world.workers.log_text("child").count("Worker exited prematurely: signal 9") >= len(TASKS)
    return noticed and world.workers.exit_code("worker") is not None


def _says(findings: Sequence[Finding], group: str) -> object:
    return next((f.counts.get(group) for f in findings if f.check == "tasks_run_as_often_as_predicted"), None)
