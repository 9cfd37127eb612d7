"""`lab report`: where it writes, what it refuses, and how it knows that a run still goes on."""

import json
import os
import sys
from pathlib import Path

import pytest

from lab import cli
from lab.history import Recorder
from lab.report import goes_on
from tests.lab.report_pages import SCENARIO


def test_a_run_goes_on_while_the_process_of_a_lock_has_its_history_open(tmp_path: Path) -> None:
    state, folder = tmp_path / "lab-0123-5", tmp_path / "run"
    other = tmp_path / "lab-0123-6"
    for place in (state, other, folder):
        place.mkdir()
    (state / "run.lock").write_text("not a number")
    with Recorder(folder / "history.jsonl"):
        assert not goes_on(folder, state), "no lock names its process"
        (other / "run.lock").write_text(str(os.getpid()))
        assert goes_on(folder, state), "the stack of another block is asked as well"
        assert not goes_on(other, state)
    assert not goes_on(folder, state)


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """Call `lab ARGUMENTS` with one run in the run folders; returns exit code, stdout and stderr."""
    monkeypatch.setenv("LAB_STATE_ROOT", str(tmp_path))
    monkeypatch.setenv("LAB_RUNS", str(tmp_path / "runs"))
    monkeypatch.delenv("LAB_TARGET", raising=False)
    folder = tmp_path / "runs" / "a-run"
    folder.mkdir(parents=True)
    (tmp_path / "runs" / "latest").symlink_to("a-run")
    with Recorder(folder / "history.jsonl") as recorder:
        recorder.add("lab", "note", "run", value={"scenario": SCENARIO.name, "variant": "control"})
        recorder.add("lab", "note", "end")

    def call(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["lab", *arguments])
        code = cli._run()
        said = capsys.readouterr()
        return code, said.out, said.err

    return call


def test_lab_report_writes_into_the_run_folder_and_prints_where(lab, tmp_path: Path) -> None:
    code, out, _ = lab("report")
    assert (code, out.strip()) == (0, str(tmp_path / "runs" / "a-run" / "report.html"))
    assert "kafka-leader-failover (control)" in Path(out.strip()).read_text()


def test_lab_report_writes_where_it_is_told_and_says_so_in_json(lab, tmp_path: Path) -> None:
    code, out, _ = lab("report", "a-run", "-o", str(tmp_path / "x.html"), "--json")
    assert (code, json.loads(out)) == (0, {"report": str(tmp_path / "x.html")})
    assert (tmp_path / "x.html").exists()


def test_lab_report_refuses_an_unknown_run_as_lab_check_does(lab) -> None:
    refused = lab("report", "no-such-run")
    assert refused[0] == 64
    assert "'no-such-run' is no run" in refused[2]
    assert lab("check", "no-such-run") == refused


def test_lab_report_says_where_it_cannot_write(lab, tmp_path: Path) -> None:
    code, _, said = lab("report", "-o", str(tmp_path / "no" / "x.html"))
    assert code != 0
    assert "Cannot write" in said
    assert "-o FILE" in said
