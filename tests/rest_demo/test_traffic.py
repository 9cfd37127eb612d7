"""The traffic: a client that survives whatever the balancer does."""

import itertools
from collections.abc import Callable
from dataclasses import replace
from threading import Event, Thread

import pytest

from lab.waiting import wait_for
from rest_demo import settings, traffic
from rest_demo.notifications.models import Notification
from tests.rest_demo.instances import Instance


def _to(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    told = replace(settings.read(), url=url)
    monkeypatch.setattr(settings, "read", lambda: told)


@pytest.mark.django_db(transaction=True)
def test_it_makes_notifications_of_all_kinds_and_says_who_took_them(
    instance: Callable[..., Instance], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _to(monkeypatch, instance("rest-7").url)
    stop = Event()
    running = Thread(target=traffic.run, args=(200.0, stop))
    running.start()
    wait_for("twelve notifications", lambda: Notification.objects.count() >= 12, within=60)
    stop.set()
    running.join()
    lines = capsys.readouterr().out.splitlines()
    assert all(line.endswith("rest-7 201") for line in lines)
    assert {line.split()[1].split(".")[0] for line in lines} == set(traffic.KINDS)


def test_without_a_balancer_it_says_so_and_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    _to(monkeypatch, "http://127.0.0.1:9")
    monkeypatch.setattr(traffic, "TRIES", 2)
    said = [traffic.post(order, Event()) for order in itertools.islice(traffic.orders(), 2)]
    assert all("no answer" in line for line in said)


@pytest.mark.django_db(transaction=True)
def test_a_notification_that_was_made_but_not_answered_is_not_made_again(
    instance: Callable[..., Instance], monkeypatch: pytest.MonkeyPatch
) -> None:
    _to(monkeypatch, instance("rest-7").url)
    order = next(traffic.orders())
    first, again = traffic._try_once(order, "key-1"), traffic._try_once(order, "key-1")
    assert (first[0].split()[-1], again[0].split()[-1]) == ("201", "200")
    assert Notification.objects.get().client_request == "key-1"
