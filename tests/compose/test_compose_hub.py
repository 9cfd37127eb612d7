"""The whole hub on containers: REST behind nginx, sockets behind nginx, and a notification through all five systems."""

import json
from collections.abc import Sequence

import pytest

from tests.compose.conftest import Containers, made_whole
from tests.compose.test_compose_scenarios import lab, story

RUNS = [
    ("hub-end-to-end", []),
    ("rest-instance-dies", []),
    ("rest-single-point-of-failure", []),
    ("rest-outbox", []),
    ("channels-scope", []),
    ("channels-redis-restart", []),
]


@pytest.fixture(scope="module")
def hub(containers: Containers) -> Containers:
    """Every service, up and whole."""
    return made_whole(containers, [])


@pytest.mark.parametrize(("name", "options"), RUNS, ids=[" ".join([name, *options]) for name, options in RUNS])
def test_a_scenario_of_the_hub_is_as_expected(hub: Containers, name: str, options: Sequence[str]) -> None:
    done = lab(hub, "run", name, "--pace", "quick", "--json", *options, within=600)
    assert done.stdout, f"exit {done.returncode}: {done.stderr}"
    result = json.loads(done.stdout)
    assert result["as_expected"], story(result)
    assert result["target"] == "compose"


def test_no_service_ran_out_of_memory_and_no_app_had_to_be_started_again(hub: Containers) -> None:
    for container in json.loads(hub.docker("inspect", *hub.names("container"))):
        assert not container["State"]["OOMKilled"], container["Name"]
        assert container["RestartCount"] == 0, container["Name"]
