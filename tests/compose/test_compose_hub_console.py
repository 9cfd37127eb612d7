"""The console on containers: it shows the hub, changes nothing, and goes on while a system under test is dead."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from tests.compose.conftest import Containers, made_whole
from tests.compose.test_compose_scenarios import lab, story

CONTAINER = "lab-93-console-1"
SEEN_WITHIN = 90
"""Seconds for a look at the hub to show what has happened; the session timeout is 3 s, and the machine may be busy."""


@pytest.fixture(scope="module")
def hub(containers: Containers) -> Containers:
    """Every service, up and whole."""
    return made_whole(containers, [])


@pytest.fixture
def console(hub: Containers) -> Iterator[httpx.Client]:
    """A client on this machine, at the published port."""
    with httpx.Client(base_url=f"http://{hub.target().urls()['console']}", timeout=60, trust_env=False) as client:
        yield client


def looked(client: httpx.Client, condition: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    """The first look at the hub that fulfils the condition; the last one, when none does in time."""
    look: dict[str, Any] = {}
    with client.stream("GET", "/api/look/events") as answer:
        began = None
        for line in answer.iter_lines():
            if line.startswith("data: "):
                look = json.loads(line.removeprefix("data: "))
                began = began or look["clock"]
                if condition(look) or look["clock"] > began + SEEN_WITHIN:
                    break
    return look


def alive(look: dict[str, Any]) -> dict[str, bool]:
    return {broker["name"]: broker["alive"] for broker in look["kafka"]["brokers"]}


def test_its_pages_answer_on_this_machine(console: httpx.Client) -> None:
    for path in ("/", "/scenarios", "/scenarios/kafka-leader-failover", "/runs", "/notes"):
        answer = console.get(path)
        assert answer.status_code == 200, (path, answer.text[:300])
        assert "text/html" in answer.headers["content-type"]


def test_it_sees_every_system_of_the_hub(console: httpx.Client) -> None:
    systems = ("kafka", "rabbitmq", "celery", "rest", "channels")
    look = looked(
        console, lambda look: all(look[name]["age"] is not None and not look[name]["error"] for name in systems)
    )
    assert {name: look[name]["error"] for name in systems} == dict.fromkeys(systems, "")
    assert alive(look) == {"kafka-1": True, "kafka-2": True}


def test_it_refuses_to_run_or_break_anything_and_says_which_command_does(console: httpx.Client) -> None:
    page = console.get("/").text
    token = re.search(r'name="csrf-token" content="([^"]+)"', page)
    assert token, page[:1000]
    own_page = {"X-CSRF-Token": token[1], "Origin": str(console.base_url).rstrip("/")}
    wanted = {"scenario": "rabbitmq-exchange-types", "variant": "main", "pace": "quick"}
    for path, body in (("/api/jobs", wanted), ("/api/break", {"fault": "kill", "node": "redis"}), ("/api/heal", {})):
        answer = console.post(path, json=body, headers=own_page)
        assert answer.status_code == 403, (path, answer.text)
        assert "bin/lab " in answer.text, (path, answer.text)


def test_it_shows_a_run_and_cannot_write_where_it_is_recorded(hub: Containers, console: httpx.Client) -> None:
    done = lab(hub, "run", "rabbitmq-exchange-types", "--pace", "quick", "--json")
    assert done.stdout, f"exit {done.returncode}: {done.stderr}"
    result = json.loads(done.stdout)
    assert result["as_expected"], story(result)
    name = result["run"].rpartition("/")[2]
    assert name in console.get("/runs").text
    assert console.get(f"/runs/{name}").status_code == 200
    assert console.get(f"/api/runs/{name}/verdict.json").json()["verdict"] == "HOLDS"
    assert hub.try_docker("exec", CONTAINER, "touch", f"/app/runs/{name}/history.jsonl").returncode != 0


def test_a_killed_broker_is_seen_and_blinds_it_for_nothing(hub: Containers, console: httpx.Client) -> None:
    target = hub.target()
    target.kill("kafka-1")
    try:
        assert alive(looked(console, lambda look: not alive(look).get("kafka-1", True))) == {
            "kafka-1": False, "kafka-2": True,
        }  # fmt: skip
        assert console.get("/").status_code == 200
        assert target.status_of("console").health == "healthy"
    finally:
        target.start("kafka-1")
    assert alive(looked(console, lambda look: all(alive(look).values()))) == {"kafka-1": True, "kafka-2": True}


def test_it_has_kept_within_its_memory(hub: Containers) -> None:
    """After all of the above. The kernel's own peak counts files that it would give up."""
    found = json.loads(hub.docker("inspect", CONTAINER))[0]
    assert not found["State"]["OOMKilled"]
    assert found["RestartCount"] == 0


def test_down_v_leaves_no_container_volume_or_network(hub: Containers) -> None:
    assert all(hub.names(kind) for kind in ("container", "volume", "network"))
    hub.compose("down", "-v")
    assert {kind: hub.names(kind) for kind in ("container", "volume", "network")} == {
        "container": [], "volume": [], "network": [],
    }  # fmt: skip


def test_it_starts_while_everything_that_it_shows_is_down(hub: Containers) -> None:
    hub.compose("down", "--volumes")
    hub.compose("up", "--wait", "console")
    assert [status.name for status in hub.target().status() if status.state == "running"] == ["console"]
    with httpx.Client(base_url=f"http://{hub.target().urls()['console']}", timeout=60, trust_env=False) as client:
        assert client.get("/").status_code == 200
        look = looked(client, lambda look: look["kafka"]["error"] not in ("", "not asked yet"))
    assert look["kafka"]["error"]
