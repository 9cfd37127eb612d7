"""The parts of the Celery demo that need no broker: routes, set-ups, and what a caller is told."""

import itertools
import re

import pytest
from celery import Celery
from kombu import Exchange

from celery_demo.dispatch import send
from celery_demo.errors import NotSent, WrongUsage
from celery_demo.image.tasks import shrunk
from celery_demo.routing import AS_DICT, ORDERED, Rule, explain
from celery_demo.settings import read
from celery_demo.setup import HUB, LARGEST, Setup, TaskQueue, build

NAMES = [
    f"{package}.tasks.{name}"
    for package in ("feed", "web", "video", "image", "gateway", "officialsnotification", "videos", "my.feed")
    for name in ("render", "a.b", "")
] + ["tasks.add", "feed.tasks", "feedxtasks.y", "video.tasks"]


@pytest.fixture(scope="module")
def app() -> Celery:
    return build(HUB, "memory://")


@pytest.mark.parametrize("name", NAMES)
def test_our_model_and_celery_agree_on_every_name(app: Celery, name: str) -> None:
    assert explain(name, ORDERED, HUB.default).queue == app.amqp.router.route({}, name)["queue"].name


@pytest.mark.parametrize("name", NAMES)
def test_the_dict_is_a_twin_of_the_ordered_list(name: str) -> None:
    ours = explain(name, ORDERED, "default").queue
    assert explain(name, list(AS_DICT.items()), "default").queue == ours


def test_exact_names_win_whatever_the_order_and_only_patterns_have_one() -> None:
    rules: list[Rule] = [
        ("feed.*", {"queue": "a"}),
        (re.compile(r"feed\.tasks"), {"queue": "b"}),
        ("feed.tasks.x", {"queue": "c"}),
        ("feed.task?.z", {"queue": "d"}),
    ]
    for order in itertools.permutations(rules):
        assert explain("feed.tasks.x", order, "default").queue == "c"
        first = next(queue["queue"] for key, queue in order if queue["queue"] in "ab" and key != "feed.tasks.x")
        assert explain("feed.tasks.z", order, "default").queue == first
    assert explain("feed.tasks.z", rules[3:], "default").queue == "default"


def test_the_call_wins_over_the_decorator_and_the_decorator_over_the_list() -> None:
    assert explain("feed.tasks.x", ORDERED, "default", own="sms-channel").queue == "sms-channel"
    found = explain("feed.tasks.x", ORDERED, "default", own="sms-channel", asked="web")
    assert (found.queue, found.decided_by.kind) == ("web", "call")


def test_a_route_tells_what_was_passed_over() -> None:
    found = explain("image.tasks.thumbnail", ORDERED, "default")
    assert [(rule.kind, rule.matched) for rule in found.looked] == [("glob", False), ("glob", False), ("regex", True)]


def test_a_set_up_travels_as_json() -> None:
    assert Setup.from_json(HUB.to_json()) == HUB
    changed = HUB.with_conf(task_acks_late=False)
    assert (changed.conf["task_acks_late"], HUB.conf["task_acks_late"]) == (False, True)


def test_no_routing_key_of_the_hub_is_the_end_of_another_ones_words() -> None:
    keys = [queue.key or queue.name for queue in HUB.queues]
    for one, other in itertools.permutations(keys, 2):
        assert one.split(".")[-len(other.split(".")) :] != other.split("."), (one, other)
    assert {queue.type for queue in HUB.queues} == {"quorum"}
    assert HUB.exchange_type == "topic"


def test_the_application_takes_json_only_and_makes_no_queue_by_itself(app: Celery) -> None:
    assert (app.conf.task_serializer, app.conf.accept_content) == ("json", ["json"])
    assert app.conf.broker_transport_options["confirm_publish"]
    assert not app.conf.task_create_missing_queues


def test_the_notes_tasks_are_there_under_their_own_names(app: Celery) -> None:
    assert app.tasks["gateway.tasks.covid_sms_send"].queue == "sms-channel"
    assert "officialsnotification.tasks.worker" in app.tasks
    added = app.tasks["tasks.add"]
    assert (added.run(4, 4)["sum"], added.run(1, 1)["calls"]) == (8, 2)


@pytest.mark.parametrize(
    ("name", "args", "options", "says"),
    [
        ("feed.tasks.rendr", [], {}, "did you mean feed.tasks.render"),
        ("feed.tasks.render", ["anna"], {}, "missing 1 required positional argument"),
        ("feed.tasks.render", ["anna", {1, 2}], {}, "cannot travel as JSON"),
        ("web.tasks.notify_page", ["anna", "x" * LARGEST], {}, "store it"),
        ("web.tasks.notify_page", ["anna", "x"], {"queue": "wbe"}, "wbe"),
    ],
)
def test_a_caller_who_is_wrong_is_told_so_before_anything_is_sent(
    app: Celery, name: str, args: list[object], options: dict[str, str], says: str
) -> None:
    with pytest.raises(NotSent, match=says):
        send(app, name, args, **options)


@pytest.mark.parametrize(
    ("variable", "value"),
    [("CELERY_BROKER_URL", "nonsense"), ("CELERY_DEMO_GATEWAY", "quick"), ("CELERY_DEMO_HEALTH", "8090")],
)
def test_a_variable_that_makes_no_sense_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(WrongUsage, match=variable):
        read.__wrapped__()


def test_a_picture_is_shrunk_and_what_is_none_is_refused() -> None:
    with pytest.raises(OSError, match="cannot identify"):
        shrunk(b"not a picture", 64)


def test_queues_without_dead_letters_name_none() -> None:
    exchange = Exchange("tasks", type="topic")
    assert "x-dead-letter-exchange" not in TaskQueue("a").declared(exchange).queue_arguments
    assert TaskQueue("a", "classic").declared(exchange).queue_arguments == {"x-queue-type": "classic"}
