"""The lab itself is killed in the middle of a run: nothing stays broken, whichever way a person goes on from there."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import ROOT, Stack


def run_until(stack: Stack, applied: str, number: signal.Signals, *arguments: str) -> int:
    """Start a run, send it a signal once the fault `applied` has taken hold, and return its exit code."""
    known = set(stack.settings.runs.glob("*"))
    with subprocess.Popen(
        [sys.executable, "-m", "lab", "run", "kafka-leader-failover", "--pace", "quick", *arguments],
        cwd=ROOT, env=stack.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    ) as run:  # fmt: skip
        deadline = time.monotonic() + 60
        while not took_hold(set(stack.settings.runs.glob("*-kafka-*")) - known, applied):
            assert run.poll() is None, "the run ended before its fault"
            assert time.monotonic() < deadline, f"{applied} was not seen"
        os.kill(run.pid, number)
        return run.wait(timeout=120)


def took_hold(folders: set[Path], applied: str) -> bool:
    for folder in folders:
        file = folder / "history.jsonl"
        lines = file.read_text().splitlines() if file.exists() else []
        if any(f'"op":"{applied}"' in line and '"step":"applied"' in line for line in lines):
            return True
    return False


@pytest.mark.parametrize(("fault", "arguments", "way_on"), [("killed", [], "heal"), ("paused", ["--breaks"], "up")])
def test_after_a_kill_of_the_run_the_stack_is_whole_again(
    stack: Stack, fault: str, arguments: list[str], way_on: str
) -> None:
    assert run_until(stack, fault, signal.SIGKILL, *arguments) == -signal.SIGKILL
    code, status = stack.lab_json("status")
    assert code == 69
    assert [entry["fault"] for entry in status["open_faults"]] == [fault]
    refused = stack.lab("run", "kafka-leader-failover")
    assert refused.returncode == 69
    assert "`lab heal` mends it" in refused.stderr

    assert stack.lab(way_on).returncode == 0
    code, status = stack.lab_json("status")
    assert code == 0, status
    assert status["whole"]
    assert status["open_faults"] == []


def test_an_interrupted_run_mends_what_it_broke_before_it_ends(stack: Stack) -> None:
    assert run_until(stack, "killed", signal.SIGINT) == 130
    code, status = stack.lab_json("status")
    assert code == 0, status


def test_a_stack_that_a_run_uses_cannot_be_started_stopped_or_broken_by_hand(stack: Stack) -> None:
    held = (
        "import sys\nfrom lab import settings\nfrom lab.runner import only_run\n"
        "with only_run(settings.read()):\n    print('held', flush=True)\n    sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", held],
        cwd=ROOT, env=stack.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as other:  # fmt: skip
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        for verb in (["up"], ["down"], ["heal"], ["break", "kill", "kafka-1"], ["run", "kafka-leader-failover"]):
            refused = stack.lab(*verb)
            assert refused.returncode == 64, verb
            assert f"process {other.pid}" in refused.stderr
        other.communicate("")


def test_a_node_broken_by_hand_stays_broken_until_it_is_healed(stack: Stack) -> None:
    broken = stack.lab("break", "kill", "kafka-leader:freblogg/0")
    assert broken.returncode == 0, broken.stderr
    node = broken.stdout.split()[0]
    again = stack.lab("break", "pause", node)
    assert again.returncode == 64
    assert f"{node} is killed already" in again.stderr
    healed = stack.lab("heal")
    assert healed.returncode == 0, healed.stderr
    assert "mended 1 fault" in healed.stdout
    code, status = stack.lab_json("status")
    assert code == 0, status
    assert not any("preferred" in line for line in status["demos"])
    assert "mended 0 faults" in stack.lab("heal").stdout
