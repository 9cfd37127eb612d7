"""The model and the real broker: they agree on any topology, and `route` says so."""

import base64
import json
import random
import subprocess
import sys
import urllib.request
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from kombu import Connection

from lab.cluster.target import Target
from lab.waiting import wait_for
from rabbitmq_demo import explain
from rabbitmq_demo.broker import connect, connected, release, tear
from rabbitmq_demo.errors import Disagreement
from rabbitmq_demo.grid import changed_by_hand, generate
from rabbitmq_demo.model import route
from rabbitmq_demo.topology import HUB, KINDS, TOPOLOGY
from rabbitmq_demo.twin import Twin
from tests.conftest import ROOT, Stack


@pytest.fixture
def connection(rabbitmq: Target) -> Iterator[Connection]:
    with connected("tests") as found:
        yield found


@given(draw=st.randoms(use_true_random=False))
@hypothesis_settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_model_and_the_broker_agree_on_any_topology(draw: random.Random, connection: Connection) -> None:
    topology, cases = generate(draw, messages=15)
    with Twin(topology, connection) as twin:
        reached = twin.route_all([(exchange, key, headers) for _, exchange, key, headers in cases])
    predicted = [route(topology, x, key, headers, release(connection)).queues for _, x, key, headers in cases]
    assert reached == predicted


def test_they_agree_on_a_thousand_messages_into_the_hub(connection: Connection) -> None:
    draw = random.Random(4)
    words = [*KINDS, "north", "south", "east", "urgent", "normal", "", "telegram"]

    def question() -> tuple[str, str, dict[str, object]]:
        key = [draw.choice(KINDS), draw.choice(("north", "south", "east")), draw.choice(("urgent", "normal"))]
        if draw.random() < 0.3:
            key = [draw.choice(words) for _ in range(draw.randint(0, 4))]
        values = {"channel": ("sms", "voice", 1), "language": ("ru", "en"), "flash": (True, False, 1, "true")}
        headers = {name: draw.choice(of) for name, of in values.items() if draw.random() < 0.6}
        return HUB, ".".join(key), headers

    questions = [question() for _ in range(1000)]
    with Twin(TOPOLOGY, connection) as twin:
        reached = twin.route_all(questions)
    assert reached == [route(TOPOLOGY, *asked, release(connection)).queues for asked in questions]
    assert len(set(reached)) > 10


def test_route_prints_every_step_and_that_both_agree(rabbitmq: Target, stack: Stack) -> None:
    done = run(stack, "route", "gateway.north.urgent", "--header", "channel=sms", "--header", "flash=true")
    assert done.returncode == 0, done.stderr
    assert "+ hub --*.*.urgent--> hub.urgent (an exchange): * is 'gateway', * is 'north'" in done.stdout
    assert "- hub --feed.#--> feeds: word 1 is 'gateway', not 'feed'" in done.stdout
    assert done.stdout.splitlines()[-2] == "our model: calls, dashboard, pager, sms"
    assert done.stdout.splitlines()[-1].endswith("says the same: calls, dashboard, pager, sms")


def test_route_is_an_error_when_the_broker_says_otherwise(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    explain.compare(connection, "feed.north.normal", {})
    monkeypatch.setattr(explain, "Twin", lambda topology, found: Twin(changed_by_hand(topology), found))
    with pytest.raises(Disagreement, match="our model says feeds"):
        explain.compare(connection, "feed.north.normal", {})
    assert Disagreement.exit_code == 1


def test_a_twin_leaves_nothing_behind_also_when_its_connection_is_torn(rabbitmq: Target, stack: Stack) -> None:
    def twins() -> list[str]:
        return [name for name in names(stack) if name.startswith("twin-")]

    with connected("tests") as found, Twin(TOPOLOGY, found) as twin:
        assert twin.route(HUB, "feed.north.normal") == {"feeds"}
        assert twins()
    assert twins() == []
    torn = connect("tests")
    Twin(TOPOLOGY, torn).route(HUB, "feed.north.normal")
    tear(torn)
    wait_for("the broker to have removed it", lambda: not twins(), within=10)


def names(stack: Stack) -> list[str]:
    """What exchanges and queues there are, as the broker's management says."""
    found = []
    for kind in ("exchanges", "queues"):
        port = stack.settings.variables["LAB_RABBITMQ_MANAGEMENT_PORT"]
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/api/{kind}?disable_stats=true&enable_queue_totals=true"
        )
        request.add_header("Authorization", f"Basic {base64.b64encode(b'lab:lab').decode()}")
        with urllib.request.urlopen(request) as answer:
            found += [one["name"] for one in json.load(answer)]
    return found


def run(stack: Stack, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "rabbitmq_demo", *arguments],
        cwd=ROOT, env=stack.environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
