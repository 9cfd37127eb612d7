"""A countdown longer than Redis's visibility timeout: the same task is given to worker after worker.

    sender --> [default] --> worker one, holds it until its time --.  after the visibility timeout:
                   ^-------- "nobody has acknowledged it" ---------'  back into the queue, for worker two as well

Redis knows no consumers. Celery's transport keeps what was fetched and not acknowledged in a hash of its own, and puts
back what is older than the visibility timeout (an hour by default): the worker must have died. A worker that only waits
for a countdown looks the same. So every timeout makes one more copy in some worker's memory, and when the time has come
all of them run. The same befalls a task with acks_late that takes, or waits, longer than that.

The remedy is a timeout longer than every countdown, as in the main run, or RabbitMQ, which knows who holds what
(`--set broker=rabbitmq`). `--breaks` makes the timeout a third of the countdown. The control run has no countdown.
"""

from typing import Literal

from celery_demo.scenarios.world import World
from celery_demo.setup import HUB
from lab.checks import each_task_runs_once, no_task_runs_early
from lab.scenario import Prediction, count_in, scenario
from lab.script import Lab

COUNTDOWN, TASKS = 12, 4
TIMEOUTS = {"longer": 60, "shorter": 4}
runs_once = each_task_runs_once()


@scenario(
    "celery-redis-visibility",
    claim="With Redis a task with a countdown runs once, as long as the visibility timeout is longer than that.",
    question="Redis, two workers, a countdown of 12 s, a visibility timeout of 4 s. How often does a task run?",
    predictions=[
        Prediction("once", "Once.", lambda f: count_in(f, "each_task_runs_once", "doubled") == 0),
        Prediction("more", "Twice or more.", lambda f: count_in(f, "each_task_runs_once", "doubled") > 0),
    ],
    nodes=["redis", "rabbitmq", "postgres"],
    seconds=25,
    checks=[runs_once, no_task_runs_early(late_at_most=2.0)],
    breaks_with={"timeout": "shorter"},
    breaks=[runs_once],
    notes={"N21": runs_once},
)
def redis_visibility(
    lab: Lab, timeout: Literal["longer", "shorter"] = "longer", broker: Literal["redis", "rabbitmq"] = "redis"
) -> None:
    # The sweep runs every 100 s by default, whatever the timeout; here every second, so that nobody waits for it.
    options = {"visibility_timeout": TIMEOUTS[timeout], "unacked_restore_interval": 1}
    setup = HUB if broker == "rabbitmq" else HUB.with_conf(broker_transport_options=options)
    world = lab.uses(World(lab, setup, broker))
    for name in ("one", "two"):
        world.worker(name, ["default"])
    for name in ("one", "two"):
        world.workers.await_ready(name)

    lab.note("phase", "tasks with a countdown")
    for _ in range(TASKS):
        world.send("countdown", "probe.tasks.work", countdown=0 if lab.variant == "control" else COUNTDOWN)
    lab.watch("waiting", world.waiting, every=0.5)
    world.await_ended(TASKS, within=40)
    world.settle()
    world.record_executions()
