"""What goes wrong is told as a problem, whatever it is, and never with a traceback."""

import json
from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from rest_demo.contacts.models import Contact
from tests.rest_demo.instances import Instance

JSON = "application/json"
NOBODY = "127.0.0.1:9"  # nothing listens there
PATH = "/api/notifications/"


@pytest.mark.parametrize(
    ("method", "path", "body", "content_type", "status"),
    [
        ("get", "/nothing/here", None, None, 404),
        ("get", "/api/contacts/nobody/", None, None, 404),
        ("get", "/api/notifications/" + "0" * 32 + "/", None, None, 404),
        ("get", "/api/notifications/not-an-id/", None, None, 404),
        ("delete", PATH, None, None, 405),
        ("post", PATH, b"{", JSON, 400),
        ("post", PATH, b"", JSON, 400),
        ("post", PATH, b"[]", JSON, 400),
        ("post", PATH, b"[" * 50_000, JSON, 400),
        ("post", PATH, b'{"text": NaN}', JSON, 400),
        ("post", PATH, b'{"text": "\xff"}', JSON, 400),
        ("post", PATH, b'{"kind":"feed","region":"north","contact":"c","text":"\\ud800"}', JSON, 400),
        ("post", PATH, b'{"text": ' + b"1" * 5000 + b"}", JSON, 400),
        ("post", PATH, b"x" * 300_000, JSON, 413),
        ("post", PATH, b"a=1", "application/x-www-form-urlencoded", 415),
        ("get", "/api/priority/?kind=feed", None, None, 400),
        ("get", "/api/priority/?kind=feed&region=north&recipients=0", None, None, 400),
        ("get", "/api/rules/?limit=x", None, None, 400),
        ("get", "/api/contacts/?search=%00", None, None, 400),
        ("get", "/api/bottleneck/slot/?ms=99999", None, None, 400),
    ],
)
def test_a_wrong_request_is_answered_with_a_problem(
    api: APIClient, method: str, path: str, body: bytes | None, content_type: str | None, status: int
) -> None:
    answer = api.generic(method.upper(), path, body or b"", content_type=content_type or "")
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    found = answer.json()
    assert found["status"] == status
    assert found["instance"] == answer["X-Request-Id"]
    assert {"type", "title", "detail"} <= set(found)
    assert "Traceback" not in answer.content.decode()


def test_a_client_that_takes_no_json_is_told_so_in_json(api: APIClient) -> None:
    refused = api.get(PATH, headers={"Accept": "text/html"})
    assert (refused.status_code, refused["Content-Type"]) == (406, "application/problem+json")


def test_a_host_that_cannot_be_one_is_refused(api: APIClient) -> None:
    refused = api.get(PATH, headers={"Host": "a b"})
    assert (refused.status_code, refused["Content-Type"]) == (400, "application/problem+json")


def test_two_who_make_the_same_contact_at_one_moment_are_told_of_a_conflict(
    api: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    from rest_demo.contacts.api import ContactSerializer

    contact = {"code": "c-1", "full_name": "A B", "region": "north"}
    Contact.objects.create(**contact)
    monkeypatch.setattr(ContactSerializer, "run_validation", lambda self, data: contact)  # it was not there yet
    refused = api.post("/api/contacts/", contact, format="json")
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:lab:rest:conflict")


def test_an_error_of_ours_shows_nothing_of_itself(monkeypatch: pytest.MonkeyPatch, db: None) -> None:
    from rest_demo.notifications import bottleneck

    def fail(ms: int) -> None:
        raise ZeroDivisionError("a secret")

    monkeypatch.setattr(bottleneck, "hold", fail)
    client = APIClient(raise_request_exception=False)
    answer = client.get("/api/bottleneck/slot/")
    assert (answer.status_code, answer["Content-Type"]) == (500, "application/problem+json")
    assert "secret" not in answer.content.decode()


@pytest.mark.django_db(transaction=True)
def test_without_a_neighbour_exactly_those_endpoints_fail_that_need_it(instance: Callable[..., Instance]) -> None:
    """By `dependencies.NEEDS`; the scenarios do the same with neighbours that die."""
    gone = {
        "database": instance("without-database", REST_DEMO_DATABASE=f"postgresql://lab:lab@{NOBODY}/lab"),
        "cache": instance("without-cache", REST_DEMO_CACHE=f"redis://{NOBODY}/1"),
        "broker": instance("without-broker", REST_DEMO_BROKER=f"amqp://lab:lab@{NOBODY}//"),
    }
    order = {"kind": "feed", "region": "north", "contact": "c-1", "text": "x", "priority": "normal"}
    asked = [
        ("GET", "/livez", None, set()),
        ("GET", "/readyz", None, {"database", "cache", "broker"}),
        ("GET", "/api/notifications/", None, {"database"}),
        ("POST", "/api/notifications/", order, {"database"}),
        ("POST", "/api/bottleneck/lock/?ms=0", None, {"database"}),
        ("GET", "/api/bottleneck/slot/?ms=0", None, set()),
        ("GET", "/api/contacts/", None, {"database"}),
        ("GET", "/api/contacts/?search=x", None, {"database", "cache"}),
    ]
    for missing, one in gone.items():
        client = one.client()
        for method, path, body, needs in asked:
            answer = client.request(method, path, json=body)
            assert (answer.status_code >= 500) == (missing in needs), (missing, path, answer.text)
            assert "Traceback" not in answer.text
            if missing in needs:
                assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
                assert answer.headers["Content-Type"] == "application/problem+json"
                assert missing in json.dumps(answer.json())


@pytest.mark.django_db(transaction=True)
def test_an_instance_that_starts_without_a_database_does_not_guess_its_rule(instance: Callable[..., Instance]) -> None:
    one = instance(REST_DEMO_DATABASE=f"postgresql://lab:lab@{NOBODY}/lab").client()
    assert one.get("/api/priority/?kind=feed&region=north").status_code == 503
