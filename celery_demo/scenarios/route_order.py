"""Send tasks under many names and see which queue each reaches: what decides, and what is passed over.

    apply_async(queue="web")                                   the call wins over everything
    @app.task(name="gateway.tasks.covid_sms_send", queue="sms-channel")   then the decorator
    ("feed.tasks.import_feed", ...)                            then an exact name, wherever it stands in the list
    ("feed.tasks.*", ...), (re.compile(r"(video|image)\\.tasks\\..*"), ...)  then the patterns, in their order
    task_default_queue                                         then the default

The order of the list counts among patterns only: an exact name is looked up first. A key is a glob only if it holds a
star (`feed.task?.x` is taken by the letter), the star crosses dots, and a regular expression is anchored at its start
only. The routes see nothing but the name: who renames a module without naming the task moves the task.

A queue in the decorator is known only where the task's code is: `send_task` by name from another code base follows the
list. (Celery 5.7 warns that this attribute goes away in 6.0; a rule with the exact name does the same for everybody.)

Every message is sent into a virtual host of this run and read from its queue. Then one worker starts and runs the
tasks of the notes: the function named `officialsnotification.tasks.worker`, and the class `tasks.add`, of which each
process has one instance, so that what it keeps on itself is still there at the next call.

The control run has no list at all. `--breaks` gives Celery the list in the opposite order, and our model is not told.
"""

import re
from collections.abc import Sequence
from typing import Literal

from celery_demo.observed import queues_reached
from celery_demo.routing import ORDERED, Rule, explain
from celery_demo.scenarios.world import World
from celery_demo.setup import HUB, build
from lab.checks import a_class_task_keeps_its_state, each_task_runs_once, tasks_go_to_the_predicted_queue
from lab.scenario import Prediction, count_in, scenario
from lab.script import Lab
from lab.verdict import Finding

RULES: list[Rule] = [
    ("feed.*", {"queue": "media"}),
    *ORDERED,
    ("feed.tasks.import_feed", {"queue": "web"}),
    ("feed.task?.x", {"queue": "web"}),
    (re.compile(r"web\.tasks"), {"queue": "sms-channel"}),
]
"""The notes' list, with rules before and behind it that overlap."""
CASES = [
    ("exact", "feed.tasks.import_feed", None),
    ("glob", "web.tasks.notify_page", None),
    ("glob", "web.tasks.deep.er", None),
    ("regex", "video.tasks.poster", None),
    ("regex", "image.tasks.thumbnail", None),
    ("regex", "video.tasks.deep.er", None),
    ("order", "feed.tasks.render", None),
    ("order", "feed.tasks.deep.er", None),
    ("order", "feed.taskx.x", None),
    ("call", "feed.tasks.import_feed", "default"),
    ("call", "gateway.tasks.covid_sms_send", "web"),
    ("decorator", "gateway.tasks.covid_sms_send", None),
    ("by name", "gateway.tasks.covid_sms_send", None),
    ("by name, from afar", "gateway.tasks.covid_sms_send", None),
    ("default", "officialsnotification.tasks.worker", None),
    ("default", "tasks.add", None),
    ("default", "videos.tasks.poster", None),
]
"""What decides, the task's name, the queue in the call."""
WAYS = list(dict.fromkeys(way for way, _, _ in CASES))
as_predicted = tasks_go_to_the_predicted_queue(ways=WAYS)
runs_once = each_task_runs_once(groups=["notes"])


@scenario(
    "celery-route-order",
    claim="A task's queue follows from its name: call, decorator, exact name, patterns in order, default.",
    question="A list routes feed.* to one queue, and behind it the exact feed.tasks.import_feed to another. Who wins?",
    predictions=[
        Prediction("first", "The first rule that fits: the glob.", lambda findings: _misrouted(findings) > 0),
        Prediction("exact", "The exact name, wherever it stands.", lambda findings: _misrouted(findings) == 0),
    ],
    nodes=["rabbitmq", "postgres"],
    seconds=15,
    checks=[as_predicted, runs_once, a_class_task_keeps_its_state],
    breaks_with={"order": "reversed"},
    breaks=[as_predicted],
    notes={
        "N13": runs_once,
        "N14": a_class_task_keeps_its_state,
        "N15": as_predicted,
        "N16": as_predicted,
        "N17": as_predicted,
    },
)
def route_order(lab: Lab, order: Literal["as_written", "reversed"] = "as_written") -> None:
    believed = [] if lab.variant == "control" else RULES
    world = lab.uses(World(lab, HUB))
    stranger = build(world.setup, world.setup.broker, knows_tasks=False)
    for app in (world.app, stranger):
        # Only the sending side routes; a regular expression could not travel to the worker as JSON either.
        app.conf.task_routes = (list(reversed(believed)) if order == "reversed" else believed,)
    names = [queue.name for queue in HUB.queues]

    lab.note("phase", "every name is sent, and read from its queue")
    for way, task, asked in CASES:
        options = {"queue": asked} if asked else {}
        afar = way == "by name, from afar"
        own = None if afar else getattr(world.app.tasks.get(task), "queue", None)
        if task in world.app.tasks and not way.startswith("by name"):
            sent = world.app.tasks[task].apply_async(_arguments(task), **options)
        else:
            sent = (stranger if afar else world.app).send_task(task, **options)
        route = explain(task, believed, HUB.default, own=own, asked=asked)
        seen = queues_reached(world.app, names).get(sent.id, [])
        rule = {"decided_by": route.decided_by.rule, "passed_over": [rule.rule for rule in route.looked[:-1]]}
        value = {"way": way, "task": task, "predicted": [route.queue], "seen": seen, **rule}
        lab.record("broker", "observe", "routed_task", f"{task} ({way})", value)

    lab.note("phase", "a worker runs the tasks of the notes")
    world.worker("all", names)
    world.workers.await_ready("all")
    for _ in range(3):
        world.send("notes", "tasks.add", [4, 4])
    world.send("notes", "officialsnotification.tasks.worker", ["officials", "hello"])
    world.send("notes", "gateway.tasks.covid_sms_send", ["anna", "hello"])
    world.await_ended(5, within=30)
    world.settle(0.5)
    world.record_executions()


def _arguments(task: str) -> list[object]:
    """Some that fit: nobody runs these."""
    return {
        "tasks.add": [4, 4],
        "image.tasks.thumbnail": ["anna", ""],
        "video.tasks.poster": ["anna", "a film", 3],
        "officialsnotification.tasks.worker": [],
    }.get(task, ["anna", []])


def _misrouted(findings: Sequence[Finding]) -> float:
    return count_in(findings, "tasks_go_to_the_predicted_queue", "wrong")
