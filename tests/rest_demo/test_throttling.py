"""The throttle counts in the cache that all instances share, by the address that the balancer saw."""

from collections.abc import Callable

import pytest
from django.test import RequestFactory

from rest_demo.throttling import SearchThrottle, address
from tests.rest_demo.instances import Instance

FROM = {"X-Forwarded-For": "192.0.2.7"}


@pytest.mark.usefixtures("searches")
@pytest.mark.django_db(transaction=True)
def test_two_instances_together_let_an_address_search_thirty_times(instance: Callable[..., Instance]) -> None:
    clients = [instance("rest-1").client(), instance("rest-2").client()]
    answers = [clients[number % 2].get("/api/contacts/?search=x", headers=FROM) for number in range(40)]
    assert [answer.status_code for answer in answers] == [200] * 30 + [429] * 10
    told = answers[-1]
    assert told.headers["Content-Type"] == "application/problem+json"
    assert 1 <= int(told.headers["Retry-After"]) <= SearchThrottle.seconds


@pytest.mark.usefixtures("searches")
@pytest.mark.django_db(transaction=True)
def test_only_searches_count_and_each_address_for_itself(instance: Callable[..., Instance]) -> None:
    client = instance("rest-1").client()
    for _ in range(31):
        client.get("/api/contacts/?search=x", headers=FROM)
    assert client.get("/api/contacts/?search=x", headers=FROM).status_code == 429
    assert client.get("/api/contacts/", headers=FROM).status_code == 200
    assert client.get("/api/contacts/?search=x", headers={"X-Forwarded-For": "192.0.2.8"}).status_code == 200


@pytest.mark.parametrize(
    ("forwarded", "seen"),
    [(None, "127.0.0.1"), ("192.0.2.1", "192.0.2.1"), ("6.6.6.6, 192.0.2.1", "192.0.2.1"), (" ", "127.0.0.1")],
)
def test_an_address_is_the_one_that_the_nearest_balancer_saw(forwarded: str | None, seen: str) -> None:
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    assert address(RequestFactory().get("/", headers=headers)) == seen
