"""The programs of a run: faults on them are journalled, proved and mended as on services, and none outlives the run."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from lab.cluster.local.processes import ended
from lab.cluster.target import LabError, Refused
from lab.faults import broken, killed, paused, stopped
from lab.processes import Processes
from lab.waiting import wait_for

ROOT = Path(__file__).resolve().parents[2]
PARENT = """
import os, signal, subprocess, sys, time
code = "import signal; signal.pause()"
child = subprocess.Popen([sys.executable, "-S", "-c", code])
print("ready", flush=True)
while True:
    child.wait()
    child = subprocess.Popen([sys.executable, "-S", "-c", code])
"""
"""A program with one child, which it replaces, as Celery does with those of its pool."""


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    with Processes(tmp_path) as found:
        found.run("worker-1", [sys.executable, "-S", "-c", PARENT], {"COLOUR": "blue"}, ready="ready")
        found.await_ready("worker-1", within=20)
        yield found


class Steps(list[str]):
    def __call__(self, name: str, id: str, value: Any) -> None:
        self.append(value["step"])


WHOLE = ["began", "applied", "mending", "mended"]


@pytest.mark.parametrize("fault", [killed, stopped, paused], ids=lambda fault: fault.name)
def test_a_program_is_broken_and_mended_also_when_the_body_raises(processes: Processes, fault: Any) -> None:
    steps = Steps()
    with (
        pytest.raises(ZeroDivisionError),
        broken(fault, "worker-1", processes, processes.journal, steps),
    ):
        assert [entry.node for entry in processes.journal.open_faults()] == ["worker-1"]
        assert processes.status_of("worker-1").state == ("paused" if fault is paused else "exited")
        raise ZeroDivisionError
    assert steps == WHOLE
    assert processes.journal.open_faults() == []
    assert processes.status_of("worker-1").health == "healthy"


def test_what_a_stopped_program_leaves_behind_ends_before_it_is_started_again(processes: Processes) -> None:
    (child,) = wait_for("a child", lambda: processes.children("worker-1"), within=5)
    with broken(stopped, "worker-1", processes, processes.journal, Steps()):
        assert not ended(child)
    wait_for("the end of the child", lambda: ended(child), within=5)


def test_a_child_is_killed_and_mended_once_its_program_has_another(processes: Processes) -> None:
    (child,) = wait_for("a child", lambda: processes.children("worker-1"), within=5)
    steps = Steps()
    with broken(killed, f"worker-1/{child}", processes, processes.journal, steps):
        assert ended(child)
        assert processes.status_of("worker-1").state == "running"
    assert steps == WHOLE
    assert processes.children("worker-1") not in ([], [child])


def test_a_program_that_ends_or_says_nothing_is_told_with_its_last_words(processes: Processes) -> None:
    processes.run("ends", [sys.executable, "-S", "-c", "raise SystemExit('no broker')"], {}, ready="ready")
    with pytest.raises(LabError, match=r"(?s)ended before it was ready.*no broker"):
        processes.await_ready("ends", within=20)
    assert processes.exit_code("ends") == 1
    processes.run("dumb", ["sleep", "60"], {}, ready="ready")
    with pytest.raises(LabError, match="dumb to be ready"):
        processes.await_ready("dumb", within=0.2)


def test_what_cannot_be_done_is_refused_in_a_sentence(processes: Processes) -> None:
    for wrong in (
        lambda: processes.kill("worker-2"),
        lambda: processes.kill("worker-1/1"),
        lambda: processes.cut_off("worker-1"),
    ):
        with pytest.raises(Refused):
            wrong()
    assert "cut_off" not in processes.abilities


def test_leaving_ends_every_process_and_removes_the_folder(tmp_path: Path) -> None:
    with Processes(tmp_path) as found:
        found.run("worker-1", [sys.executable, "-S", "-c", PARENT], {}, ready="ready")
        found.await_ready("worker-1", within=20)
        pids = [found.status_of("worker-1").pid, *found.children("worker-1")]
    assert all(ended(pid) for pid in pids if pid)
    assert not found.journal.open_faults()


def test_a_program_dies_with_a_lab_that_is_killed(tmp_path: Path) -> None:
    code = (
        "import signal, sys; from pathlib import Path; from lab.processes import Processes\n"
        f"p = Processes(Path({str(tmp_path)!r})); p.run('w', ['sleep', '60'], {{}}, ready=''); p.await_ready('w')\n"
        "print(p.status_of('w').pid, flush=True); signal.pause()"
    )
    own = dict(os.environ) | {"TMPDIR": str(tmp_path)}  # where the folder of a killed lab stays behind
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, env=own, stdout=subprocess.PIPE, text=True) as lab:
        assert lab.stdout
        pid = int(lab.stdout.readline())
        assert psutil.pid_exists(pid)
        os.kill(lab.pid, signal.SIGKILL)
        lab.wait()
    wait_for("its program to be gone", lambda: ended(pid), within=10)
