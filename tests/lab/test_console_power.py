"""Breaking and mending from a page: names come from a list, and a console that only shows says what to type."""

from pathlib import Path

import pytest

from lab.console.catalogue import Catalogue, Lessons
from lab.console.desk import Desk
from tests.lab.console_child import KNOWN
from tests.lab.console_client import client_of, make_desk


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A desk with one scenario; a stack is noted as up, though nothing runs."""
    catalogue = Catalogue()
    catalogue._lessons = Lessons([KNOWN], ["kafka-leader"])
    desk = make_desk(tmp_path, catalogue=catalogue)
    desk.settings.state.mkdir()
    (desk.settings.state / "target").write_text("local\n")
    return desk


def test_a_console_that_only_shows_gives_the_command_to_copy(desk: Desk, tmp_path: Path) -> None:
    only = client_of(make_desk(tmp_path, catalogue=desk.catalogue, read_only="Only shows."))
    answers = {
        "/api/jobs": ({"scenario": "some-scenario", "variant": "control"}, "bin/lab run some-scenario --control"),
        "/api/jobs/x/stop": ({}, "Ctrl-C"),
        "/api/break": ({"fault": "cut-off", "node": "kafka-1"}, "bin/lab break cut-off kafka-1"),
        "/api/heal": ({}, "bin/lab heal"),
    }
    for path, (body, command) in answers.items():
        answer = only.post(path, json=body)
        assert (answer.status_code, answer.json()) == (403, {"error": "Only shows.", "do": command}), path


def test_a_node_that_is_none_is_not_broken_and_a_role_needs_what_it_is_the_role_of(desk: Desk) -> None:
    client = client_of(desk)
    for node in ("nobody", "--help", "kafka-leader", "kafka-leader:", "other:x", "kafka-topics"):
        answer = client.post("/api/break", json={"fault": "kill", "node": node})
        assert (answer.status_code, node in answer.json()["error"]) == (422, True), node
    assert client.post("/api/break", json={"fault": "burn", "node": "kafka-1"}).status_code == 422


def test_what_can_be_broken_is_listed(desk: Desk) -> None:
    answer = client_of(desk).get("/api/breakable").json()
    assert {"kafka-1", "rabbitmq", "celery-sms"} <= set(answer["nodes"])
    assert "kafka-topics" not in answer["nodes"]
    assert answer["faults"] == ["kill", "stop", "pause"]
    assert answer["roles"] == ["kafka-leader"]
