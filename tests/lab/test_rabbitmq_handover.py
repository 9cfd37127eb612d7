"""Which task of Celery a notification becomes, and the form in which it is sent."""

import base64
import io
import json

import pytest
from PIL import Image

from rabbitmq_demo.handover import EMBLEM, message, task_for
from rabbitmq_demo.notification import Notification, read
from rabbitmq_demo.topology import LEAVES


def notification(kind: str, **changed: str) -> Notification:
    body = {"id": "n-1", "kind": kind, "region": "north", "priority": "normal", "text": "a test", "contact": "C-7"}
    return read(json.dumps(body | changed).encode(), {})


@pytest.mark.parametrize(
    ("queue", "kind", "task", "to"),
    [
        ("feeds", "feed", "feed.tasks.render", "feeds"),
        ("web", "web", "web.tasks.notify_page", "web"),
        ("media", "video", "video.tasks.poster", "media"),
        ("media", "image", "image.tasks.thumbnail", "media"),
        ("sms", "gateway", "gateway.tasks.covid_sms_send", "sms-channel"),
        ("calls", "gateway", "gateway.tasks.covid_sms_send", "sms-channel"),
        ("desk-north", "officialsnotification", "officialsnotification.tasks.worker", "default"),
    ],
)
def test_each_queue_with_work_leads_to_a_task_for_the_contact(queue: str, kind: str, task: str, to: str) -> None:
    found = task_for(queue, notification(kind))
    assert found
    assert (found.name, found.queue, found.arguments[0]) == (task, to, "C-7")
    json.dumps(found.arguments)


def test_copies_that_are_only_read_lead_to_none() -> None:
    reading = {queue for queue in LEAVES if task_for(queue, notification("gateway")) is None}
    assert reading == {"sms-ru", "pager", "dashboard", "unrouted"}


def test_a_notification_without_a_contact_is_for_itself() -> None:
    assert task_for("web", notification("web", contact="")).arguments == ("n-1", "a test")  # type: ignore[union-attr]


def test_a_task_has_the_notifications_id_and_says_where_it_came_from() -> None:
    found = notification("web")
    headers, body = message(task_for("web", found), found, ["rest_demo.api@1.0"])  # type: ignore[arg-type]
    assert (headers["id"], headers["task"], headers["lang"]) == ("n-1", "web.tasks.notify_page", "py")
    assert (headers["hub"]["notification"], headers["hub"]["region"]) == ("n-1", "north")
    assert [hop.partition("@")[0] for hop in headers["hub"]["trace"]] == ["rest_demo.api", "rabbitmq_demo.handover"]
    assert json.loads(body)[:2] == [["C-7", "a test"], {}]


def test_the_emblem_is_a_picture() -> None:
    with Image.open(io.BytesIO(base64.b64decode(EMBLEM))) as picture:
        assert picture.size == (8, 8)
