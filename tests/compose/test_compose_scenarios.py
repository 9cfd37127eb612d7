"""The Kafka scenarios on containers: as expected there as on plain processes."""

import json
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

import pytest

from lab import demos
from tests.compose.conftest import KAFKA, ROOT, Containers

RUNS = [
    ("kafka-leader-failover", []),
    ("kafka-leader-failover", ["--control"]),
    ("kafka-leader-failover", ["--breaks"]),
    ("kafka-graceful-vs-crash", []),
    ("kafka-partition-distribution", []),
]


def lab(containers: Containers, *arguments: str, within: float = 300) -> subprocess.CompletedProcess[str]:
    """`lab ARGUMENTS` as a person would give it, on the project of the tests."""
    return subprocess.run(
        [sys.executable, "-m", "lab", *arguments],
        cwd=ROOT, env=dict(containers.settings.variables), capture_output=True, text=True, timeout=within, check=False,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip


@pytest.fixture(scope="module")
def stopped(containers: Containers) -> Containers:
    """The engine, with nothing running: each test starts what it needs, the rest would only disturb on 2 cores."""
    containers.compose("stop")
    return containers


def start(containers: Containers, *nodes: str) -> None:
    """`lab up NODES`, with the fast preset."""
    done = lab(containers, "up", *nodes, "--target", "compose", "--preset", "fast")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(("name", "options"), RUNS, ids=[" ".join([name, *options]) for name, options in RUNS])
def test_a_scenario_is_as_expected_on_containers(stopped: Containers, name: str, options: Sequence[str]) -> None:
    start(stopped, *demos.scenario_named(name).nodes)
    done = lab(stopped, "run", name, "--pace", "quick", "--json", *options)
    assert done.stdout, f"exit {done.returncode}: {done.stderr}"
    result = json.loads(done.stdout)
    assert result["as_expected"], story(result)
    assert done.returncode == 0
    assert result["target"] == "compose"
    assert result["verdict"] == ("BROKEN" if "--breaks" in options else "HOLDS")
    if "--control" not in options:
        assert all(fault["felt"] is not None and fault["mended"] is not None for fault in result["faults"])


def test_broken_by_hand_healed_and_taken_down(stopped: Containers) -> None:
    start(stopped, *KAFKA)
    assert lab(stopped, "break", "pause", "kafka-1").returncode == 0
    broken = lab(stopped, "status", "--json")
    assert broken.returncode == 69
    assert [fault["node"] for fault in json.loads(broken.stdout)["open_faults"]] == ["kafka-1"]
    assert lab(stopped, "heal").returncode == 0
    shown = json.loads(lab(stopped, "status", "--json").stdout)
    assert shown["open_faults"] == []
    assert {s["health"] for s in shown["services"] if s["name"] in KAFKA} == {"healthy", "completed"}
    assert lab(stopped, "down", "--volumes").returncode == 0
    assert {kind: stopped.names(kind) for kind in ("container", "volume", "network")} == {
        "container": [], "volume": [], "network": [],
    }  # fmt: skip


def story(result: dict[str, Any]) -> str:
    """Why a run was not as expected, from its findings."""
    lines = [f"{finding['verdict']:8} {finding['check']}: {finding['says']}" for finding in result["findings"]]
    return "\n".join([f"{result['verdict']}, expected {result['expected']}; run {result['run']}", *lines])
