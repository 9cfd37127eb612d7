"""The stack that the tests share, and the options of the test run.

It is a stack of its own (block 91: other addresses, ports and state folder), so a stack that you have running is never
touched. It is started once, when the first test asks for it, and removed at the end.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from lab import settings as environment
from lab.cluster.targets import open_target
from lab.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
BLOCK = 91


def pytest_addoption(parser: pytest.Parser) -> None:
    """Which runs of a scenario are wanted: its main variant, the other two ("rest"), or all three. And pictures."""
    parser.addoption("--variants", choices=("main", "rest", "all"), default="main", help="which variants of a scenario")
    parser.addoption("--screenshots", action="store_true", help="let the tests of pages write docs/screenshots/*.png")


@dataclass(frozen=True)
class Stack:
    """A running stack and the command line that is pointed at it."""

    settings: Settings

    def lab(self, *arguments: str, within: float = 300) -> subprocess.CompletedProcess[str]:
        """Run `lab ARGUMENTS` as a person would, and return its exit code and both outputs."""
        return subprocess.run(
            [sys.executable, "-m", "lab", *arguments],
            cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=within, check=False,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip

    def lab_json(self, *arguments: str) -> tuple[int, Any]:
        """The exit code and the JSON answer of `lab ARGUMENTS --json`."""
        done = self.lab(*arguments, "--json")
        assert done.stdout, f"no answer; exit {done.returncode}: {done.stderr}"
        return done.returncode, json.loads(done.stdout)

    @property
    def environment(self) -> dict[str, str]:
        return dict(os.environ) | {"LAB_BLOCK": str(self.settings.block), "LAB_RUNS": str(self.settings.runs)}


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The whole stack as plain processes, with the fast preset, on block 91."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LAB_BLOCK", str(BLOCK))
        patch.setenv("LAB_TARGET", "local")
        patch.setenv("LAB_RUNS", str(tmp_path_factory.mktemp("runs")))
        others = r"KAFKA_BOOTSTRAP|RABBITMQ_\w+|CELERY_\w+|LAB_\w+_PORT"
        for name in [name for name in os.environ if re.fullmatch(others, name)]:
            # They point at another stack: the one that the person who runs the tests has.
            patch.delenv(name)
        found = environment.read(ROOT)
        for name, value in found.variables.items():
            if name.startswith("LAB_") and name.endswith("_PORT"):
                patch.setenv(name, value)
        running = Stack(found)
        try:
            up = running.lab("up", "--target", "local", "--preset", "fast", "--yes")
            assert up.returncode == 0, up.stderr
            yield running
        finally:
            target = open_target("local", found)
            target.down(print, volumes=True)
