"""A task that kills the process that runs it, again and again: a crash in a C library, or more memory than there is.

    [default] --> worker: its child dies --> given back (reject_on_worker_lost) --> [default] --> ...

With acks_late and reject_on_worker_lost nothing is lost when a child dies (`celery-kill-matrix`), and a task that
kills every child comes back for ever. A classic queue counts nothing: the loop has no end, each round costs a process,
and since what is given back stands at the head of the queue again, a worker with one process serves nobody else.

A quorum queue counts failed deliveries. After `x-delivery-limit` of them, three here, RabbitMQ gives up: the task has
run four times, and is moved to the dead letters, where somebody can look at it. Set the limit: without one RabbitMQ
3.x knows none, and 4.0 takes 20. And name a place for dead letters, or the task is dropped.

Then the tasks behind it are served. `--breaks` takes a classic queue. In the control run the task is harmless.
"""

from dataclasses import replace
from typing import Literal

from celery_demo.observed import queues_reached
from celery_demo.scenarios.world import World
from celery_demo.setup import DELIVERY_LIMIT, HUB, TaskQueue
from lab.checks import a_poison_message_stops_at_its_limit, each_task_runs_once
from lab.scenario import Prediction, count_in, scenario
from lab.script import Lab
from lab.waiting import wait_for

OTHERS = 5


@scenario(
    "celery-poison-task",
    claim="A task that kills its process stops at the delivery limit of a quorum queue and ends as a dead letter.",
    question="A task kills the process that runs it, and is given back each time. How does that end on a quorum queue?",
    predictions=[
        Prediction("never", "It loops.", lambda f: count_in(f, "a_poison_message_stops_at_its_limit", "wrong") > 0),
        Prediction(
            "limit",
            "After the delivery limit, among the dead letters.",
            lambda f: count_in(f, "a_poison_message_stops_at_its_limit", "wrong") == 0,
        ),
    ],
    nodes=["rabbitmq", "postgres"],
    seconds=30,
    checks=[a_poison_message_stops_at_its_limit, each_task_runs_once(groups=["other"])],
    breaks_with={"queue": "classic"},
    breaks=[a_poison_message_stops_at_its_limit],
)
def poison_task(lab: Lab, queue: Literal["quorum", "classic"] = "quorum") -> None:
    ours = TaskQueue("default", queue, dead_letters=True)
    world = lab.uses(World(lab, replace(HUB, queues=(ours,))))
    world.worker("default", ["default"])
    world.workers.await_ready("default")
    harmless = lab.variant == "control"

    lab.note("phase", "the poison, and others behind it")
    poison = world.send("poison", "probe.tasks.work_late_reject" if harmless else "probe.tasks.poison")
    for _ in range(OTHERS):
        world.send("other", "probe.tasks.work")

    def runs() -> int:
        return sum(run.task_id == poison for run in world.executions())

    dead: list[str] = []

    def is_over() -> bool:
        dead.extend(queues_reached(world.app, [ours.dead_name]))
        return bool(dead) or runs() > 2 * (DELIVERY_LIMIT + 1) or (harmless and runs() == 1)

    wait_for("the poison to end, or to have run twice as often as it may", is_over, within=90, every=0.2)
    if dead or harmless:
        world.await_ended(OTHERS, within=30)
    predicted = {"runs": 1, "dead_letters": 0} if harmless else {"runs": DELIVERY_LIMIT + 1, "dead_letters": 1}
    value = {"way": queue, "predicted": predicted, "seen": {"runs": runs(), "dead_letters": len(dead)}}
    lab.record("broker", "observe", "poison", poison, value)
    world.settle(0.5)
    world.record_executions()
