"""/readyz, and how an instance ends: nobody who was let in is sent away."""

import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from lab.waiting import wait_for
from tests.rest_demo.instances import Instance

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_instance_with_all_its_neighbours_is_ready(instance: Callable[..., Instance]) -> None:
    answer = instance().client().get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"ready": True})


def test_an_instance_that_was_told_to_end_says_so_and_answers_what_is_still_asked(
    instance: Callable[..., Instance],
) -> None:
    one = instance()
    with one.client() as kept, ThreadPoolExecutor(2) as pool:
        assert kept.get("/readyz").status_code == 200
        under_way = pool.submit(lambda: one.client().get("/api/bottleneck/slot/?ms=1500"))
        wait_for("that request to be under way", lambda: _busy(one), within=30, every=0.05)
        one.process.send_signal(signal.SIGTERM)
        draining = wait_for("readyz to say so", lambda: _draining(kept), within=5, every=0.02)
        assert draining.json()["type"] == "urn:lab:rest:draining"
        assert kept.get("/livez").status_code == 200
        assert one.client().get("/api/bottleneck/slot/?ms=1").status_code == 200
        assert under_way.result().status_code == 200
    assert one.process.wait(timeout=20) == 0


def test_no_request_is_dropped_by_an_instance_that_ends(instance: Callable[..., Instance]) -> None:
    """Each on a connection of its own, as the balancer opens them: answered, or refused before it was sent."""
    one = instance()
    sent = {"answered": 0, "refused": 0}

    def post_until_refused(_: int) -> None:
        order = {"kind": "feed", "region": "north", "contact": "c-1", "text": "x"}
        while not sent["refused"]:
            try:
                answer = httpx.post(f"{one.url}/api/notifications/", json=order, timeout=30)
            except httpx.ConnectError:
                sent["refused"] += 1
            else:
                assert answer.status_code == 201
                sent["answered"] += 1

    with ThreadPoolExecutor(8) as pool:
        posting = [pool.submit(post_until_refused, number) for number in range(8)]
        wait_for("some to be answered", lambda: sent["answered"] > 20, within=60)
        one.process.send_signal(signal.SIGTERM)
        for done in posting:
            done.result()  # anything but an answer or a refusal is an error here
    assert sent["refused"] >= 1


def _draining(client: httpx.Client) -> httpx.Response | None:
    answer = client.get("/readyz")
    return answer if answer.status_code == 503 else None


def _busy(one: Instance) -> bool:
    return "bottleneck/slot" in one.log() or one.connections() > 1
