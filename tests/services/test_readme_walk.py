"""README.md is walked: every command in it is run, in its order, on the tests' stack; or NOT_RUN says why it is not.

A command is a line of an indented block, or what stands in backticks and begins like one. Long runs are run at quick
pace; nothing else is changed.
"""

import os
import re
import signal
import subprocess
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from lab import settings as environment
from lab.cluster.targets import open_target
from lab.console import detached
from lab.waiting import wait_for
from tests.conftest import ROOT, Stack
from tests.markdown import indented_blocks

COMMAND = re.compile(r"(?:time )?((?:LAB_\w+=\S+ )*(?:bin/lab|make|docker|rm) .*?)(?:\s+# .*)?")
SAMPLES = ("POST -->", "kafka-leader-failover (main):", "kafka-watch ")
"""How the blocks begin that show no commands: the picture, and what a command prints."""

WITHIN = 280.0
"""Seconds that one command may take on a busy machine."""
OWN_BLOCK = "95"
"""Of a stack with one small service, for what ends or moves a stack."""


def commands_of(text: str) -> list[str]:
    """Every command, each once, in the order of the text."""
    found = [
        match[1]
        for line in text.splitlines()
        for part in ([line[4:]] if line.startswith("    ") else re.findall(r"`([^`]+)`", line))
        if (match := COMMAND.fullmatch(part))
    ]
    return list(dict.fromkeys(found))


def strangers(text: str) -> list[str]:
    """Lines of blocks that are neither a command nor part of a sample."""
    blocks = [block for block in indented_blocks(text) if not block[0].startswith(SAMPLES)]
    return [line for block in blocks for line in block if not COMMAND.fullmatch(line)]


README = (ROOT / "README.md").read_text()
COMMANDS = commands_of(README)


class Other(NamedTuple):
    """Why a command is not run here, and where it is."""

    why: str
    held_by: str


_COMPOSE = "tests/compose"
NOT_RUN: Mapping[str, Other] = {
    "make test": Other("this test is a part of it", ".ci/run"),
    "bin/lab test --fast": Other("it would run all pure tests a second time", ".ci/run"),
    "bin/lab test --all": Other("this test is a part of it", ".ci/run"),
    "docker stats --no-stream": Other(
        "it needs an engine", f"{_COMPOSE}::test_the_limits_of_all_that_runs_sum_up_to_3_gib_at_most"
    ),
    "docker compose up": Other("it needs an engine", f"{_COMPOSE}::test_plain_up_prints_only_what_teaches"),
    "docker compose down -v": Other(
        "it needs an engine", f"{_COMPOSE}::test_down_v_leaves_no_container_volume_or_network"
    ),
    "rm -rf .lab .venv runs/*-*": Other(
        "it removes what the tests run from",
        "tests/services/test_readme_walk.py::test_what_the_readme_removes_is_nothing_that_git_holds",
    ),
}

MORE = {
    "bin/lab run ": " --pace quick",
    "bin/lab bench console": " --set rounds=1",
    "LAB_KAFKA_1_PORT=19093 bin/lab up": " redis",
}
"""What a command gets besides: quick pace, one round, and of a stack of its own only its smallest service."""

ON_ITS_OWN = ("make down", "bin/lab down --volumes", "LAB_KAFKA_1_PORT=19093 bin/lab up")

GOES_ON = ("bin/lab watch", "bin/lab watch --lines", "bin/lab console")
"""Until Ctrl-C."""

SAYS: Mapping[str, tuple[int, str]] = {
    "make demo": (0, r"(?s)kafka-leader-failover \(main\): .*HOLDS.*http://127\.0\.0\.1:\d+"),
    "bin/lab console": (0, r"http://127\.0\.0\.1:\d+/"),
    "bin/lab watch": (0, r"[Aa]ll\b|Not running"),
    "bin/lab watch --lines": (0, r"\w+"),
    "bin/lab break kill kafka-leader:freblogg/0": (0, "kafka-[12] is killed"),
    "bin/lab status": (69, r"broken: kafka-[12] is killed"),
    "bin/lab heal": (0, "mended 1 fault; the stack is whole"),
    "bin/lab list": (0, "kafka-leader-failover"),
    "bin/lab list --notes --markdown": (0, r"(?s)\| N1 .*`kafka-leader-failover`: HOLDS.*\| N35 "),
    "bin/lab explain kafka-leader-failover": (0, "--predict pause"),
    "bin/lab run kafka-leader-failover --predict pause": (0, r"(?s): HOLDS, as expected.*You predicted: .* was right"),
    "bin/lab run kafka-leader-failover --breaks": (0, ": BROKEN, as expected"),
    "bin/lab run kafka-leader-failover --control": (0, ": HOLDS, as expected"),
    "bin/lab check latest": (0, ": HOLDS, as expected"),
    "bin/lab down --volumes": (0, ""),
    "bin/lab bench console": (0, r"ratio +\d"),
    "bin/lab bench memory": (0, r"memory_mb +\d{3,}"),
    "bin/lab check --self-test": (0, "lost +100 of 100"),
    "bin/lab report latest": (0, r"report\.html"),
}
"""Exit code and words of a command, where they are not 0 and any at all. `status` comes while a node is broken."""


def test_every_block_of_the_readme_is_commands_or_a_sample_that_we_know() -> None:
    assert strangers(README) == []
    assert strangers("    bin/lab up   # all of it\n    pip install lab\n") == ["pip install lab"]
    assert strangers("    kafka-watch    14:32:04.2  silent\n") == []


def test_commands_are_found_in_blocks_and_in_sentences() -> None:
    text = (
        "    LAB_X=1 bin/lab up   # starts\n\nThen `time make demo`, not `lab/` and `make`; `bin/lab up --json` too.\n"
    )
    assert commands_of(text) == ["LAB_X=1 bin/lab up", "make demo", "bin/lab up --json"]


def test_what_is_said_of_commands_is_said_of_those_in_the_readme_and_held_by_a_test_that_there_is() -> None:
    assert [command for command in [*NOT_RUN, *ON_ITS_OWN, *GOES_ON, *SAYS] if command not in COMMANDS] == []
    for command, other in NOT_RUN.items():
        path, _, name = other.held_by.partition("::")
        there = [file.read_text() for file in [ROOT / path, *(ROOT / path).glob("*.py")] if file.is_file()]
        assert any(f"def {name}(" in text or not name for text in there), command


def test_what_the_readme_removes_is_nothing_that_git_holds() -> None:
    for path in (".lab/jar", ".venv/bin/python", "runs/20240101-120000-a-main/history.jsonl"):
        command = ["git", "-c", "safe.directory=*", "check-ignore", "--quiet", path]
        assert subprocess.run(command, cwd=ROOT, check=False).returncode == 0, path


@pytest.fixture(scope="module")
def small() -> Iterator[Mapping[str, str]]:
    """The environment that points at a stack of its own, where redis runs."""
    variables = {name: value for name, value in os.environ.items() if not re.fullmatch(r"LAB_\w+_PORT", name)}
    variables |= {"LAB_BLOCK": OWN_BLOCK, "LAB_TARGET": "local"}
    try:
        code, said = done("bin/lab up --yes redis", variables)
        assert code == 0, said
        yield variables
    finally:
        with pytest.MonkeyPatch.context() as patch:
            for name in os.environ.keys() - variables.keys():
                patch.delenv(name)
            patch.setenv("LAB_BLOCK", OWN_BLOCK)
            open_target("local", environment.read(ROOT)).down(print, volumes=True)


@pytest.mark.parametrize("command", [command for command in COMMANDS if command not in NOT_RUN])
def test_a_command_of_the_readme_does_what_it_says(
    stack: Stack, command: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    variables = request.getfixturevalue("small") if command in ON_ITS_OWN else stack.environment
    whole = command + next((words for begin, words in MORE.items() if command.startswith(begin)), "")
    wanted, words = SAYS.get(command, (0, r"\S"))
    code, said = until_ctrl_c(whole, words, variables, tmp_path) if command in GOES_ON else done(whole, variables)
    if command == "make demo":
        assert detached.serving(stack.settings) in said
        assert detached.end(stack.settings)
    assert re.search(words, said), said
    assert code == wanted, said
    if "down" in command.split():
        code, said = done("bin/lab status", variables)
        assert (code, "running" in said) == (69, False), said


def done(command: str, variables: Mapping[str, str]) -> tuple[int, str]:
    """Exit code and both outputs of a command that ends by itself."""
    ended = subprocess.run(
        ["sh", "-c", command], cwd=ROOT, env=variables, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        timeout=WITHIN, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    return ended.returncode, ended.stdout


def until_ctrl_c(command: str, words: str, variables: Mapping[str, str], folder: Path) -> tuple[int, str]:
    """The same of one that goes on: it gets Ctrl-C as soon as it has said `words`, and an address has answered."""
    log = folder / "said.txt"
    # Else a shell that started the tests in the background lets every child ignore Ctrl-C.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    with log.open("wb") as said:
        program = subprocess.Popen(
            ["sh", "-c", f"exec {command}"], cwd=ROOT, env=variables, stdout=said, stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
    try:
        wait_for(f"{command} to say {words}", lambda: re.search(words, log.read_text()), within=WITHIN)
        for address in re.findall(r"^http://\S+", log.read_text(), re.MULTILINE):
            wait_for(f"{address} to answer", lambda url=address: _answers(url), within=60, passing=(OSError,))
        program.send_signal(signal.SIGINT)
        return program.wait(60), log.read_text()
    finally:
        program.kill()
        program.wait()
        signal.signal(signal.SIGINT, before)


def _answers(url: str) -> bool:
    with urllib.request.urlopen(url, timeout=5) as answer:
        return bool(answer.status == 200)
