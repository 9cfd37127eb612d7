"""Send tasks to a queue whose routing key ends in another queue's, on a topic exchange with delayed delivery.

    key "video.feeds" --video.feeds--> [video.feeds] --> once
                      `--#.feeds-----> [feeds]       --> and once more

Delayed delivery (`celery-countdown`) puts 28 binary digits before the routing key, so Celery binds each task queue once
more, with `#.KEY`: whatever stands before it. But `#` also means nothing, or other words: a task for `video.feeds`
matches `#.feeds` too, and is delivered to both queues. It runs twice, delayed or not, and nobody says a word.

So no routing key may be the end of another one's words: the hub's are single words, `feeds`, `web`, `media`. The main
run uses such keys, `feeds` and `video-feeds`; `--breaks` uses the colliding ones. The control run has one queue only.
"""

from dataclasses import replace
from typing import Literal

from celery_demo.scenarios.world import World
from celery_demo.setup import HUB, TaskQueue
from lab.checks import each_task_runs_once
from lab.scenario import Prediction, count_in, scenario
from lab.script import Lab

TASKS = 10
runs_once = each_task_runs_once()


@scenario(
    "celery-suffix-collision",
    claim="With delayed delivery a task runs once, as long as no queue's key is the end of another one's words.",
    question="Queues feeds and video.feeds stand on one topic exchange. How often does a task for video.feeds run?",
    predictions=[
        Prediction("once", "Once.", lambda f: count_in(f, "each_task_runs_once", "doubled") == 0),
        Prediction("twice", "Twice.", lambda f: count_in(f, "each_task_runs_once", "doubled") > 0),
    ],
    nodes=["rabbitmq", "postgres"],
    seconds=15,
    checks=[runs_once],
    breaks_with={"keys": "colliding"},
    breaks=[runs_once],
)
def suffix_collision(lab: Lab, keys: Literal["apart", "colliding"] = "apart") -> None:
    longer = "video-feeds" if keys == "apart" else "video.feeds"
    names = [longer] if lab.variant == "control" else ["feeds", longer]
    setup = replace(HUB, queues=tuple(TaskQueue(name) for name in names), default=longer)
    world = lab.uses(World(lab, setup))
    world.worker("all", names, "-c", "2")
    world.workers.await_ready("all")

    lab.note("phase", "tasks at once, and tasks with a countdown")
    for _ in range(TASKS):
        world.send("immediate", "probe.tasks.work", queue=longer)
        world.send("delayed", "probe.tasks.work", queue=longer, countdown=2)
    world.await_ended(2 * TASKS, within=30)
    world.settle()
    world.record_executions()
