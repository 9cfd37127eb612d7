"""Two runs side by side, without a browser: what the table says of them, and when it cannot."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from lab.console.app import application
from lab.console.desk import Desk
from tests.lab.console_client import ORIGIN
from tests.lab.run_folders import run_folder, settings_for, with_verdict


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    return settings_for(tmp_path).runs


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    with TestClient(application(Desk(settings_for(tmp_path))), base_url=ORIGIN, follow_redirects=False) as found:
        yield found


def compared(client: TestClient, a: Path, b: Path) -> set[str]:
    """The lines of the comparison, their cells with bars between."""
    found = re.findall(r"<tr.*?</tr>", client.get(f"/runs/compare?a={a.name}&b={b.name}").text)
    return {"|".join(re.findall(r">([^<>]+)<", line)) for line in found}


def test_two_runs_are_compared_line_by_line(client: TestClient, runs: Path) -> None:
    a, b = run_folder(runs, "20260101-120000"), run_folder(runs, "20260102-120000", seed=2, predicted="pause")
    with_verdict(b, verdict="BROKEN", as_expected=False, versions={"apache/kafka": "4.9"})
    lines = compared(client, a, b)
    assert {
        "variant|main|main|same",
        "verdict|✓ HOLDS|✕ BROKEN|≠ differs",
        "prediction|-|pause|≠ differs",
        "acks|all|all|same",
        "apache/kafka|4.3.1|4.9|≠ differs",
        "nothing acknowledged is lost: lost|0|0|same",
    } <= lines


def test_the_ticked_two_are_compared_and_another_number_is_not(client: TestClient, runs: Path) -> None:
    names = [run_folder(runs, f"2026010{day}-120000").name for day in (1, 2, 3)]
    answer = client.get(f"/runs/compare?run={names[0]}&run={names[1]}")
    assert answer.status_code == 303
    assert answer.headers["location"].endswith(f"/runs/compare?a={names[0]}&b={names[1]}")
    for query in ("", f"?run={names[0]}", "?" + "&".join(f"run={name}" for name in names)):
        answer = client.get(f"/runs/compare{query}")
        assert answer.status_code == 422
        assert "Tick exactly two runs" in answer.text
    answer = client.get(f"/runs/compare?a={names[0]}&b=x")
    assert answer.status_code == 404
    assert "There is no run x" in answer.text


def test_a_run_without_a_verdict_can_be_compared(client: TestClient, runs: Path) -> None:
    a, b = run_folder(runs, "20260101-120000"), run_folder(runs, "20260102-120000")
    (b / "verdict.json").unlink()
    assert "verdict|✓ HOLDS|no verdict|≠ differs" in compared(client, a, b)
