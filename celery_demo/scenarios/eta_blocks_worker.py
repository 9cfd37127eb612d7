"""Tasks with a countdown first, then tasks without: does the countdown hold up the others?

    classic queue                     worker <-- fetched at once, held in memory, four of them: no room for others
    quorum queue, direct exchange     the same
    quorum queue, topic exchange      waits in RabbitMQ's ladder; the worker is free

A worker with two processes and a prefetch multiplier of one may hold two messages, and one more for each that waits for
its time, if it may tell the broker so. That needs a limit for the whole channel (global QoS). Celery 5.7 takes every
RabbitMQ since 4.0, and every quorum queue, for one that has none: then four tasks with a countdown fill a worker, and
whatever comes behind them waits the whole countdown. With Celery's defaults on RabbitMQ 4 that is a classic queue on a
direct exchange; on 3.10 the classic queue still works as it always did. That difference stands in the prediction here.

What survives is a quorum queue on a topic exchange: delayed delivery in the broker. That is the claim; `--breaks` takes
the topic exchange away (Celery warns about it in the log of the sender, and sends). The control run has no countdown.
"""

from dataclasses import replace
from typing import Literal

from celery_demo.scenarios.world import World
from celery_demo.setup import HUB, TaskQueue
from lab.checks import each_task_runs_once, no_task_runs_early, tasks_wait_at_most, workers_behave_as_predicted
from lab.scenario import Prediction, count_in, scenario
from lab.script import Lab

COUNTDOWN, ETA_TASKS, IMMEDIATE = 8, 4, 6
immediate_wait = tasks_wait_at_most("immediate", seconds=1.0)
Exchange = Literal["topic", "direct"]


@scenario(
    "celery-eta-blocks-worker",
    claim="Tasks with a countdown do not hold up others, if quorum queues stand on a topic exchange.",
    question="Four tasks with countdown=8, then six without, for a worker of two processes. The six start ...",
    predictions=[
        Prediction("at-once", "... at once.", lambda f: count_in(f, "tasks_wait_at_most", "longest") <= 1),
        Prediction("later", "... after the countdown.", lambda f: count_in(f, "tasks_wait_at_most", "longest") > 5),
    ],
    nodes=["rabbitmq", "postgres"],
    seconds=25,
    checks=[
        immediate_wait,
        no_task_runs_early(late_at_most=2.0, groups=["countdown"]),
        each_task_runs_once(groups=["countdown", "immediate"]),
        workers_behave_as_predicted(ways=["classic"]),
    ],
    breaks_with={"exchange": "direct"},
    breaks=[immediate_wait],
    notes={"N21": immediate_wait},
)
def eta_blocks_worker(lab: Lab, exchange: Exchange = "topic") -> None:
    quorum = replace(HUB, queues=(TaskQueue("default"),), exchange_type=exchange)
    classic = replace(HUB, queues=(TaskQueue("default", "classic"),), exchange_type="direct")
    ours, theirs = lab.uses(World(lab, quorum)), lab.uses(World(lab, classic, name="classic"))
    for world in (ours, theirs):
        world.worker("default", ["default"], "-c", "2")
    for world in (ours, theirs):
        world.workers.await_ready("default")

    lab.note("phase", "countdowns first, then the others")
    seconds = 0 if lab.variant == "control" else COUNTDOWN
    for world, mark in ((ours, ""), (theirs, "classic ")):
        for _ in range(ETA_TASKS):
            world.send(f"{mark}countdown", "probe.tasks.work", countdown=seconds)
    lab.observe("the worker fetches what it can", seconds=0.5, at_any_pace=True)
    for world, mark in ((ours, ""), (theirs, "classic ")):
        for _ in range(IMMEDIATE):
            world.send(f"{mark}immediate", "probe.tasks.work")
    for world in (ours, theirs):
        world.await_ended(ETA_TASKS + IMMEDIATE, within=40)
    _tell_classic(lab, theirs, blocks=seconds > 0 and _release(theirs) >= (4, 0))
    ours.settle(0.5)
    ours.record_executions()


def _tell_classic(lab: Lab, world: World, blocks: bool) -> None:
    """Whether Celery's default queue held up the immediate tasks, which depends on the broker's release."""
    waits = [run.started - run.sent for run in world.executions() if "immediate" in run.task_id and run.sent]
    seen = "blocks" if max(waits) > COUNTDOWN / 2 else "does not block"
    value = {"way": "classic", "predicted": "blocks" if blocks else "does not block", "seen": seen}
    value |= {"rabbitmq": ".".join(map(str, _release(world))), "longest": round(max(waits), 3)}
    lab.record("lab", "observe", "worker_end", "classic queue, Celery's defaults", value)


def _release(world: World) -> tuple[int, int]:
    major, minor = world.versions()["rabbitmq"].split(".")[:2]
    return int(major), int(minor)
