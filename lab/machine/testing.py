"""Runs the tests at one of four levels, or the linters. `lab test` calls it; `.ci/run` calls "default", then "rest".

fast      tests/lab, tests/test_repository.py            pure: no broker, no network, nothing to install
default   fast, tests/services, tests/scenarios          real brokers; of each scenario its main variant
rest      tests/scenarios, tests/compose                 control and breaking variants; the compose file on an engine
all       default and rest
lint      ruff, mypy
"""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from lab.cluster.target import Refused
from lab.machine import choose, packages
from lab.settings import Settings

FAST = ("tests/lab", "tests/test_repository.py")
REAL = ("tests/services", "tests/scenarios")

LEVELS: dict[str, tuple[str, ...]] = {
    "fast": FAST,
    "default": (*FAST, *REAL, "--variants=main"),
    "rest": ("tests/scenarios", "tests/compose", "--variants=rest"),
    "all": (*FAST, *REAL, "tests/compose", "--variants=all"),
}
"""What pytest is told at each level. pytest fails when a folder is missing or no test is found."""

LINTERS = (("ruff", "check", "."), ("ruff", "format", "--check", "."), ("mypy",))


def run_tests(settings: Settings, level: str, extra: Sequence[str]) -> int:
    """Run a level and return pytest's exit code (5: no test was found) or, for "lint", the first that is not 0.

    `extra` is handed to pytest; paths in it replace those of the level. Levels with real brokers make the machine ready
    for the local target first: asked on a terminal, else just announced. Raises LabError.
    """
    if level == "lint":
        return _lint(settings.root)
    if level != "fast":
        yes = not packages.on_a_terminal()
        choose.prepare(settings, "local", assume_yes=yes, tell=_tell, ask=packages.ask_on_terminal)
    try:
        import pytest
    except ModuleNotFoundError as error:
        raise Refused("pytest is not here. `bin/lab test` installs what the tests need.") from error
    os.chdir(settings.root)
    # A shell starts background jobs with Ctrl-C ignored, and every child inherits that: tests of Ctrl-C would hang.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    # In this process: an interrupt then reaches pytest, which takes the tests' stack down.
    return int(pytest.main(arguments(settings.root, level, extra)))


def arguments(root: Path, level: str, extra: Sequence[str]) -> list[str]:
    """pytest's arguments. Refused for a level that does not exist."""
    if level not in LEVELS:
        raise Refused(f"There is no test level {level!r}. It is one of {', '.join(LEVELS)}.")
    chosen = any((root / word.partition("::")[0]).exists() for word in extra if not word.startswith("-"))
    words = [word for word in LEVELS[level] if word.startswith("-") or not chosen]
    return [*words, *extra]


def _lint(root: Path) -> int:
    codes = [subprocess.run([sys.executable, "-m", *linter], cwd=root, check=False).returncode for linter in LINTERS]
    return next((code for code in codes if code), 0)


def _tell(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)
