"""Start `celery -A celery_demo worker -Q feeds`, flood its queue with slow tasks, and see whether web tasks wait.

    slow feeds --> [feeds] --> worker -Q feeds     busy for many seconds
    web tasks  --> [web]   --> worker -Q web       not held up

`-Q feeds` takes from that queue and no other: every execution in the ledger names its queue and its worker. A queue of
its own is what keeps slow work from holding up quick work. One worker that takes both does not: a task of half a second
stands before each web task, however important that one is. That is `--breaks`.

A typo is the trap. By Celery's default `-Q fedes` makes a new, empty queue of that name, and the worker listens to it
for ever without a word. With `task_create_missing_queues=False`, as here, it ends at once with an error.

The control run has no flood.
"""

from typing import Literal

from celery_demo.scenarios.world import World
from celery_demo.setup import HUB
from lab.checks import (
    each_task_runs_once,
    tasks_wait_at_most,
    workers_behave_as_predicted,
    workers_take_only_their_queues,
)
from lab.scenario import Prediction, count_in, scenario
from lab.script import Lab
from lab.waiting import wait_for

SLOW, FEEDS, WEB = 0.5, 12, 10
web_waits = tasks_wait_at_most("web", seconds=1.0)


@scenario(
    "celery-worker-q",
    claim="A worker with -Q takes only its queue, so slow feeds do not hold up web tasks; a typo is refused.",
    question="Twelve slow feeds are queued, then web tasks; each queue has its own worker. The web tasks ...",
    predictions=[
        Prediction("wait", "... wait for the feeds.", lambda f: count_in(f, "tasks_wait_at_most", "longest") > 1),
        Prediction("run", "... run at once.", lambda f: count_in(f, "tasks_wait_at_most", "longest") <= 1),
    ],
    nodes=["rabbitmq", "postgres"],
    seconds=20,
    checks=[
        workers_take_only_their_queues,
        web_waits,
        each_task_runs_once(),
        workers_behave_as_predicted(ways=["typo, forbidden", "typo, allowed"]),
    ],
    breaks_with={"workers": "shared"},
    breaks=[web_waits],
    notes={"N18": workers_take_only_their_queues},
)
def worker_q(lab: Lab, workers: Literal["dedicated", "shared"] = "dedicated") -> None:
    world = lab.uses(World(lab, HUB))
    queues = {"feeds": ["feeds"], "web": ["web"]} if workers == "dedicated" else {"shared": ["feeds", "web"]}
    for name, taken in queues.items():
        world.worker(name, taken)
    world.worker("forbidden", ["fedes"])
    world.worker("allowed", ["fedes"], task_create_missing_queues=True, task_create_missing_queue_type="quorum")
    for name in (*queues, "allowed"):
        world.workers.await_ready(name)

    lab.note("phase", "slow feeds, then web tasks")
    for _ in range(1 if lab.variant == "control" else FEEDS):
        world.send("feeds", "probe.tasks.work", [SLOW], queue="feeds")
    for _ in range(WEB):
        world.send("web", "web.tasks.notify_page", ["anna", "hello"])
    total = 1 + WEB if lab.variant == "control" else FEEDS + WEB
    world.await_ended(total, within=40)

    lab.note("phase", "what a typo did")
    wait_for("the worker with the forbidden typo to end", lambda: world.workers.exit_code("forbidden") is not None, 30)
    _typo(lab, "typo, forbidden", "ends with an error", "ends with an error", world.workers.exit_code("forbidden"))
    alive, made = world.workers.exit_code("allowed") is None, "fedes" in world.queues_on_the_broker()
    seen = "listens to a new queue" if alive and made else "does something else"
    _typo(lab, "typo, allowed", "listens to a new queue", seen, world.workers.exit_code("allowed"))
    world.settle(0.5)
    world.record_executions()


def _typo(lab: Lab, way: str, predicted: str, seen: str, exit_code: int | None) -> None:
    if way == "typo, forbidden" and exit_code == 0:
        seen = "ends without an error"
    value = {"way": way, "predicted": predicted, "seen": seen, "exit_code": exit_code}
    lab.record("lab", "observe", "worker_end", way, value)
