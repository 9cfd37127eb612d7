"""Runs the tests at one of four levels, or the linters. `lab test` calls it; `.ci/run` calls "default", then "rest".

fast      tests/lab, tests/test_repository.py            pure: no broker, no network, nothing to install
default   fast, tests/services, tests/scenarios          real brokers; of each scenario its main variant
          tests/browser                                  pages, in the distribution's Chromium
          and the folders of IN_DJANGO                   inside Django, on a real database
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
from lab.machine import browser, choose, packages
from lab.settings import Settings

FAST = ("tests/lab", "tests/test_repository.py")
BROWSER = "tests/browser"
REAL = ("tests/services", "tests/scenarios", BROWSER)

LEVELS: dict[str, tuple[str, ...]] = {
    "fast": FAST,
    "default": (*FAST, *REAL, "--variants=main"),
    "rest": ("tests/scenarios", "tests/compose", "--variants=rest"),
    "all": (*FAST, *REAL, "tests/compose", "--variants=all"),
}
"""What pytest is told at each level. pytest fails when a folder is missing or no test is found."""

IN_DJANGO = {"tests/rest_demo": "rest_demo.django_settings", "tests/channels_demo": "channels_demo.django_settings"}
"""Tests that call a demo's own code under its Django settings. A process can have one Django only, so each folder is a
session of pytest of its own, after the main one."""

NO_TESTS = 5
"""pytest's exit code when it found none."""

LINTERS = (("ruff", "check", "."), ("ruff", "format", "--check", "."), ("mypy",))


def run_tests(settings: Settings, level: str, extra: Sequence[str]) -> int:
    """Run a level and return pytest's worst exit code (5: no test was found) or, for "lint", the first that is not 0.

    `extra` is handed to pytest; paths in it replace those of the level. Levels with real brokers make the machine ready
    for the local target first, and for a browser: asked on a terminal, else just announced. Raises LabError.
    """
    if level == "lint":
        return _lint(settings.root)
    if level != "fast":
        yes = not packages.on_a_terminal()
        choose.prepare(settings, "local", assume_yes=yes, tell=_tell, ask=packages.ask_on_terminal)
        if any(word.startswith(BROWSER) for words in sessions(settings.root, level, extra) for word in words):
            browser.prepare(settings, assume_yes=yes, tell=_tell, ask=packages.ask_on_terminal)
    try:
        import pytest
    except ModuleNotFoundError as error:
        raise Refused("pytest is not here. `bin/lab test` installs what the tests need.") from error
    os.chdir(settings.root)
    # A shell starts background jobs with Ctrl-C ignored, and every child inherits that: tests of Ctrl-C would hang.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    main, *others = sessions(settings.root, level, extra)
    # In this process: an interrupt then reaches pytest, which takes the tests' stack down.
    codes = [int(pytest.main(main))] if main else []
    codes += [subprocess.run([sys.executable, "-m", "pytest", *words], check=False).returncode for words in others]
    found_some = [code for code in codes if code != NO_TESTS]
    return max(found_some, default=NO_TESTS)


def sessions(root: Path, level: str, extra: Sequence[str]) -> list[list[str]]:
    """pytest's arguments, for the main session (empty: there is none) and for each folder of IN_DJANGO.

    Paths in `extra` replace those of the level. Refused for a level that does not exist.
    """
    if level not in LEVELS:
        raise Refused(f"There is no test level {level!r}. It is one of {', '.join(LEVELS)}.")
    named = [word for word in extra if not word.startswith("-") and (root / word.partition("::")[0]).exists()]
    options = [word for word in extra if word not in named]
    inside = {folder: [word for word in named if word.startswith(folder)] for folder in IN_DJANGO}
    outside = [word for word in named if not word.startswith(tuple(IN_DJANGO))]
    flags = [word for word in LEVELS[level] if word.startswith("-")]
    if named:
        main = [*flags, *outside, *options] if outside else []
    else:
        main = [*LEVELS[level], *options]
        if level in ("default", "all"):
            inside = {folder: [folder] for folder in IN_DJANGO}
    return [main, *([f"--ds={IN_DJANGO[folder]}", *words, *options] for folder, words in inside.items() if words)]


def _lint(root: Path) -> int:
    codes = [subprocess.run([sys.executable, "-m", *linter], cwd=root, check=False).returncode for linter in LINTERS]
    return next((code for code in codes if code), 0)


def _tell(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)
