"""Kill a worker in the middle of a thousand tasks, and start it again: are all of them finished, and how often?

    1,000 tasks --> [default] --> worker, four processes, SIGKILL after some hundred
                        ^------- whatever it had not acknowledged --> the next worker

With acks_late a task leaves the queue when it has ended. So whatever the dead worker had in hand is delivered again:
nothing is lost, and a few tasks are started twice. The ledger names them: started, never ended, and started again. (One
that had just ended and was not yet acknowledged has even two ends.) A task must bear that.

Acknowledged early, what ran is lost. That is `--breaks`. In the control run nobody is killed.

The kill needs a moment at which the worker surely has tasks in hand, and has told the broker so if it tells it early.
So four of the thousand, one for each process, take some seconds, and are under way for half of one when it is killed.
"""

from typing import Literal

from celery_demo.scenarios.world import World
from celery_demo.setup import HUB
from lab.checks import every_task_is_finished, the_fault_was_felt
from lab.faults import killed
from lab.scenario import Prediction, count_in, scenario
from lab.script import Lab
from lab.waiting import wait_for

TASKS, BEFORE, PROCESSES = 1000, 300, 4
LONG, UNDER_WAY = 4.0, 0.5
finished = every_task_is_finished(at_least=TASKS)


@scenario(
    "celery-worker-dies",
    claim="With acks_late a worker that is killed among a thousand tasks loses none; a few are started again.",
    question="A worker with acks_late is killed among 1,000 tasks and started again. Those that it had in hand ...",
    predictions=[
        Prediction("lost", "... are lost.", lambda f: count_in(f, "every_task_is_finished", "missing") > 0),
        Prediction(
            "again",
            "... are started again.",
            lambda f: (
                count_in(f, "every_task_is_finished", "missing") == 0
                and count_in(f, "every_task_is_finished", "doubled") > 0
            ),
        ),
    ],
    nodes=["rabbitmq", "postgres"],
    seconds=30,
    checks=[the_fault_was_felt, finished],
    breaks_with={"acks": "early"},
    breaks=[finished],
)
def worker_dies(lab: Lab, acks: Literal["late", "early"] = "late") -> None:
    world = lab.uses(World(lab, HUB))
    world.worker("default", ["default"], "-c", str(PROCESSES))
    world.workers.await_ready("default")

    lab.note("phase", "a thousand tasks")
    task = "probe.tasks.work_late_reject" if acks == "late" else "probe.tasks.work_early"
    for number in range(TASKS):
        world.send("task", task, [LONG if BEFORE <= number < BEFORE + PROCESSES else 0.06], queue="default")
    world.await_ended(BEFORE - PROCESSES, within=60)
    wait_for("a long task in each process", lambda: _under_way(world) >= PROCESSES, within=30, every=0.05)
    with lab.fault(killed, "default", of=world.workers):
        lab.await_effect("the worker is dead", lambda: world.workers.exit_code("default") is not None, within=10)

    lab.note("phase", "the worker is back")
    world.await_ended(TASKS if acks == "late" else TASKS - 40, within=90)
    world.settle(3)
    world.record_executions()


def _under_way(world: World) -> int:
    return sum(run.ended is None and world.now > run.started - world.zero + UNDER_WAY for run in world.executions())
