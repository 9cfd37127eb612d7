"""Each scenario on real brokers, at quick pace: as expected in its main, its control and its breaking variant."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from lab import demos
from lab.history import History
from lab.runner import judged
from lab.scenario import Scenario
from tests.conftest import Stack
from tests.run_folder import undocumented

VARIANTS = {"main": [], "control": ["--control"], "breaks": ["--breaks"]}
CHOSEN = {"main": ["main"], "rest": ["control", "breaks"], "all": ["main", "control", "breaks"]}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test for each scenario and wanted variant."""
    if {"scenario", "variant"} <= set(metafunc.fixturenames):
        variants = CHOSEN[metafunc.config.getoption("--variants")]
        pairs = [(scenario, variant) for scenario in demos.scenarios() for variant in variants]
        metafunc.parametrize(("scenario", "variant"), pairs, ids=[f"{s.name}-{v}" for s, v in pairs])


def test_a_scenario_is_as_expected(stack: Stack, scenario: Scenario, variant: str) -> None:
    code, result = stack.lab_json("run", scenario.name, "--pace", "quick", *VARIANTS[variant])
    assert result["as_expected"], _story(result)
    assert code == 0
    assert result["verdict"] == ("BROKEN" if variant == "breaks" else "HOLDS")
    if variant != "control":
        assert all(fault["felt"] is not None and fault["mended"] is not None for fault in result["faults"])
    if variant == "breaks":
        broken = {finding["check"]: finding for finding in result["findings"] if finding["verdict"] == "BROKEN"}
        assert set(scenario.breaks) <= set(broken)
        assert all(broken[name]["witnesses"] for name in scenario.breaks)
    _the_record_gives_the_same_verdict(scenario, result)
    assert undocumented(Path(result["run"])) == []


def _the_record_gives_the_same_verdict(scenario: Scenario, result: dict[str, Any]) -> None:
    """As `lab check` does it; here, since each command of the lab first imports every demo, which takes a second."""
    folder = Path(result["run"])
    again = judged(History.load(folder / "history.jsonl"), scenario, folder)
    assert json.loads(msgspec.json.encode(again)) == result == json.loads((folder / "verdict.json").read_text())


def _story(result: dict[str, Any]) -> str:
    lines = [f"{finding['verdict']:8} {finding['check']}: {finding['says']}" for finding in result["findings"]]
    return "\n".join([f"{result['verdict']}, expected {result['expected']}; run {result['run']}", *lines])
