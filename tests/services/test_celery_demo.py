"""The Celery service on its real brokers: tasks run in the worker of their queue, and the ledger tells the truth."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from celery import Celery

from celery_demo import settings
from celery_demo.dispatch import send
from celery_demo.ledger import Execution, Ledger
from celery_demo.observed import queues_reached
from celery_demo.setup import HUB, build
from lab.waiting import wait_for
from tests.conftest import ROOT, Stack


@pytest.fixture
def app(stack: Stack) -> Iterator[Celery]:
    """The hub's application, at the stack of the tests."""
    settings.read.cache_clear()
    found = build(HUB, settings.read().broker)
    yield found
    found.close()


@pytest.fixture
def ledger(stack: Stack) -> Iterator[Ledger]:
    settings.read.cache_clear()
    found = Ledger()
    yield found
    found.close()


@pytest.fixture
def run(stack: Stack) -> Callable[..., subprocess.CompletedProcess[str]]:
    """`python -m celery_demo ARGUMENTS`."""

    def command(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "celery_demo", *arguments],
            cwd=ROOT, env=stack.environment, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip

    return command


def ended(ledger: Ledger, task_id: str, within: float = 40) -> Execution:
    """The one execution of a task, once it has ended."""

    def found() -> list[Execution]:
        executions = ledger.executions(task_id)
        return executions if executions and executions[-1].ended else []

    (only,) = wait_for(f"the end of {task_id}", found, within)
    return only


@pytest.mark.parametrize(
    ("name", "args", "worker"),
    [
        ("feed.tasks.import_feed", ["anna", ["news: all well"]], "feeds"),
        ("web.tasks.notify_page", ["anna", "<hello>"], "web"),
        ("video.tasks.poster", ["anna", "a film", 90], "media"),
        ("gateway.tasks.covid_sms_send", ["anna", "hello"], "sms"),
        ("officialsnotification.tasks.worker", [], "default"),
        ("tasks.add", [4, 4], "default"),
    ],
)
def test_each_task_runs_once_in_the_worker_of_its_queue(
    app: Celery, ledger: Ledger, name: str, args: list[Any], worker: str
) -> None:
    execution = ended(ledger, send(app, name, args).id)
    assert (execution.worker.partition("@")[0], execution.outcome, execution.task) == (worker, "success", name)
    assert execution.sent is not None
    assert execution.sent < execution.started


def test_a_countdown_waits_in_the_broker_and_the_ledger_knows_the_queue(app: Celery, ledger: Ledger) -> None:
    execution = ended(ledger, send(app, "tasks.add", [4, 4], countdown=2).id)
    assert execution.sent is not None
    assert execution.started - execution.sent >= 2
    assert execution.queue == "default"


def test_a_task_that_fails_says_why_in_the_ledger_and_the_worker_goes_on(app: Celery, ledger: Ledger) -> None:
    failed = ended(ledger, send(app, "image.tasks.thumbnail", ["anna", "bm8gcGljdHVyZQ=="]).id)
    assert failed.outcome == "failure"
    assert "cannot identify image" in str(failed.error)
    assert ended(ledger, send(app, "video.tasks.poster", ["anna", "b", 3]).id).outcome == "success"


def test_what_a_worker_does_not_know_or_cannot_take_is_kept_and_the_worker_stays_up(
    app: Celery, ledger: Ledger
) -> None:
    unknown = app.send_task("feed.tasks.of_tomorrow", ["anna"])
    wrong = app.send_task("feed.tasks.render", ["anna"])
    dead = wait_for("the dead letter", lambda: queues_reached(app, ["feeds.dead"]), within=30)
    assert dead == {unknown.id: ["feeds.dead"]}
    assert "missing 1 required positional argument" in str(ended(ledger, wrong.id).error)
    assert ended(ledger, send(app, "feed.tasks.render", ["anna", []]).id).outcome == "success"


def test_route_says_which_rule_decides_and_where_a_task_really_goes(run: Any) -> None:
    done = run("route", "image.tasks.thumbnail")
    assert (done.returncode, done.stderr) == (0, "")
    assert "decides   regex" in done.stdout
    assert done.stdout.endswith("really went to: media\n")


def test_send_and_ledger_on_the_command_line(run: Any, ledger: Ledger) -> None:
    id = run("send", "tasks.add", "[4, 4]").stdout.strip()
    ended(ledger, id)
    (row,) = json.loads(run("ledger", id, "--json").stdout)
    assert (row["task_id"], row["outcome"]) == (id, "success")
    assert id in run("ledger", id).stdout
    wrong = run("send", "tasks.ad")
    assert (wrong.returncode, wrong.stdout) == (64, "")
    assert wrong.stderr == "celery_demo: there is no task 'tasks.ad'; did you mean tasks.add?\n"


def test_results_stand_in_kafka_under_the_contact(app: Celery, ledger: Ledger) -> None:
    """The delivery report is looked at: a success in the ledger means that Kafka has it."""
    from confluent_kafka import Consumer, TopicPartition

    contact = "contact-of-this-test"
    assert ended(ledger, send(app, "web.tasks.notify_page", [contact, "hello"]).id).outcome == "success"
    from kafka_demo import settings as kafka_settings

    kafka_settings.read.cache_clear()
    consumer = Consumer(
        {"bootstrap.servers": kafka_settings.read().bootstrap, "group.id": "t", "auto.offset.reset": "earliest"}
    )
    try:
        consumer.assign([TopicPartition("freblogg", number, 0) for number in range(6)])

        def found() -> bool:
            message = consumer.poll(0.2)
            return bool(message and not message.error() and message.key() == contact.encode())

        wait_for("the result in freblogg", found, within=30, every=0)
    finally:
        consumer.close()
