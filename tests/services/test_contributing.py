"""CONTRIBUTING.md's scenario is taken out of the page, put into a demo of its own, and run on a real broker."""

import ast
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT, Stack
from tests.markdown import blocks
from tests.rules import RULES, Source

DEMO = "page_demo"
START = f"import lab.demos; lab.demos.DEMOS += ('{DEMO}',); from lab.cli import main; main()"
"""The lab with one demo more."""

[SCENARIO] = blocks((ROOT / "CONTRIBUTING.md").read_text(), "python")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder to import from, which holds a demo with the page's scenario alone."""
    folder = tmp_path_factory.mktemp("demos")
    scenarios = folder / DEMO / "scenarios"
    scenarios.mkdir(parents=True)
    (folder / DEMO / "__init__.py").touch()
    (scenarios / "persistent.py").write_text(SCENARIO)
    (scenarios / "__init__.py").write_text(
        f"from {DEMO}.scenarios.persistent import persistent\n\nSCENARIOS = [persistent]\n"
    )
    return folder


def lab(stack: Stack, demo: Path, *arguments: str) -> tuple[int, Any]:
    """Exit code and JSON answer of the lab that has this demo too."""
    done = subprocess.run(
        [sys.executable, "-P", "-c", START, *arguments, "--json"],
        cwd=ROOT, env=stack.environment | {"PYTHONPATH": os.pathsep.join([str(demo), str(ROOT)])},
        capture_output=True, text=True, timeout=300, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


@pytest.mark.parametrize("variant", ["main", "control", "breaks"])
def test_the_scenario_of_the_page_is_as_expected(stack: Stack, demo: Path, variant: str) -> None:
    how = [] if variant == "main" else [f"--{variant}"]
    code, result = lab(stack, demo, "run", "rabbitmq-persistent", "--pace", "quick", *how)
    assert (code, result["as_expected"]) == (0, True), result["findings"]
    assert result["verdict"] == ("BROKEN" if variant == "breaks" else "HOLDS")
    words = {finding["check"]: finding["counts"] for finding in result["findings"]}
    assert words["nothing_confirmed_is_lost"]["lost"] == (100 if variant == "breaks" else 0)
    code, again = lab(stack, demo, "check", result["run"])
    assert (code, again) == (0, result)


def test_the_scenario_of_the_page_obeys_the_rules_and_has_at_most_fifty_lines_of_code() -> None:
    source = Source("rabbitmq_demo/scenarios/persistent.py", SCENARIO)
    assert f"`{source.path}`" in (ROOT / "CONTRIBUTING.md").read_text()
    assert not (ROOT / source.path).exists(), "the page shows a scenario that is one of ours by now"
    assert [wrong for rule in RULES for wrong in rule(source)] == []
    code = SCENARIO.replace(f'"""{ast.get_docstring(source.tree, clean=False)}"""', "")
    assert code != SCENARIO
    assert len([line for line in code.splitlines() if line.strip()]) <= 50
    for command in (["check"], ["format", "--check"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--stdin-filename", source.path, "-"],
            cwd=ROOT, input=SCENARIO, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
