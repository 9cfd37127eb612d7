"""Idempotency-Key: one request, however often it is sent, and to how many instances at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import psycopg
import pytest
from django.db import connection
from rest_framework.test import APIClient

from lab.waiting import wait_for
from rest_demo.notifications.models import IdempotencyKey, Notification, Outbox
from tests.rest_demo.instances import Instance

ORDER = {"kind": "feed", "region": "north", "contact": "c-1", "text": "once"}
PATH = "/api/notifications/"


def test_the_same_key_and_body_is_answered_as_before_and_makes_nothing(api: APIClient) -> None:
    first = api.post(PATH, ORDER, format="json", headers={"Idempotency-Key": "k"})
    again = api.post(PATH, dict(reversed(ORDER.items())), format="json", headers={"Idempotency-Key": "k"})
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.content == first.content
    assert (first.get("Idempotent-Replay"), again.get("Idempotent-Replay")) == (None, "true")
    assert (Notification.objects.count(), Outbox.objects.count()) == (1, 1)


def test_the_same_key_with_another_body_is_a_conflict(api: APIClient) -> None:
    api.post(PATH, ORDER, format="json", headers={"Idempotency-Key": "k"})
    other = api.post(PATH, ORDER | {"text": "twice"}, format="json", headers={"Idempotency-Key": "k"})
    assert (other.status_code, other.json()["type"]) == (409, "urn:lab:rest:key-reused")
    assert Notification.objects.count() == 1


def test_without_a_key_each_post_is_a_notification_of_its_own(api: APIClient) -> None:
    ids = {api.post(PATH, ORDER, format="json").data["id"] for _ in range(3)}
    assert len(ids) == 3


def test_a_request_that_was_refused_does_not_use_up_its_key(api: APIClient) -> None:
    refused = api.post(PATH, ORDER | {"kind": "?"}, format="json", headers={"Idempotency-Key": "k"})
    made = api.post(PATH, ORDER, format="json", headers={"Idempotency-Key": "k"})
    assert (refused.status_code, made.status_code) == (400, 201)


@pytest.mark.parametrize("key", ["", "with space", "x" * 201, "ключ"])
def test_what_is_no_key_is_refused(api: APIClient, key: str) -> None:
    refused = api.post(PATH, ORDER, format="json", headers={"Idempotency-Key": key})
    assert refused.status_code == 400
    assert Notification.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_posts_with_one_key_to_two_instances_at_once_make_one_notification(instance: Callable[..., Instance]) -> None:
    clients = [instance("rest-1").client(), instance("rest-2").client()]
    for round_number in range(10):
        headers = {"Idempotency-Key": f"k-{round_number}"}

        def send(client: httpx.Client, headers: dict[str, str] = headers) -> httpx.Response:
            return client.post(PATH, json=ORDER, headers=headers)

        with ThreadPoolExecutor(6) as pool:
            answers = list(pool.map(send, clients * 3))
        statuses = sorted(answer.status_code for answer in answers)
        assert statuses == [200] * 5 + [201]
        assert len({answer.content for answer in answers}) == 1
    assert (Notification.objects.count(), Outbox.objects.count()) == (10, 10)


@pytest.mark.django_db(transaction=True)
def test_while_another_request_holds_the_key_one_is_asked_to_come_again(instance: Callable[..., Instance]) -> None:
    """As when the instance that has it hangs in the middle of its transaction."""
    one = instance("rest-1")
    with _holding("k") as holder:
        told = one.client().post(PATH, json=ORDER, headers={"Idempotency-Key": "k"})
        assert (told.status_code, told.json()["type"]) == (409, "urn:lab:rest:key-in-use")
        assert int(told.headers["Retry-After"]) >= 1
        holder.rollback()
        made = one.client().post(PATH, json=ORDER, headers={"Idempotency-Key": "k"})
        assert made.status_code == 201


@pytest.mark.django_db(transaction=True)
def test_the_loser_goes_on_when_the_winner_takes_it_all_back(instance: Callable[..., Instance]) -> None:
    one = instance("rest-1")
    with _holding("k") as holder, ThreadPoolExecutor(1) as pool:
        answer = pool.submit(lambda: one.client().post(PATH, json=ORDER, headers={"Idempotency-Key": "k"}))
        wait_for("the request to wait for the key", lambda: _waiting_for_a_lock(holder), within=30, every=0.02)
        holder.rollback()
        assert answer.result().status_code == 201
    assert IdempotencyKey.objects.get(key="k").notification == Notification.objects.get()


def _holding(key: str) -> psycopg.Connection[Any]:
    """A connection with an open transaction that has taken the key."""
    parameters = connection.get_connection_params() | {"cursor_factory": None, "context": None}
    holder = psycopg.connect(**{name: value for name, value in parameters.items() if value is not None})
    holder.execute("set constraints all deferred")
    holder.execute(
        """insert into notifications_idempotencykey (key, fingerprint, notification_id, created)
           values (%s, '', '00000000-0000-0000-0000-000000000000', now())""",
        [key],
    )
    return holder


def _waiting_for_a_lock(holder: psycopg.Connection[Any]) -> bool:
    found = holder.execute("select count(*) from pg_locks where not granted").fetchone()
    return bool(found and found[0])
