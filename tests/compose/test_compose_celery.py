"""Celery on the brokers of docker-compose.yml: RabbitMQ 4.3, where a countdown blocks workers by default; Redis 8."""

import json
from collections.abc import Sequence

import pytest

from tests.compose.conftest import Containers
from tests.compose.test_compose_scenarios import lab, story

BROKERS = ("rabbitmq", "redis", "postgres")
RUNS = [
    ("celery-eta-blocks-worker", []),
    ("celery-kill-matrix", []),
    ("celery-poison-task", []),
    ("celery-suffix-collision", ["--breaks"]),
]


@pytest.fixture(scope="module")
def brokers(containers: Containers) -> Containers:
    """Brokers and ledger alone: the scenarios start workers of their own, on this machine."""
    containers.compose("stop")
    done = lab(containers, "up", *BROKERS, "--target", "compose")
    assert done.returncode == 0, done.stderr
    return containers


@pytest.mark.parametrize(("name", "options"), RUNS, ids=[" ".join([name, *options]) for name, options in RUNS])
def test_a_scenario_is_as_expected_on_rabbitmq_4(brokers: Containers, name: str, options: Sequence[str]) -> None:
    done = lab(brokers, "run", name, "--pace", "quick", "--json", *options)
    assert done.stdout, f"exit {done.returncode}: {done.stderr}"
    result = json.loads(done.stdout)
    assert result["as_expected"], story(result)
    assert result["versions"]["rabbitmq"].startswith("4."), result["versions"]


def test_a_worker_of_the_stack_is_healthy_and_was_started_once(brokers: Containers) -> None:
    done = lab(brokers, "up", "celery-default", "--target", "compose")
    assert done.returncode == 0, done.stderr
    found = brokers.compose("ps", "--format", "{{.Name}}", "celery-default").split()
    assert brokers.docker("inspect", "-f", "{{.State.Health.Status}} {{.RestartCount}}", *found).strip() == "healthy 0"
