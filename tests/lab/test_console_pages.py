"""The pages of scenarios and runs, without a stack and without a browser: what they say, and of which run."""

import io
import json
import re
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from starlette.testclient import TestClient

from lab.console import records
from lab.console.app import application
from lab.console.desk import Desk
from tests.lab.report_pages import HOSTILE, Page, hostile_history
from tests.lab.run_folders import SCENARIO, run_folder, settings_for, with_verdict

STAMP = "20260101-120000"
ADDRESS = "http://127.0.0.1:8478"


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    return settings_for(tmp_path).runs


@pytest.fixture
def client(tmp_path: Path, runs: Path) -> Iterator[TestClient]:
    with TestClient(application(Desk(settings_for(tmp_path))), base_url=ADDRESS, follow_redirects=False) as found:
        yield found


def text_of(client: TestClient, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, (address, answer.text[:300])
    return " ".join(Page(answer.text).text.split())


def rows(client: TestClient, address: str) -> list[str]:
    """The names of the runs in the list."""
    page = Page(client.get(address).text)
    return [str(a["value"]) for tag, a in page.tags if tag == "input" and a.get("name") == "run"]


def test_the_scenarios_stand_under_their_demos_with_claim_statements_and_last_runs(
    client: TestClient, runs: Path
) -> None:
    folder = run_folder(runs, STAMP)
    page = Page(client.get("/scenarios").text)
    text = " ".join(page.text.split())
    for demo in ("kafka_demo", "rabbitmq_demo", "celery_demo", "rest_demo", "channels_demo"):
        assert demo in text
    assert SCENARIO.claim in text
    assert "N30, N31, N32, N34" in text
    assert "main ✓ HOLDS" in text
    links = {a.get("href") for tag, a in page.tags if tag == "a"}
    assert {f"/scenarios/{SCENARIO.name}", f"/runs/{folder.name}"} <= links


def test_a_scenario_asks_its_question_and_offers_what_its_script_takes(client: TestClient, runs: Path) -> None:
    control = run_folder(runs, STAMP, "control")
    page = Page(client.get(f"/scenarios/{SCENARIO.name}").text)
    assert SCENARIO.question in page.text
    assert SCENARIO.lesson.splitlines()[0] in page.text
    inputs = [a for tag, a in page.tags if tag == "input"]
    offered = [a["value"] for a in inputs if a.get("name") == "prediction"]
    assert offered == [*(p.choice for p in SCENARIO.predictions), ""]
    assert [a["value"] for a in inputs if a.get("name") == "variant"] == ["main", "control", "breaks"]
    assert {a["data-parameter"] for tag, a in page.tags if "data-parameter" in a} == {"acks", "follower"}
    assert f"/runs/{control.name}" in {a.get("href") for tag, a in page.tags if tag == "a"}
    assert "lost 0" in " ".join(page.text.split()), "the count that the breaking variant is about"
    details = [tag for tag, a in page.tags if tag == "details" and "open" in a]
    assert details == [], "the lesson gives the answer away: it is folded"


def test_what_cannot_be_run_from_here_is_shown_as_a_command(tmp_path: Path) -> None:
    desk = Desk(settings_for(tmp_path), read_only="This console can only watch.")
    with TestClient(application(desk), base_url=ADDRESS) as client:
        page = Page(client.get(f"/scenarios/{SCENARIO.name}").text)
    assert f"bin/lab run {SCENARIO.name}" in page.text
    assert "This console can only watch." in page.text
    assert [a for tag, a in page.tags if tag == "button" and a.get("type") == "submit"] == []


@pytest.mark.parametrize(
    "address",
    ["/scenarios/nope", "/runs/nope", "/runs/nope/report", "/runs/nope.zip", "/runs/.hidden"],
)
def test_what_is_not_there_is_a_page_that_says_so(client: TestClient, address: str) -> None:
    assert "There is no" in text_of(client, address, 404)


def test_the_list_is_filtered_by_its_form(client: TestClient, runs: Path) -> None:
    main, control = run_folder(runs, "20260101-120000"), run_folder(runs, "20260102-120000", "control")
    breaks = run_folder(runs, "20260103-120000", "breaks")
    with_verdict(breaks, verdict="BROKEN", as_expected=True)
    with_verdict(control, as_expected=False)
    going_on = run_folder(runs, "20260104-120000")
    (going_on / "verdict.json").unlink()
    every = [folder.name for folder in (going_on, breaks, control, main)]
    assert rows(client, "/runs") == every
    assert rows(client, "/runs?variant=breaks") == [breaks.name]
    assert rows(client, "/runs?verdict=HOLDS") == [control.name, main.name]
    assert rows(client, "/runs?verdict=none") == [going_on.name]
    assert rows(client, "/runs?expected=no") == [control.name]
    assert rows(client, "/runs?scenario=another") == []
    assert rows(client, f"/runs?scenario={SCENARIO.name}&variant=&verdict=&expected=") == every
    assert "There is none." in text_of(client, "/runs?variant=nonsense&page=99999")


def test_a_thousand_runs_are_read_once_and_listed_a_hundred_on_a_page(
    client: TestClient, runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = run_folder(runs, "20260101-000000")
    for number in range(1, 1000):
        other = runs / f"20260101-{number:06}-{SCENARIO.name}-main"
        other.mkdir()
        for name in ("verdict.json", "history.jsonl"):
            shutil.copyfile(folder / name, other / name)
    first = rows(client, "/runs")
    reads: list[Path] = []
    monkeypatch.setattr(records, "_bytes", lambda path, **_how: reads.append(path))
    assert rows(client, "/runs") == first
    assert reads == [], "what has not changed is not read again"
    assert len(first) == 100
    there = sorted((path.name for path in runs.iterdir()), reverse=True)
    assert f"{len(there)} of {len(there)} runs" in text_of(client, "/runs")
    assert [name for number in range(1, 11) for name in rows(client, f"/runs?page={number}")] == there


def test_latest_leads_to_the_newest_run(client: TestClient, runs: Path) -> None:
    folder = run_folder(runs, STAMP)
    assert client.get("/runs/latest").status_code == 404
    (runs / "latest").symlink_to(folder.name)
    answer = client.get("/runs/latest")
    assert (answer.status_code, answer.headers["location"]) == (307, f"/runs/{folder.name}")


def test_a_run_stands_beside_its_control_and_what_breaks_it(client: TestClient, runs: Path) -> None:
    main, control = run_folder(runs, "20260102-120000"), run_folder(runs, "20260101-120000", "control")
    page = Page(client.get(f"/runs/{main.name}").text)
    assert [a["data-run"] for _, a in page.tags if "data-run" in a] == [main.name, control.name]
    assert SCENARIO.claim in page.text
    assert f"/runs/compare?a={main.name}&b={control.name}" in {a.get("href") for tag, a in page.tags if tag == "a"}


def test_a_run_that_has_no_verdict_yet_says_what_was_predicted(client: TestClient, runs: Path) -> None:
    folder = run_folder(runs, STAMP, predicted="loss")
    (folder / "verdict.json").unlink()
    assert f"You predicted: {SCENARIO.predictions[2].says}" in text_of(client, f"/runs/{folder.name}")


@pytest.mark.parametrize("content", [None, b"", b'{"t": 0.0, "wa'])
def test_a_folder_in_any_state_has_a_page(client: TestClient, runs: Path, content: bytes | None) -> None:
    folder = runs / f"{STAMP}-{SCENARIO.name}-main"
    folder.mkdir()
    if content is not None:
        (folder / "history.jsonl").write_bytes(content)
    assert SCENARIO.name in text_of(client, f"/runs/{folder.name}")
    assert "error" in client.get(f"/api/runs/{folder.name}/told").json()
    assert client.get(f"/api/runs/{folder.name}/story").json() == {"told": [], "all": 0}
    assert text_of(client, f"/runs/{folder.name}/report", 404)
    assert zipfile.ZipFile(io.BytesIO(client.get(f"/runs/{folder.name}.zip").content)).testzip() is None


def test_a_child_tells_what_the_run_shows_and_is_asked_once(
    client: TestClient, runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = run_folder(runs, STAMP, predicted="loss")
    told = client.get(f"/api/runs/{folder.name}/told").json()
    assert told["result"]["verdict"] == "HOLDS"
    assert told["lesson"] == SCENARIO.lesson
    assert [(p["chosen"], p["true"]) for p in told["predictions"]] == [(False, False), (False, True), (True, False)]
    monkeypatch.setattr("lab.console.telling.said_by", None)
    assert client.get(f"/api/runs/{folder.name}/told").json() == told


def test_the_story_is_told_from_where_the_asker_is(client: TestClient, runs: Path) -> None:
    folder = run_folder(runs, STAMP)
    whole = client.get(f"/api/runs/{folder.name}/story").json()
    assert whole["all"] == len(whole["told"]) > 4
    assert "kafka-1 is killed" in [sentence for _, _, sentence in whole["told"]]
    rest = client.get(f"/api/runs/{folder.name}/story?after=3").json()
    assert rest["told"] == whole["told"][3:]
    assert client.get(f"/api/runs/{folder.name}/story?after=-1").json() == whole


def test_the_report_is_a_page_of_its_own_that_can_do_nothing_as_the_console(client: TestClient, runs: Path) -> None:
    folder = run_folder(runs, STAMP)
    answer = client.get(f"/runs/{folder.name}/report")
    assert answer.status_code == 200
    assert "sandbox" in answer.headers["content-security-policy"]
    assert "Messaging Lab, report of a run" in answer.text
    assert sorted(path.name for path in folder.iterdir()) == ["history.jsonl", "logs", "verdict.json"]


def test_what_a_child_says_is_in_the_language_of_the_page(client: TestClient, runs: Path) -> None:
    folder = run_folder(runs, STAMP)
    client.get("/runs?lang=ru")
    told = client.get(f"/api/runs/{folder.name}/told").json()
    story = client.get(f"/api/runs/{folder.name}/story").json()
    report = Page(client.get(f"/runs/{folder.name}/report").text).text
    for text in (told["lesson"], told["findings"][0]["says"], story["told"][-1][2], report):
        assert re.search(r"[\u0430-\u044f]{3}", text), text[:200]


def test_hostile_text_of_a_run_stays_text(client: TestClient, runs: Path) -> None:
    folder = runs / f"{STAMP}-x-main"
    folder.mkdir()
    lines = [msgspec.to_builtins(op) for op in hostile_history()]
    lines[0]["value"] |= {"scenario": HOSTILE, "variant": HOSTILE, "predicted": HOSTILE, "versions": {HOSTILE: HOSTILE}}
    (folder / "history.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    for address in ("/runs", f"/runs/{folder.name}", f"/runs/compare?a={folder.name}&b={folder.name}"):
        page = Page(client.get(address).text)
        assert HOSTILE in page.text, address
        assert "img" not in {tag for tag, _ in page.tags}
        assert "alert(1)" not in "".join(text for kind, text in page.scripts if kind != "application/json")
