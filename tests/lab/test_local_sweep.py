"""What is ended as left behind by an earlier run of the local target, and what is not."""

import subprocess
from pathlib import Path

import psutil
import pytest

from lab import settings as environment
from lab.cluster.local import processes
from lab.cluster.local.layout import Layout
from lab.cluster.stack import read_stack
from lab.waiting import wait_for


@pytest.fixture
def layout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Layout:
    monkeypatch.setenv("LAB_STATE_ROOT", str(tmp_path))
    (tmp_path / "docker-compose.yml").write_text("services: {web: {image: example/app:1}}")
    settings = environment.read(tmp_path)
    return Layout(settings, read_stack(settings.compose_file, settings.variables))


def test_a_process_that_one_look_misses_is_swept_all_the_same(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    with subprocess.Popen(["sleep", "100"]) as daemon:
        looks = iter([[], [psutil.Process(daemon.pid)]])
        monkeypatch.setattr(processes, "_ours", lambda layout: next(looks, []))
        monkeypatch.setattr(processes, "_descends", lambda process, ancestors: False)  # else it is the test's own child
        assert processes.sweep(layout) == [f"sleep (pid {daemon.pid})"]


def test_a_process_that_has_ended_and_that_nobody_has_waited_for_is_not_left_behind(layout: Layout) -> None:
    with subprocess.Popen(["true"], cwd=layout.settings.root, env={"LAB_STACK": layout.settings.stack_id}) as zombie:
        wait_for("its end", lambda: psutil.Process(zombie.pid).status() == psutil.STATUS_ZOMBIE, within=20)
        assert processes.ended(zombie.pid)
        assert processes.states_of(zombie.pid) == {}
        assert list(processes._ours(layout)) == []
