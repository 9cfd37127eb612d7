"""What each demo says of itself for the picture, from the real systems: true now, and old when its system is away."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import psutil
import pytest

from lab.cluster.target import Target
from lab.cluster.targets import open_target
from lab.faults import FAULTS, mend
from lab.waiting import wait_for
from tests.conftest import ROOT, Stack

Seen = dict[str, Any]
WITHIN = 120.0


class Watching:
    """`python -m lab.look` beside the stack, as the console and `lab watch` have it."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def next(self) -> Seen:
        assert self._process.stdout
        line = self._process.stdout.readline()
        assert line, "the look has ended"
        return json.loads(line)

    def until(self, what: str, condition: Callable[[Seen], Any], within: float = WITHIN) -> Seen:
        """The first object that meets the condition."""
        last: Seen = {}

        def met() -> Seen | None:
            nonlocal last
            last = self.next()
            return last if condition(last) else None

        return wait_for(what, met, within, every=0) or last

    def tell(self, **told: str) -> None:
        assert self._process.stdin
        self._process.stdin.write(json.dumps(told) + "\n")
        self._process.stdin.flush()

    def connections(self) -> set[int]:
        """The local ports of its TCP connections."""
        found = psutil.Process(self._process.pid).net_connections("tcp")
        return {one.laddr.port for one in found if one.status == psutil.CONN_ESTABLISHED}


@pytest.fixture
def watching(stack: Stack) -> Iterator[Watching]:
    with subprocess.Popen(
        [sys.executable, "-m", "lab.look"], cwd=ROOT, env=stack.environment, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as process:  # fmt: skip
        try:
            found = Watching(process)
            found.until("every part to be seen", all_well)
            yield found
        finally:
            process.terminate()


@pytest.fixture
def target(stack: Stack) -> Target:
    return open_target("local", stack.settings)


@contextmanager
def killed(target: Target, node: str) -> Iterator[None]:
    target.kill(node)
    try:
        yield
    finally:
        mend(FAULTS["killed"], node, target)


def all_well(seen: Seen) -> bool:
    parts = [seen[name] for name in ("kafka", "rabbitmq", "celery", "rest", "channels")]
    return all(part["age"] is not None and not part["error"] for part in parts)


def service(seen: Seen, name: str) -> Seen:
    return next(one for one in seen["services"] if one["name"] == name)


def test_a_whole_stack_is_seen_whole(watching: Watching) -> None:
    seen = watching.until("every worker's answer", lambda seen: all(one["alive"] for one in seen["celery"]["workers"]))
    assert seen["kafka"]["topic"] == "freblogg"
    assert [one["number"] for one in seen["kafka"]["partitions"]] == [0, 1, 2, 3, 4, 5]
    for one in seen["kafka"]["partitions"]:
        assert one["leader"] in one["replicas"]
        assert one["preferred"] == one["replicas"][0]
        assert set(one["in_sync"]) == {"kafka-1", "kafka-2"}
    assert {one["name"]: one["alive"] for one in seen["kafka"]["brokers"]} == {"kafka-1": True, "kafka-2": True}
    inbox = next(one for one in seen["rabbitmq"]["queues"] if one["name"] == "router.inbox")
    assert inbox["consumers"] == 1
    assert {"name": "hub", "type": "topic"} in seen["rabbitmq"]["exchanges"]
    assert seen["rabbitmq"]["version"][0].isdigit()
    assert {one["name"]: one["queues"] for one in seen["celery"]["workers"]} == {
        "feeds": ["feeds"], "web": ["web"], "media": ["media"], "sms": ["sms-channel"], "default": ["default"],
    }  # fmt: skip
    assert all(one["consumers"] == 1 for one in seen["celery"]["queues"])
    assert seen["rest"]["balancer"]
    assert seen["rest"]["instances"] == [{"name": f"rest-{n}", "alive": True, "ready": True} for n in (1, 2, 3)]
    assert [one["name"] for one in seen["channels"]["servers"]] == ["channels-1", "channels-2", "channels-uvicorn"]
    assert all(one["alive"] for one in seen["channels"]["servers"])
    assert {one["state"] for one in seen["services"]} <= {"running", "exited"}
    assert all(one["broken"] is None for one in seen["services"])


def test_a_notification_is_followed_from_the_outbox_to_the_backlog(watching: Watching, stack: Stack) -> None:
    before = watching.next()
    url = f"http://127.0.0.1:{stack.settings.variables['LAB_HTTP_PORT']}/api/notifications/"
    body = {"kind": "web", "region": "north", "contact": "C-1", "text": "hello"}
    id = httpx.post(url, json=body, timeout=30).raise_for_status().json()["id"]
    watching.tell(follow=id)
    seen = watching.until("it to be in the backlog", lambda seen: seen["followed"].get(id, {}).get("channels"))
    way = seen["followed"][id]
    assert way["rest"] == {"sent": True}
    assert (way["celery"]["worker"], way["celery"]["outcome"]) == ("web", "success")
    assert way["celery"]["started"] <= way["celery"]["ended"]
    partition, offset = way["celery"]["published"]
    assert way["channels"]["region"] == "north"
    after = watching.until(
        "the totals to grow",
        lambda seen: (
            all(seen["moved"][link] > before["moved"][link] for link in list(before["moved"])[:-1])
            and seen["kafka"]["partitions"][partition]["end"] > offset
        ),
    )
    assert after["moved"]["rest>rabbitmq"] == after["rest"]["accepted"] - after["rest"]["outbox"]
    watching.tell(forget=id)
    watching.until("it to be forgotten", lambda seen: id not in seen["followed"])


def test_a_look_keeps_its_connections(watching: Watching) -> None:
    before = watching.connections()
    began = watching.next()["at"]
    watching.until("ten seconds of looks", lambda seen: seen["at"] > began + 10)
    assert (
        len(watching.connections() - before) <= 2
    )  # Kafka's client may open one to a broker that it had not asked yet


def test_a_leaders_death_is_seen_as_a_process_first_and_then_as_the_controller_tells_it(
    watching: Watching, target: Target
) -> None:
    leader = watching.next()["kafka"]["partitions"][0]["leader"]
    with killed(target, leader):
        seen = watching.until("its process to be gone", lambda seen: service(seen, leader)["state"] == "exited")
        seen = watching.until(
            "the other to lead", lambda seen: seen["kafka"]["partitions"][0]["leader"] not in (leader, None)
        )
        assert seen["kafka"]["partitions"][0]["in_sync"] == [seen["kafka"]["partitions"][0]["leader"]]
        assert {"name": leader, "alive": False} in seen["kafka"]["brokers"]
        assert not seen["kafka"]["error"]
    watching.until(
        "both copies to be in sync", lambda seen: all(len(one["in_sync"]) == 2 for one in seen["kafka"]["partitions"])
    )


@pytest.mark.parametrize(
    ("node", "old", "whole"),
    [
        ("rabbitmq", ["rabbitmq", "celery"], ["kafka", "rest", "channels"]),
        ("redis", ["channels"], ["kafka", "rabbitmq", "celery", "rest"]),
        ("postgres", ["rest", "celery"], ["kafka", "rabbitmq", "channels"]),
    ],
)
def test_what_is_away_makes_its_own_part_old_and_no_other(
    watching: Watching, target: Target, node: str, old: list[str], whole: list[str]
) -> None:
    with killed(target, node):
        seen = watching.until("errors", lambda seen: all(seen[part]["error"] for part in old))
        grown = watching.until("them to grow old", lambda seen: all(seen[part]["age"] > 3 for part in old))
        assert all(grown[part]["error"] == "" and grown[part]["age"] < 30 for part in whole)
        if "rest" in old:
            assert seen["rest"]["instances"][0]["alive"]
        if node == "redis":
            assert [one["name"] for one in seen["channels"]["servers"]] == [
                "channels-1",
                "channels-2",
                "channels-uvicorn",
            ]
    watching.until("all to be well again", all_well)


def test_a_frozen_broker_holds_up_nobody_but_its_own_part(watching: Watching, target: Target) -> None:
    target.pause("rabbitmq")
    try:
        seen = watching.until("rabbitmq to grow old", lambda seen: (seen["rabbitmq"]["age"] or 0) > 4)
        assert seen["rabbitmq"]["error"]
        assert service(seen, "rabbitmq")["state"] == "paused"
        assert seen["kafka"]["error"] == ""
    finally:
        target.unpause("rabbitmq")
    watching.until("rabbitmq to be seen again", all_well)


def test_a_dead_worker_is_missed_and_its_queue_has_nobody(watching: Watching, target: Target) -> None:
    with killed(target, "celery-web"):
        seen = watching.until(
            "the worker to be missed",
            lambda seen: not next(one for one in seen["celery"]["workers"] if one["name"] == "web")["alive"],
        )
        assert next(one for one in seen["celery"]["queues"] if one["name"] == "web")["consumers"] == 0
        assert next(one for one in seen["celery"]["workers"] if one["name"] == "feeds")["alive"]
    watching.until("it to be back", lambda seen: all(one["alive"] for one in seen["celery"]["workers"]))


def test_it_costs_little(watching: Watching) -> None:
    """Memory is not a matter of how busy the machine is; the console's container has to hold it."""
    began = watching.next()["at"]
    watching.until("some looks", lambda seen: seen["at"] > began + 5)
    with open(f"/proc/{watching._process.pid}/status") as file:
        kilobytes = next(int(line.split()[1]) for line in file if line.startswith("VmRSS"))
    assert kilobytes < 90_000


def test_in_a_container_the_addresses_come_from_the_environment() -> None:
    told = dict(os.environ) | {
        "REST_DEMO_INSTANCES": "rest-1=http://rest-1:8000, rest-2=http://rest-2:8000",
        "CHANNELS_DEMO_SERVERS": "channels-1=http://channels-1:8000",
    }
    ask = (
        "from rest_demo import settings as r; from channels_demo import settings as c;"
        "print(dict(r.read().published), dict(c.read().servers))"
    )
    done = subprocess.run([sys.executable, "-c", ask], cwd=ROOT, env=told, capture_output=True, text=True, check=True)
    assert done.stdout.split(") (")[0].strip() == (
        "{'rest-1': 'http://rest-1:8000', 'rest-2': 'http://rest-2:8000'} {'channels-1': 'http://channels-1:8000'}"
    )
    for name in ("REST_DEMO_INSTANCES", "CHANNELS_DEMO_SERVERS"):
        wrong = subprocess.run(
            [sys.executable, "-c", ask], cwd=ROOT, env={**told, name: "rest-1"}, capture_output=True, text=True
        )
        assert f"{name}: rest-1=" in wrong.stderr
