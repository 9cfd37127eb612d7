"""What scripts get of a run folder over HTTP, and that nothing outside the folder of runs is ever read."""

import json
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from lab.console.desk import Desk
from tests.lab.console_client import client_of, make_desk

NAME = "20260101-000000-some-scenario-main"
LINES = [json.dumps({"t": number}) for number in range(10)]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    desk = make_desk(tmp_path)
    folder = desk.settings.runs / NAME
    folder.mkdir()
    (folder / "history.jsonl").write_text("".join(line + "\n" for line in LINES))
    (folder / "verdict.json").write_text('{"verdict": "HOLDS"}')
    return desk


@pytest.fixture
def client(desk: Desk) -> TestClient:
    return client_of(desk)


def blocks(text: str) -> list[dict[str, str]]:
    """The events of a stream, as a browser takes them apart."""
    return [dict(line.split(": ", 1) for line in block.split("\n")) for block in text.strip().split("\n\n")]


def test_a_run_is_a_stream_of_events(client: TestClient) -> None:
    answer = client.get(f"/api/runs/{NAME}/events")
    assert answer.headers["Content-Type"].startswith("text/event-stream")
    first, last = blocks(answer.text)
    assert first["event"] == "lines"
    assert first["data"] == "[" + ",".join(LINES) + "]"
    assert json.loads(last["data"]) == {"verdict": {"verdict": "HOLDS"}, "why": ""}


def test_a_stream_goes_on_where_the_browser_was(client: TestClient) -> None:
    at = sum(len(line) + 1 for line in LINES[:4])
    for answer in (
        client.get(f"/api/runs/{NAME}/events", headers={"Last-Event-ID": str(at)}),
        client.get(f"/api/runs/{NAME}/events?from={at}"),
    ):
        assert json.loads(blocks(answer.text)[0]["data"]) == [json.loads(line) for line in LINES[4:]]


@pytest.mark.parametrize("told", ["-1", "x", "9" * 40, "\u0663", "1.5"])
def test_a_place_that_makes_no_sense_is_the_beginning(client: TestClient, told: str) -> None:
    answer = client.get(f"/api/runs/{NAME}/events", params={"from": told})
    assert len(json.loads(blocks(answer.text)[0]["data"])) == len(LINES)


def test_a_place_behind_the_end_has_only_the_end(client: TestClient) -> None:
    assert [block["event"] for block in blocks(client.get(f"/api/runs/{NAME}/events?from=1000000").text)] == ["end"]


def test_the_files_are_given_as_they_are(desk: Desk, client: TestClient) -> None:
    for name in ("history.jsonl", "verdict.json"):
        answer = client.get(f"/api/runs/{NAME}/{name}")
        assert answer.content == (desk.settings.runs / NAME / name).read_bytes()


def test_a_file_that_is_not_there_is_told(desk: Desk, client: TestClient) -> None:
    (desk.settings.runs / NAME / "verdict.json").unlink()
    answer = client.get(f"/api/runs/{NAME}/verdict.json")
    assert (answer.status_code, answer.json()["error"]) == (404, "This run has no such file.")


@pytest.mark.parametrize(
    "name", ["none", "..", "%2e%2e", "..%2fsecret", "%2fetc", ".hidden", "latest", "secret", "a%00b", "x" * 300]
)
@pytest.mark.parametrize("what", ["events", "history.jsonl", "verdict.json"])
def test_no_other_folder_is_read(desk: Desk, client: TestClient, name: str, what: str) -> None:
    secret = desk.settings.runs.parent / "secret"
    secret.mkdir()
    for place in (secret, desk.settings.runs / ".hidden"):
        place.mkdir(exist_ok=True)
        (place / "history.jsonl").write_text('{"t": "secret"}\n')
        (place / "verdict.json").write_text('"secret"')
    (desk.settings.runs / "secret").symlink_to(secret)
    (desk.settings.runs / "latest").symlink_to(NAME)
    answer = client.get(f"/api/runs/{name}/{what}")
    assert answer.status_code == 404
    assert '"secret"' not in answer.text


def test_a_link_in_a_run_folder_is_not_followed(desk: Desk, client: TestClient, tmp_path: Path) -> None:
    (tmp_path / "secret.json").write_text('"secret"')
    verdict = desk.settings.runs / NAME / "verdict.json"
    verdict.unlink()
    verdict.symlink_to(tmp_path / "secret.json")
    assert client.get(f"/api/runs/{NAME}/verdict.json").status_code == 404
    assert "secret" not in client.get(f"/api/runs/{NAME}/events").text
