"""/api/notifications/, as a client sees it."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from rest_demo.notifications.models import Notification, Outbox

ORDER = {"kind": "feed", "region": "north", "contact": "c-1", "text": "a new study is out"}


def test_a_notification_is_made_and_found_where_the_answer_says(api: APIClient) -> None:
    made = api.post("/api/notifications/", ORDER, format="json")
    assert made.status_code == 201
    assert {name: made.data[name] for name in ORDER} == ORDER
    found = api.get(made["Location"])
    assert found.status_code == 200
    assert found.json() == made.json()
    assert found["X-Instance"] == "rest"


def test_an_answer_bears_the_request_id_that_came_and_makes_one_where_none_did(api: APIClient) -> None:
    assert api.get("/livez", headers={"X-Request-Id": "r-1"})["X-Request-Id"] == "r-1"
    made_up = {api.get("/livez")["X-Request-Id"], api.get("/livez", headers={"X-Request-Id": "no id"})["X-Request-Id"]}
    assert len(made_up) == 2
    assert "no id" not in made_up


def test_without_a_priority_the_servers_rule_decides(api: APIClient) -> None:
    def priority(**more: str) -> str:
        return str(api.post("/api/notifications/", ORDER | more, format="json").data["priority"])

    assert priority() == "normal"
    assert priority(kind="officialsnotification") == "urgent"
    assert priority(kind="officialsnotification", priority="normal") == "normal"


def test_what_goes_to_the_hub_is_what_rabbitmqs_demo_reads(api: APIClient) -> None:
    from rabbitmq_demo.notification import read

    order = ORDER | {"kind": "gateway", "channel": "sms", "language": "ru", "flash": True, "priority": "urgent"}
    made = api.post("/api/notifications/", order, format="json")
    message = Outbox.objects.get(notification_id=made.data["id"])
    read_there = read(message.body.encode(), message.headers)
    assert (read_there.id, read_there.key) == (made.data["id"], "gateway.north.urgent")
    assert read_there.headers == {"channel": "sms", "language": "ru", "flash": True}
    assert message.headers["trace"][0].startswith("rest_demo.api@")
    assert message.sent is None


def test_the_id_that_a_client_gave_its_request_is_kept_with_the_notification(api: APIClient) -> None:
    api.post("/api/notifications/", ORDER, format="json", headers={"X-Client-Request": "client-7:42"})
    assert Notification.objects.filter(client_request="client-7:42").count() == 1


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"kind": "telegram"}, "kind"), ({"region": "North"}, "region"), ({"region": "north\n"}, "region"),
        ({"region": ""}, "region"), ({"priority": "high"}, "priority"), ({"contact": "a b"}, "contact"),
        ({"text": "x" * 2001}, "text"), ({"text": "\x00"}, "text"), ({"text": None}, "text"),
        ({"channel": "pigeon"}, "channel"), ({"language": "RUS"}, "language"), ({"flash": "perhaps"}, "flash"),
    ],
)  # fmt: skip
def test_a_wrong_field_is_named_and_nothing_is_written(api: APIClient, wrong: dict[str, Any], field: str) -> None:
    refused = api.post("/api/notifications/", ORDER | wrong, format="json")
    assert refused.status_code == 400
    assert list(refused.json()["errors"]) == [field]
    assert (Notification.objects.count(), Outbox.objects.count()) == (0, 0)


def test_pages_go_from_the_newest_to_the_oldest_and_miss_none_while_more_come(api: APIClient) -> None:
    made = [api.post("/api/notifications/", ORDER, format="json").data["id"] for _ in range(7)]
    page = api.get("/api/notifications/?limit=3").json()
    seen = [row["id"] for row in page["results"]]
    while page["next"]:
        api.post("/api/notifications/", ORDER, format="json")
        page = api.get(page["next"]).json()
        seen += [row["id"] for row in page["results"]]
    assert seen == made[::-1]


@pytest.mark.parametrize("limit", ["0", "101", "-1", "ten", "", "1e1", "٣"])
def test_a_limit_that_is_none_is_refused(api: APIClient, limit: str) -> None:
    refused = api.get("/api/notifications/", {"limit": limit})
    assert refused.status_code == 400
    assert list(refused.json()["errors"]) == ["limit"]


@pytest.mark.parametrize("cursor", ["x", "cD1hYmM=", "cD0yMDI2LTEzLTQw", "bz05OTk5OTk5OTk5OTk5OTk5OTk5OTk5", "%00"])
@pytest.mark.parametrize("path", ["/api/notifications/", "/api/contacts/"])
def test_a_cursor_that_somebody_made_up_is_no_error_of_ours(api: APIClient, path: str, cursor: str) -> None:
    assert api.get(path, {"cursor": cursor}).status_code in (200, 404)


def test_a_notification_cannot_be_changed_or_removed(api: APIClient) -> None:
    made = api.post("/api/notifications/", ORDER, format="json")
    assert api.put(made["Location"], ORDER, format="json").status_code == 405
    assert api.delete(made["Location"]).status_code == 405
