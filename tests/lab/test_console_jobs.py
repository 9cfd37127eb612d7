"""Runs that pages start: each a child under the stack's own lock. Here the child is a stand-in."""

import fcntl
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from lab.console import jobs as module
from lab.console.catalogue import Catalogue, Lessons
from lab.console.desk import Desk
from lab.journal import journal_of
from lab.waiting import wait_for
from tests.lab.console_child import KNOWN, NAME, STAND_IN
from tests.lab.console_client import client_of, make_desk


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A desk with one scenario; a stack is noted as up. Whatever it started is ended."""
    catalogue = Catalogue()
    catalogue._lessons = Lessons([KNOWN], ["kafka-leader"])
    desk = make_desk(tmp_path, catalogue=catalogue)
    desk.settings.state.mkdir()
    (desk.settings.state / "target").write_text("local\n")
    yield desk
    for child in desk.jobs._children.values():
        child.kill()
        child.wait()


@pytest.fixture
def child_that(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Chooses what `lab run` does."""
    script = tmp_path / "stand_in.py"
    script.write_text(STAND_IN)

    def choose(does: str) -> None:
        place = [str(desk.settings.state), str(desk.settings.runs)]
        monkeypatch.setattr(module, "COMMAND", (sys.executable, str(script), *place, does))

    choose("runs")
    return choose


def run(client: TestClient, **order: Any) -> tuple[int, dict[str, Any]]:
    answer = client.post("/api/jobs", json={"scenario": "some-scenario"} | order)
    return answer.status_code, answer.json()


def end_of(client: TestClient) -> dict[str, Any]:
    """What the event stream of the run says at its end; waits for it."""
    text = client.get(f"/api/runs/{NAME}/events").text
    found: dict[str, Any] = json.loads(text.partition("event: end\ndata: ")[2].partition("\n")[0])
    return found


def test_a_run_begins_with_its_folder_and_is_current(desk: Desk, child_that: Callable[[str], None]) -> None:
    client = client_of(desk)
    status, answer = run(client, variant="breaks", pace="quick", seed=7, parameters={"acks": "1"}, prediction="nothing")
    assert (status, answer["run"]) == (201, NAME)
    told = json.loads((desk.settings.state / "told.json").read_text())
    assert told == [
        "some-scenario", "--breaks", "--pace=quick", "--seed=7", "--set=acks=1", "--predict=nothing",
        "--json", "--announce",
    ]  # fmt: skip
    current = {"job": answer["job"], "run": NAME, "scenario": "some-scenario", "variant": "main"}
    assert client.get("/api/jobs").json() == {"current": current}


def test_a_run_outlives_its_console(desk: Desk, child_that: Callable[[str], None]) -> None:
    run(client_of(desk))
    (child,) = desk.jobs._children.values()
    assert os.getsid(child.pid) == child.pid  # no Ctrl-C and no hang-up of the console reaches it
    files = {Path(f"/proc/{child.pid}/fd/{number}").readlink() for number in (1, 2)}
    assert all(file.is_relative_to(desk.settings.state) for file in files)  # no pipe that would break
    assert desk.jobs.going_on()


def test_a_second_run_is_refused_while_one_goes_on(desk: Desk, child_that: Callable[[str], None]) -> None:
    client = client_of(desk)
    assert run(client)[0] == 201
    status, answer = run(client)
    assert status == 409
    assert "Another run" in answer["error"]
    assert answer["do"]


def test_a_second_console_sees_the_run_and_can_stop_it(
    desk: Desk, child_that: Callable[[str], None], tmp_path: Path
) -> None:
    job = run(client_of(desk))[1]["job"]
    other = client_of(make_desk(tmp_path, catalogue=desk.catalogue))
    assert other.get("/api/jobs").json()["current"]["job"] == job
    assert other.post(f"/api/jobs/{job}/stop", json={}).status_code == 202
    assert end_of(other)["verdict"] == {}


def test_a_run_that_is_stopped_twice_gets_one_signal_and_a_verdict(
    desk: Desk, child_that: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_of(desk)
    job = run(client)[1]["job"]
    sent: list[int] = []
    really = os.kill
    monkeypatch.setattr(os, "kill", lambda pid, number: (sent.append(number), really(pid, number)))
    answers = [client.post(f"/api/jobs/{job}/stop", json={}).status_code for _ in range(2)]
    assert answers[0] == 202
    assert answers[1] in (202, 409)  # it may have ended in between
    assert sent.count(signal.SIGTERM) == 1
    assert end_of(client) == {"verdict": {}, "why": ""}
    assert client.post(f"/api/jobs/{job}/stop", json={}).status_code == 409
    assert client.post("/api/jobs/nobody/stop", json={}).status_code == 404


def test_a_killed_child_is_noticed_and_the_way_to_heal_is_told(desk: Desk, child_that: Callable[[str], None]) -> None:
    client = client_of(desk)
    assert run(client)[0] == 201
    journal_of(desk.settings).will_break("1", "killed", "kafka-1")
    (child,) = desk.jobs._children.values()
    child.kill()
    end = end_of(client)
    assert end["verdict"] is None
    assert "SIGKILL" in end["why"]
    assert "`lab heal`" in end["why"]
    assert client.get("/api/jobs").json() == {"current": None}


def test_a_child_that_fails_on_its_way_is_quoted(desk: Desk, child_that: Callable[[str], None]) -> None:
    child_that("fails")
    client = client_of(desk)
    assert run(client)[0] == 201
    assert "the disk is full. Make room." in end_of(client)["why"]


@pytest.mark.parametrize(
    ("does", "status", "says"),
    [
        ("refuses", 422, "cut_off"),
        ("has no stack", 503, "kafka-1 is exited"),
        ("crashes", 500, "the lab itself failed"),
    ],
)
def test_what_lab_says_before_a_run_begins_reaches_the_page(
    desk: Desk, child_that: Callable[[str], None], does: str, status: int, says: str
) -> None:
    child_that(does)
    got, answer = run(client_of(desk))
    assert (got, answer["error"].startswith("lab:")) == (status, False)
    assert says in answer["error"]
    assert "progress" not in answer["error"]


@pytest.mark.parametrize(
    "order",
    [
        {"scenario": "none"}, {"scenario": "--help"}, {"variant": "other"}, {"pace": "slow"}, {"seed": "x"},
        {"parameters": {"color": "red"}}, {"parameters": {"acks": "2"}}, {"parameters": {"acks": ["all"]}},
        {"prediction": "everything"}, {"more": 1},
    ],
    ids=str,
)  # fmt: skip
def test_what_no_scenario_takes_is_refused_before_anything_starts(
    desk: Desk, child_that: Callable[[str], None], order: dict[str, Any]
) -> None:
    status, answer = run(client_of(desk), **order)
    assert status == 422
    assert answer["error"]
    assert not desk.jobs._children


def test_a_body_that_is_no_json_is_refused(desk: Desk) -> None:
    answer = client_of(desk).post("/api/jobs", content=b"{", headers={"Content-Type": "application/json"})
    assert answer.status_code == 422


def test_without_a_stack_nothing_starts(desk: Desk, child_that: Callable[[str], None]) -> None:
    (desk.settings.state / "target").unlink()
    client = client_of(desk)
    assert run(client) == (503, {"error": "No stack is up.", "do": "bin/lab up"})
    assert client.post("/api/heal", json={}).status_code == 503
    assert client.post("/api/break", json={"fault": "kill", "node": "kafka-1"}).status_code == 503


def test_a_terminals_run_is_current_and_is_not_ours_to_stop(desk: Desk, tmp_path: Path) -> None:
    folder = desk.settings.runs / NAME
    folder.mkdir()
    with (desk.settings.state / "run.lock").open("a+") as lock, (folder / "history.jsonl").open("a"):
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.write(str(os.getpid()))
        lock.flush()
        client = client_of(desk)
        current = client.get("/api/jobs").json()["current"]
        assert (current["run"], current["elsewhere"], current["variant"]) == (NAME, True, "main")
        answer = client.post(f"/api/jobs/{current['job']}/stop", json={})
        assert answer.status_code == 409
        assert str(os.getpid()) in answer.json()["error"]
        assert run(client)[0] == 409


def test_a_lock_that_a_dead_holder_left_behind_holds_nothing(desk: Desk, child_that: Callable[[str], None]) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    (desk.settings.state / "run.lock").write_text(str(gone.pid))
    assert client_of(desk).get("/api/jobs").json() == {"current": None}
    assert run(client_of(desk))[0] == 201


def test_old_notes_are_thrown_away(
    desk: Desk, child_that: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "KEPT", 2)
    child_that("refuses")
    client = client_of(desk)
    for _ in range(6):
        assert run(client)[0] == 422
    assert len(list((desk.settings.state / "jobs").iterdir())) <= 3


def test_a_run_that_never_begins_is_given_up(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "COMMAND", (sys.executable, "-c", "import signal; signal.pause()"))
    monkeypatch.setattr(module, "BEGINS_WITHIN", 0.3)
    status, answer = run(client_of(desk))
    assert status == 503
    assert "did not begin" in answer["error"]
    (child,) = desk.jobs._children.values()
    assert wait_for("the child to end", lambda: child.poll() is not None, within=30)
