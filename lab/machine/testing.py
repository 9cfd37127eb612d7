"""Runs the tests at one of four levels, or the linters. `lab test` calls it; `.ci/run` calls "default", then "rest".

fast      tests/lab, tests/test_repository.py            pure: no broker, no network, nothing to install
default   fast, tests/services, tests/scenarios          real brokers; of each scenario its main variant
          tests/browser                                  pages, in the distribution's Chromium
          the folders of IN_DJANGO                       inside Django, on a real database
rest      tests/scenarios, tests/compose                 control and breaking variants; the compose file on an engine
all       default and rest
lint      ruff, mypy
"""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from lab.cluster.target import Refused
from lab.machine import browser, choose, packages
from lab.settings import Settings

FAST = ("tests/lab", "tests/test_repository.py")
BROWSER = "tests/browser"
SMALL_STACKS = "tests/services/local"
REAL = ("tests/services", "tests/scenarios", BROWSER)

LEVELS: dict[str, tuple[str, ...]] = {
    "fast": FAST,
    "default": REAL,
    "rest": ("tests/scenarios", "tests/compose"),
    "all": (*REAL, "tests/compose"),
}
"""What the main session of each level runs. pytest fails when a folder is missing or no test is found."""
VARIANTS = {"default": ("--variants=main",), "rest": ("--variants=rest",), "all": ("--variants=all",)}

IN_DJANGO = {"tests/rest_demo": "rest_demo.django_settings", "tests/channels_demo": "channels_demo.django_settings"}
"""Tests that call a demo's own code under its Django settings. A process can have one Django only, so each folder is a
session of pytest of its own."""
BESIDE: tuple[tuple[str, ...], ...] = (FAST, (SMALL_STACKS,), *((f"--ds={of}", at) for at, of in IN_DJANGO.items()))
"""What runs side by side at the levels default and all, before the main session. None of them uses the shared stack or
another's, and they mostly wait; the main session measures, and has the machine for itself."""

NO_TESTS = 5
"""pytest's exit code when it found none."""

LINTERS = (("ruff", "check", "."), ("ruff", "format", "--check", "."), ("mypy",))


@dataclass(frozen=True)
class Sessions:
    """Runs of pytest by their arguments: those that go side by side, then the main one (empty: there is none)."""

    beside: list[list[str]]
    main: list[str]


def run_tests(settings: Settings, level: str, extra: Sequence[str]) -> int:
    """Run a level and return pytest's worst exit code (5: no test was found) or, for "lint", the first that is not 0.

    `extra` is handed to pytest; paths in it replace those of the level. Levels with real brokers make the machine ready
    for the local target first, and for a browser: asked on a terminal, else just announced. Raises LabError.
    """
    if level == "lint":
        return _lint(settings.root)
    found = sessions(settings.root, level, extra)
    if level != "fast":
        yes = not packages.on_a_terminal()
        choose.prepare(settings, "local", assume_yes=yes, tell=_tell, ask=packages.ask_on_terminal)
        if any(word.startswith(BROWSER) for word in found.main):
            browser.prepare(settings, assume_yes=yes, tell=_tell, ask=packages.ask_on_terminal)
    try:
        import pytest
    except ModuleNotFoundError as error:
        raise Refused("pytest is not here. `bin/lab test` installs what the tests need.") from error
    os.chdir(settings.root)
    # A shell starts background jobs with Ctrl-C ignored, and every child inherits that: tests of Ctrl-C would hang.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    codes = _side_by_side(found.beside)
    # In this process: an interrupt then reaches pytest, which takes the tests' stack down.
    codes += [int(pytest.main(found.main))] if found.main else []
    for words, code in zip([*found.beside, found.main], codes, strict=False):
        if code not in (0, NO_TESTS):
            _tell(f"FAILED, exit code {code}: pytest {' '.join(words)}")
    return max((code for code in codes if code != NO_TESTS), default=NO_TESTS)


def _side_by_side(sessions: Sequence[Sequence[str]]) -> list[int]:
    """Run each in a process of its own, all at once, and print what each said, whole. Returns their exit codes."""
    if len(sessions) > 1:
        _tell(f"Side by side: {'; '.join(' '.join(words) for words in sessions)}. What they say follows when they end.")
    with ExitStack() as files:
        outputs = [files.enter_context(tempfile.TemporaryFile("w+", errors="replace")) for _ in sessions]
        running = [_session(words, output) for words, output in zip(sessions, outputs, strict=True)]
        try:
            for words, process, output in zip(sessions, running, outputs, strict=True):
                process.wait()
                output.seek(0)
                print(f"== pytest {' '.join(words)}\n{output.read()}", flush=True)
        finally:
            for process in running:
                if process.poll() is None:
                    process.send_signal(signal.SIGINT)
            for process in running:
                process.wait()
    return [process.returncode for process in running]


def _session(words: Sequence[str], output: IO[str]) -> subprocess.Popen[bytes]:
    """pytest in a group of its own: it must hear of Ctrl-C once, from us; a second would cut its tidying up short."""
    command = [sys.executable, "-m", "pytest", *words]
    return subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
    )


def sessions(root: Path, level: str, extra: Sequence[str]) -> Sessions:
    """What to run. Paths in `extra` replace those of the level. Refused for a level that does not exist."""
    if level not in LEVELS:
        raise Refused(f"There is no test level {level!r}. It is one of {', '.join(LEVELS)}.")
    named = [word for word in extra if not word.startswith("-") and (root / word.partition("::")[0]).exists()]
    options = [word for word in extra if word not in named]
    inside = {folder: [word for word in named if word.startswith(folder)] for folder in IN_DJANGO}
    outside = [word for word in named if not word.startswith(tuple(IN_DJANGO))]
    variants = VARIANTS.get(level, ())
    if named:
        beside = [[f"--ds={IN_DJANGO[folder]}", *words, *options] for folder, words in inside.items() if words]
        return Sessions(beside, [*variants, *outside, *options] if outside else [])
    if level not in ("default", "all"):
        return Sessions([], [*LEVELS[level], *variants, *options])
    main = [*LEVELS[level], f"--ignore={SMALL_STACKS}", *variants, *options]
    return Sessions([[*words, *options] for words in BESIDE], main)


def _lint(root: Path) -> int:
    codes = [subprocess.run([sys.executable, "-m", *linter], cwd=root, check=False).returncode for linter in LINTERS]
    return next((code for code in codes if code), 0)


def _tell(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)
