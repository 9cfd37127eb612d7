"""The command line: exit codes, one clear sentence for each mistake, and the shapes of its JSON."""

import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from lab import cli, demos
from lab.cli import scenarios as verbs
from lab.cluster.targets import remember_target
from lab.history import Recorder
from lab.runner import Result
from lab.self_test import Row
from lab.settings import read
from lab.verdict import Verdict
from tests.conftest import ROOT


@pytest.fixture(autouse=True)
def no_stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No stack is up, and nothing of this machine's is read."""
    monkeypatch.setenv("LAB_STATE_ROOT", str(tmp_path))
    monkeypatch.setenv("LAB_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("LAB_BLOCK", "97")
    monkeypatch.delenv("LAB_TARGET", raising=False)


@pytest.fixture
def lab(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """Call `lab ARGUMENTS`; returns exit code, stdout and stderr."""

    def call(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["lab", *arguments])
        code = cli._run()
        said = capsys.readouterr()
        return code, said.out, said.err

    return call


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["run", "kafka-leader-failovr"], 69, "No stack is up. Start one with `lab up`."),
        (["explain", "kafka-leader-failovr"], 64, "Did you mean kafka-leader-failover"),
        (["list", "nosuch_demo"], 64, "There is no demo 'nosuch_demo'. The demos: kafka_demo"),
        (["melt"], 64, "No such command 'melt'"),
        (["run"], 64, "Missing argument"),
        (["run", "kafka-leader-failover", "--repeat", "0"], 64, "--repeat"),
        (["run", "kafka-leader-failover", "--control", "--breaks"], 64, "Choose one of --control and --breaks."),
        (["status"], 69, "No stack is up"),
        (["heal"], 69, "No stack is up"),
        (["break", "kill", "kafka-1"], 69, "No stack is up"),
        (["break", "melt", "kafka-1"], 64, "There is no fault 'melt'. It is one of kill, stop, pause, cut-off."),
        (["up", "--target", "moon"], 64, "There is no target 'moon'. It is one of compose, local, external."),
        (["up", "--preset", "slow"], 64, "There is no preset 'slow'. It is one of default, fast."),
        (["check", "no-such-run"], 64, "'no-such-run' is no run"),
        (["test", "--fast", "--all"], 64, "Choose one of"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_sentence_and_the_right_exit_code(lab, arguments: list[str], code: int, says: str) -> None:
    got, out, err = lab(*arguments)
    assert got == code, err
    assert says in err
    assert "Traceback" not in err
    assert out == ""
    assert len(err.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["run", "kafka-leader-failovr"], "Did you mean kafka-leader-failover"),
        (["run", "kafka-leader-failover", "--pace", "slow"], "There is no pace 'slow'. It is one of quick, full."),
        (["run", "kafka-leader-failover", "--predict", "x"], "Choose one of: nothing, pause, loss."),
        (["run", "kafka-leader-failover", "--set", "acks"], "--set takes name=value"),
        (["run", "kafka-leader-failover", "--set", "acks=2"], "acks cannot be '2'. It takes all, 1."),
        (["run", "kafka-leader-failover", "--set", "color=red"], "has no parameter 'color'"),
        (["up", "--target", "compose"], "The stack is up on the local target. `lab down` first"),
    ],
)
def test_a_wrong_request_is_refused_although_a_stack_is_noted(lab, arguments: list[str], says: str) -> None:
    remember_target(read(), "local")
    code, _, err = lab(*arguments)
    assert code == 64
    assert says in err


def test_a_block_that_is_no_number_is_refused(lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAB_BLOCK", "one")
    code, _, err = lab("list")
    assert (code, err) == (64, "lab: LAB_BLOCK is 'one'; it must be a number from 0 to 99.\n")


def test_a_crash_of_our_own_is_70_and_shows_a_traceback_only_on_request(lab, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(demo: str | None = None) -> None:
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr(demos, "scenarios", fail)
    code, _, err = lab("list")
    assert code == 70
    assert "the lab itself failed: ZeroDivisionError: by zero" in err
    assert "Traceback" not in err
    code, _, err = lab("--debug", "list")
    assert code == 70
    assert "Traceback" in err


def test_list_as_json_has_the_shape_that_others_rely_on(lab) -> None:
    code, out, _ = lab("list", "--json")
    assert code == 0
    (failover, *_) = [entry for entry in json.loads(out) if entry["name"] == "kafka-leader-failover"]
    assert set(failover) == {"name", "demo", "claim", "notes", "nodes", "needs", "seconds", "breaks_with"}
    assert failover["notes"] == ["N30", "N31", "N32", "N34"]
    assert failover["breaks_with"] == {"acks": "1", "follower": "frozen"}


def test_list_shows_only_one_demo_when_asked(lab) -> None:
    code, out, _ = lab("list", "kafka_demo", "--json")
    assert code == 0
    assert {entry["demo"] for entry in json.loads(out)} == {"kafka_demo"}


def test_explain_tells_the_lesson_and_the_predictions(lab) -> None:
    code, out, _ = lab("explain", "kafka-leader-failover")
    assert code == 0
    assert "Kill the leader of a partition" in out
    assert "--predict pause" in out
    assert "--breaks" in out


def test_the_table_of_the_notes_has_every_statement_and_what_the_last_run_said(lab, tmp_path: Path) -> None:
    folder = tmp_path / "runs" / "20261124-120000-kafka-leader-failover-main"
    folder.mkdir(parents=True)
    moved = {"check": "the_leader_moved", "verdict": "HOLDS", "says": "It moved.", "counts": {}, "witnesses": []}
    verdict = {"scenario": "kafka-leader-failover", "variant": "main", "verdict": "HOLDS", "findings": [moved]}
    (folder / "verdict.json").write_text(json.dumps(verdict))
    code, out, _ = lab("list", "--notes", "--json")
    rows = {row["id"]: row for row in json.loads(out)}
    assert code == 0
    assert list(rows) == [f"N{number}" for number in range(1, 36)]
    said = {word["scenario"]: (word["verdict"], word["run_says"]) for word in rows["N32"]["shown_by"]}
    assert said["kafka-leader-failover"] == ("HOLDS", "It moved.")
    assert said["kafka-graceful-vs-crash"] == (None, None)


def test_a_broken_compose_file_is_one_sentence_that_names_it(tmp_path: Path) -> None:
    copy = tmp_path / "checkout"
    shutil.copytree(ROOT / "lab", copy / "lab", ignore=shutil.ignore_patterns("__pycache__"))
    for demo in demos.DEMOS:
        shutil.copytree(ROOT / demo, copy / demo, ignore=shutil.ignore_patterns("__pycache__"))
    (copy / "docker-compose.yml").write_text("services:\n  kafka-1: [\n")
    done = subprocess.run(
        [sys.executable, "-P", "-m", "lab", "up", "--target", "local"],
        cwd=tmp_path, env={"PYTHONPATH": str(copy), "LAB_STATE_ROOT": str(tmp_path), "PATH": "/usr/bin:/bin"},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 69
    assert "docker-compose.yml" in done.stderr
    assert "line" in done.stderr
    assert "Traceback" not in done.stderr


def test_check_judges_a_recorded_run_from_its_history_alone(lab, tmp_path: Path) -> None:
    folder = tmp_path / "runs" / "a-run"
    folder.mkdir(parents=True)
    with Recorder(folder / "history.jsonl") as recorder:
        recorder.add("lab", "note", "run", value={"scenario": "kafka-leader-failover", "variant": "main"})
    code, out, _ = lab("check", "a-run", "--json")
    assert code == 2
    assert json.loads(out)["verdict"] == "UNKNOWN"
    assert set(json.loads(out)) == {
        "scenario", "variant", "verdict", "expected", "as_expected", "claim", "findings", "faults", "target", "pace",
        "seed", "versions", "seconds", "run",
    }  # fmt: skip


def test_check_refuses_a_file_that_is_no_history(lab, tmp_path: Path) -> None:
    folder = tmp_path / "runs" / "a-run"
    folder.mkdir(parents=True)
    (folder / "history.jsonl").write_text("this is not JSON\n")
    code, _, err = lab("check", "a-run")
    assert code == 64
    assert "line 1" in err


def result(verdict: Verdict, as_expected: bool) -> Result:
    return Result("s", "main", verdict, Verdict.HOLDS, as_expected, "", [], [], "local", "quick", 0, {}, 1.0, "")


@pytest.mark.parametrize(
    ("results", "code"),
    [
        ([(Verdict.HOLDS, True)], 0),
        ([(Verdict.BROKEN, True)], 0),
        ([(Verdict.BROKEN, False)], 1),
        ([(Verdict.UNKNOWN, False)], 2),
        ([(Verdict.HOLDS, True), (Verdict.UNKNOWN, False), (Verdict.BROKEN, False)], 1),
        ([(Verdict.HOLDS, True), (Verdict.UNKNOWN, False)], 2),
    ],
)
def test_the_exit_code_of_several_runs_is_that_of_the_worst(results: list[tuple[Verdict, bool]], code: int) -> None:
    assert verbs.exit_code([result(*one) for one in results]) == code


def test_a_polite_end_is_handled_like_ctrl_c(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(KeyboardInterrupt):
        cli._interrupt(signal.SIGTERM, None)


def test_a_reader_that_goes_away_is_no_error() -> None:
    done = subprocess.run(
        f"{sys.executable} -m lab list --notes | head -1",
        shell=True,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0
    assert done.stderr == ""


def test_the_self_test_shows_that_every_anomaly_is_found(lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verbs, "run_self_test", lambda: [Row("lost", 100, 100, "nothing_acknowledged_is_lost")])
    code, out, _ = lab("check", "--self-test")
    assert (code, "100 of 100" in out) == (0, True)
    monkeypatch.setattr(verbs, "run_self_test", lambda: [Row("lost", 99, 100, "nothing_acknowledged_is_lost")])
    assert lab("check", "--self-test", "--json")[0] == 1
