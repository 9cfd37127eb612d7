"""The page Notes in a real Chromium: each statement, what is right today, and what the last run said of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from lab.console.desk import Desk
from lab.notes import CONDITIONS, STATEMENTS
from lab.settings import Settings
from lab.verdict import Verdict
from tests.browser.conftest import AtRest
from tests.browser.console_pages import PATIENT, served
from tests.lab.run_folders import SCENARIO, run_folder, settings_for, with_verdict

[ID] = [id for id in SCENARIO.notes if id == "N32"]
"""A statement that this scenario shows, and another one too."""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_for(tmp_path)


@pytest.fixture
def notes(settings: Settings) -> Iterator[str]:
    with served(Desk(settings)) as address:
        yield f"{address}/notes"


def row(page: Page, id: str) -> Locator:
    return page.locator(f"tr#{id}")


def opened(page: Page, address: str) -> Page:
    """The page, whose first reader waits for the scenarios to be read."""
    page.goto(address, timeout=PATIENT)
    return page


def test_every_statement_stands_there_with_what_is_right_and_not_run_yet(page: Page, notes: str) -> None:
    opened(page, notes)
    rows = page.locator("table.statements tbody tr")
    assert rows.count() == len(STATEMENTS)
    for id, says in STATEMENTS.items():
        expect(row(page, id)).to_contain_text(says)
        expect(row(page, id)).to_contain_text(CONDITIONS[id])
    assert page.get_by_text("not run yet", exact=True).count() >= len(STATEMENTS)
    assert page.locator("a.word").count() == 0


def test_the_last_run_gives_its_verdict_and_leads_to_its_page(page: Page, notes: str, settings: Settings) -> None:
    run_folder(settings.runs, "20260101-120000")
    newest = run_folder(settings.runs, "20260102-120000", seed=2)
    run_folder(settings.runs, "20260103-120000", "control")  # which says nothing about a statement
    opened(page, notes)
    word = row(page, ID).locator("a.word")
    expect(word).to_have_text("✓ HOLDS")
    expect(row(page, ID)).to_contain_text("Partition 0 moved")
    expect(row(page, ID)).to_contain_text("not run yet")  # the other scenario
    word.click()
    page.wait_for_url(f"**/runs/{newest.name}")


def test_what_a_run_broke_or_left_open_is_said_so(page: Page, notes: str, settings: Settings) -> None:
    folder = run_folder(settings.runs, "20260101-120000")
    result = with_verdict(folder)
    others = [finding for finding in result.findings if finding.check != "the_leader_moved"]
    [moved] = [finding for finding in result.findings if finding.check == "the_leader_moved"]
    for verdict, shown in ((Verdict.BROKEN, "✕ BROKEN"), (Verdict.UNKNOWN, "? UNKNOWN")):
        changed = type(moved)(moved.check, verdict, says="It was <b>otherwise</b>.")
        with_verdict(folder, findings=[*others, changed])
        opened(page, notes)
        expect(row(page, ID).locator("a.word")).to_have_text(shown)
        expect(row(page, ID)).to_contain_text("It was <b>otherwise</b>.")
        expect(page.locator(".tally")).to_contain_text(f"{shown} 1")


def test_one_demo_alone_is_shown_when_it_is_chosen(page: Page, notes: str) -> None:
    opened(page, notes)
    page.get_by_label("Demo").select_option("kafka_demo")
    page.get_by_role("button", name="Show").click()
    page.wait_for_url("**/notes?demo=kafka_demo")
    assert {f"N{number}" for number in range(28, 35)} == set(
        page.locator("table.statements tbody th").all_text_contents()
    )
    page.get_by_label("Demo").select_option("")
    page.get_by_role("button", name="Show").click()
    page.wait_for_url("**/notes?demo=")
    expect(row(page, "N1")).to_be_visible()


@pytest.mark.usefixtures("look")
def test_it_is_readable_in_every_look(page: Page, notes: str, settings: Settings, at_rest: AtRest) -> None:
    run_folder(settings.runs, "20260101-120000")
    at_rest(opened(page, notes), "console-notes")
