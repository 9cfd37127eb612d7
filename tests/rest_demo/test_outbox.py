"""The outbox: nothing that is committed is lost, nothing that is not committed is sent."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Event, Thread

import pytest
from django.db import transaction
from django.utils import timezone
from rest_framework.test import APIClient

from lab.cluster.target import Target
from lab.faults import FAULTS, mend
from lab.waiting import wait_for
from rest_demo import broker, relay, settings
from rest_demo.notifications.models import IdempotencyKey, Notification, Outbox
from tests.rest_demo.conftest import database_url, messages
from tests.rest_demo.instances import Instance

ORDER = {"kind": "feed", "region": "north", "contact": "c-1", "text": "sent once it is committed"}
PATH = "/api/notifications/"

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def relaying(said: list[str] | None = None, number: int = 1) -> Iterator[list[relay.Relay]]:
    """Relays at work on the test database for the length of the body."""
    stop, told = Event(), said if said is not None else []
    tell: Callable[..., None] = lambda line, **_: told.append(line)  # noqa: E731
    relays = [relay.Relay(stop, tell, database_url()) for _ in range(number)]
    threads = [Thread(target=one.run) for one in relays]
    for thread in threads:
        thread.start()
    try:
        yield relays
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def _post(number: int) -> list[str]:
    api = APIClient()
    return [api.post(PATH, ORDER | {"text": f"{n}"}, format="json").data["id"] for n in range(number)]


def _all_are_sent() -> bool:
    return not Outbox.objects.filter(sent=None).exists()


def test_what_is_committed_is_sent_once_and_in_order(inbox: str) -> None:
    made = _post(250)
    with relaying():
        wait_for("the outbox to be empty", _all_are_sent, within=60)
    got = messages(inbox)
    assert [json.loads(message.body)["id"] for message in got] == made
    assert [message.properties["message_id"] for message in got] == made
    assert {message.properties["delivery_mode"] for message in got} == {2}


def test_several_relays_share_the_work_and_send_nothing_twice(inbox: str) -> None:
    made = _post(300)
    with relaying(number=3):
        wait_for("the outbox to be empty", _all_are_sent, within=60)
    assert sorted(message.properties["message_id"] for message in messages(inbox)) == sorted(made)


def test_what_is_rolled_back_is_never_sent(inbox: str) -> None:
    class TakenBack(Exception):
        pass

    with relaying() as relays:
        with pytest.raises(TakenBack), transaction.atomic():
            _post(3)
            raise TakenBack
        kept = _post(1)
        wait_for("the relay to send", lambda: relays[0].sent, within=30)
    assert [message.properties["message_id"] for message in messages(inbox)] == kept
    assert Notification.objects.count() == 1


def test_a_broker_that_is_down_delays_what_is_sent_and_loses_nothing(inbox: str, small_stack: Target) -> None:
    said: list[str] = []
    with relaying(said):
        before = _post(3)
        wait_for("the outbox to be empty", _all_are_sent, within=30)
        try:
            small_stack.kill("rabbitmq")
            while_down = _post(5)
            wait_for("the relay to say so", lambda: "trying again" in said[-1], within=30)
            assert Outbox.objects.filter(sent=None).count() == 5
        finally:
            mend(FAULTS["killed"], "rabbitmq", small_stack)
        wait_for("the outbox to be empty again", _all_are_sent, within=60)
    got = [message.properties["message_id"] for message in messages(inbox)]
    assert list(dict.fromkeys(got)) == before + while_down


def test_a_relay_survives_the_database(inbox: str, small_stack: Target) -> None:
    with relaying():
        _post(1)
        wait_for("the outbox to be empty", _all_are_sent, within=30)
        try:
            small_stack.kill("postgres")
        finally:
            mend(FAULTS["killed"], "postgres", small_stack)
        wait_for(
            "the database to take a notification",
            lambda: APIClient().post(PATH, ORDER, format="json").status_code == 201,
            within=30,
        )
        wait_for("the outbox to be empty again", _all_are_sent, within=60)
    assert len(messages(inbox)) == 2


def test_what_no_queue_takes_stays_in_the_outbox(inbox: str) -> None:
    with broker.connected(settings.read().broker) as connection:
        connection.channel().queue_unbind(inbox, broker.EXCHANGE, broker.ROUTING_KEY)
    _post(2)
    said: list[str] = []
    with relaying(said):
        wait_for("the relay to say so", lambda: any("reached no queue" in line for line in said), within=30)
        assert Outbox.objects.filter(sent=None).count() == 2
        with broker.connected(settings.read().broker) as connection:
            connection.channel().queue_bind(inbox, broker.EXCHANGE, broker.ROUTING_KEY)
        wait_for("the outbox to be empty", _all_are_sent, within=30)
    assert len(messages(inbox)) == 2


@pytest.mark.parametrize(("outbox", "sent"), [(True, 1), (False, 0)])
def test_without_the_outbox_a_notification_is_lost_that_was_made_while_no_broker_answered(
    inbox: str, instance: Callable[..., Instance], outbox: bool, sent: int
) -> None:
    options = json.dumps({"outbox": outbox})
    one = instance(REST_DEMO_OPTIONS=options, REST_DEMO_BROKER="amqp://lab:lab@127.0.0.1:9//")
    assert one.client().post(PATH, json=ORDER).status_code == 201
    with relaying() as relays:
        other = _post(1)
        wait_for("the relay to send", lambda: relays[0].sent > sent, within=30)
    got = [message.properties["message_id"] for message in messages(inbox)]
    assert (len(got), Notification.objects.count()) == (sent + 1, 2)
    assert got[-1:] == other


def test_without_the_outbox_a_notification_is_sent_by_the_request_itself(
    inbox: str, instance: Callable[..., Instance]
) -> None:
    made = instance(REST_DEMO_OPTIONS='{"outbox": false}').client().post(PATH, json=ORDER).json()
    assert [message.properties["message_id"] for message in messages(inbox)] == [made["id"]]
    assert Outbox.objects.count() == 0


def test_a_relay_that_has_nothing_to_do_keeps_its_connection(inbox: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody sends it anything but heartbeats, and it must have heard them."""
    monkeypatch.setattr(relay, "HEARTBEAT", 1)
    said: list[str] = []
    with relaying(said) as relays:
        began = time.monotonic()
        wait_for("several heartbeats' time", lambda: time.monotonic() - began > 6, within=30)
        _post(1)
        wait_for("the relay to send", lambda: relays[0].sent, within=30)
    assert [line for line in said if "trying again" in line] == []


def test_a_relay_forgets_what_was_sent_long_ago_and_keys_that_nobody_will_use_again(inbox: str) -> None:
    api = APIClient()
    for key in ("old", "new"):
        api.post(PATH, ORDER, format="json", headers={"Idempotency-Key": key})
    long_ago = timezone.now() - timedelta(days=2)
    old = IdempotencyKey.objects.get(key="old")
    IdempotencyKey.objects.filter(key="old").update(created=long_ago)
    Outbox.objects.filter(notification=old.notification).update(sent=long_ago)
    with relaying():
        wait_for("the outbox to be empty", _all_are_sent, within=30)
    assert list(IdempotencyKey.objects.values_list("key", flat=True)) == ["new"]
    assert Outbox.objects.count() == 1
    assert Notification.objects.count() == 2
