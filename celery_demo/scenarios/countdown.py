"""Send tasks with `delay` and with `apply_async(args=[4, 4], countdown=10)`, and count the seconds and the executions.

    sender --countdown=10--> [celery_delayed_3] 8 s --> [celery_delayed_1] 2 s --> [default] --> worker

Where are the ten seconds spent? Not in the worker, if the queue is a quorum queue on a topic exchange: Celery then
writes the countdown in binary before the routing key, and RabbitMQ passes the message down a ladder of queues that hold
it 2^n seconds each (8 + 2 here). The worker never sees it before its time, and may be restarted meanwhile. On a classic
queue, or with Redis, the worker fetches it at once and holds it in memory, see `celery-eta-blocks-worker`.

`delay(4, 4)` queues a task simply. It takes no options: `delay("anna", "hello", countdown=10)` gives the task itself an
argument called countdown, and Celery refuses it, because the function has none. (It looks at functions only: a class
task takes whatever is sent, and fails in the worker.) `apply_async` has them all: countdown, eta, expires, queue,
priority, retry. A countdown is a promise not to start before; how much later depends on who is free.

The control run sends the same without countdown. `--breaks` takes Redis for the broker, with a visibility timeout
shorter than the countdown: what a worker holds for longer is given to another one too, and a task runs more than once.
"""

from typing import Literal

from celery_demo.scenarios.world import World
from celery_demo.setup import HUB
from lab.checks import delay_takes_no_options, each_task_runs_once, no_task_runs_early
from lab.scenario import Prediction, count_in, scenario
from lab.script import Lab

TASKS = 5
on_time = no_task_runs_early(late_at_most=2.0)
runs_once = each_task_runs_once(groups=["delay", "countdown", "eta"])
REDIS = {"visibility_timeout": 3, "unacked_restore_interval": 1}


@scenario(
    "celery-countdown",
    claim="A task with countdown=10 starts once, not before ten seconds, and at most two seconds late.",
    question="A task is sent with countdown=10. Two workers are idle. When does it start?",
    predictions=[
        Prediction("before", "Within ten seconds.", lambda f: count_in(f, "no_task_runs_early", "early") > 0),
        Prediction(
            "just-after",
            "Ten seconds later, or a fraction of a second more.",
            lambda f: (
                count_in(f, "no_task_runs_early", "early") == 0 and count_in(f, "no_task_runs_early", "latest") < 1
            ),
        ),
        Prediction(
            "late",
            "More than a second late.",
            lambda f: count_in(f, "no_task_runs_early", "latest") >= 1,
        ),
    ],
    nodes=["rabbitmq", "postgres", "redis"],
    seconds=25,
    checks=[on_time, runs_once, delay_takes_no_options],
    breaks_with={"broker": "redis"},
    breaks=[runs_once],
    notes={"N19": delay_takes_no_options, "N20": runs_once, "N21": on_time},
)
def countdown(lab: Lab, broker: Literal["rabbitmq", "redis"] = "rabbitmq") -> None:
    setup = HUB if broker == "rabbitmq" else HUB.with_conf(broker_transport_options=REDIS)
    world = lab.uses(World(lab, setup, broker))
    seconds = 0 if lab.variant == "control" else 10
    for name in ("one", "two"):
        world.worker(name, ["default"])
    for name in ("one", "two"):
        world.workers.await_ready(name)

    lab.note("phase", "delay, apply_async with countdown, with eta")
    _try_delay(lab, world)
    for _ in range(TASKS):
        world.delay("delay", "tasks.add", 4, 4)
        world.send("countdown", "tasks.add", [4, 4], countdown=seconds)
    world.send("eta", "tasks.add", [4, 4], countdown=seconds, as_eta=True)
    if broker == "rabbitmq":
        lab.watch("waiting", lambda: _where_it_waits(world), every=0.5)

    world.await_ended(2 * TASKS + 1, within=30)
    world.settle()
    world.record_executions()


def _try_delay(lab: Lab, world: World) -> None:
    """What `delay` does with an option: it is the task's own argument, or an error."""
    try:
        world.delay("option", "web.tasks.notify_page", "anna", "hello", countdown=10)
    except TypeError as error:
        lab.record("sender", "observe", "delay_with_option", "countdown", {"refused": True, "error": str(error)})
    else:
        lab.record("sender", "observe", "delay_with_option", "countdown", {"refused": False, "error": None})


def _where_it_waits(world: World) -> dict[str, int]:
    """The messages in the queues of delayed delivery, by queue, and in the queue of the task."""
    return {name: count for name, count in world.delayed().items() if count} | {"default": world.waiting()["default"]}
