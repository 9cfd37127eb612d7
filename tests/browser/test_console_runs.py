"""The pages of runs in a real Chromium, without a stack: a run as it goes on, one that is over, and two together."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from lab.console.desk import Desk
from lab.settings import Settings
from tests.browser.conftest import AtRest
from tests.browser.console_pages import PATIENT, Recording, recording, served, wait_until
from tests.lab.report_pages import HOSTILE, hostile_history
from tests.lab.run_folders import SCENARIO, run_folder, settings_for, write_history

AXES = """[...document.querySelectorAll("svg.lanes")].map((one) => [...one.querySelectorAll("text.dim")]
  .map((text) => text.textContent + "@" + text.getAttribute("x")).filter((text) => /^[0-9]/.test(text)).join())"""
"""The moments on each picture's axis and where they stand."""
LED_BY_2 = {
    "brokers": ["kafka-2"],
    "partitions": {"0": {"leader": "kafka-2", "replicas": ["kafka-1", "kafka-2"], "in_sync": ["kafka-2"]}},
}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_for(tmp_path)


@pytest.fixture
def console(settings: Settings) -> Iterator[str]:
    with served(Desk(settings)) as address:
        yield address


@pytest.fixture
def going_on(settings: Settings) -> Iterator[Recording]:
    with recording(settings, predicted="pause") as run:
        yield run


def lanes(page: Page) -> str:
    return " | ".join(page.locator("svg.lanes text, svg.lanes title").all_text_contents())


def told(page: Page) -> None:
    """Wait until all is there that is to be said of a run that is over."""
    expect(page.locator("#told")).to_have_attribute("data-told", "yes", timeout=PATIENT)


def test_a_run_that_is_over_shows_verdict_prediction_findings_story_and_lesson(
    page: Page, console: str, settings: Settings
) -> None:
    folder = run_folder(settings.runs, "20260101-120000", predicted="pause")
    page.goto(f"{console}/runs/{folder.name}")
    told(page)
    expect(page.locator(".badge")).to_have_text("✓ HOLDS")
    expect(page.locator("#verdict")).to_contain_text(f"You predicted: {SCENARIO.predictions[1].says} This came true.")
    findings = page.locator("#findings tbody tr")
    assert findings.count() == len(SCENARIO.checks) + 2
    expect(page.locator("#story")).to_contain_text("kafka-1 is killed")
    expect(page.locator("#lesson")).to_contain_text(SCENARIO.lesson.splitlines()[0])
    assert "kafka-2 leads" in lanes(page)
    expect(page.locator("#windows")).to_contain_text("kafka-1 killed, begun at")


def test_any_moment_of_a_run_can_be_shown_again_from_the_keyboard(page: Page, console: str, settings: Settings) -> None:
    page.goto(f"{console}/runs/{run_folder(settings.runs, '20260101-120000').name}")
    told(page)
    assert "kafka-2 leads" in lanes(page)
    page.get_by_role("slider").focus()
    page.keyboard.press("Home")
    wait_until(page, "!document.querySelector('svg.lanes').textContent.includes('kafka-2 leads')")
    expect(page.locator("#replay output")).to_contain_text("0.0 of")


def test_a_run_is_told_while_it_goes_on_and_judged_at_its_end(page: Page, console: str, going_on: Recording) -> None:
    page.goto(f"{console}/runs/{going_on.folder.name}")
    expect(page.get_by_text(f"You predicted: {SCENARIO.predictions[1].says}")).to_be_visible()
    going_on.add("note", "phase", "two brokers")
    expect(page.locator("#state")).to_have_text("The run goes on: two brokers", timeout=PATIENT)
    for step in ("began", "applied"):
        going_on.add("fault", "killed", {"node": "kafka-1", "step": step, "what": None}, "fault-1")
    going_on.add("observe", "cluster", LED_BY_2)
    expect(page.locator("#story")).to_contain_text("kafka-1 is killed", timeout=PATIENT)
    wait_until(page, "document.querySelector('svg.lanes')?.textContent.includes('kafka-2 leads')")
    expect(page.get_by_role("slider")).to_have_count(0)
    expect(page.locator(".badge")).to_have_count(0)
    result = going_on.end()
    expect(page.locator(".badge")).to_contain_text(result.verdict, timeout=PATIENT)
    told(page)
    expect(page.locator(".badge")).to_contain_text(result.verdict)
    expect(page.get_by_role("slider")).to_be_visible()
    assert page.locator("#story tbody tr").all_text_contents()[-1].endswith("leader kafka-2, in sync kafka-2")


def test_a_reload_in_the_middle_and_a_second_tab_show_the_same_run(
    page: Page, context: BrowserContext, console: str, going_on: Recording
) -> None:
    address = f"{console}/runs/{going_on.folder.name}"
    page.goto(address)
    going_on.add("note", "phase", "two brokers")
    expect(page.locator("#state")).to_contain_text("two brokers", timeout=PATIENT)
    page.reload()
    second = context.new_page()
    second.goto(address)
    for tab in (page, second):
        expect(tab.locator("#state")).to_contain_text("two brokers", timeout=PATIENT)
    going_on.add("note", "phase", "one broker")
    for tab in (page, second):
        expect(tab.locator("#state")).to_contain_text("one broker", timeout=PATIENT)
    stories = [tab.locator("#story tbody tr").all_text_contents() for tab in (page, second)]
    assert stories[0] == stories[1]
    assert len(stories[0]) == 2
    going_on.end()
    for tab in (page, second):
        told(tab)
        expect(tab.locator(".badge")).to_have_text("? UNKNOWN")


def test_a_run_whose_writer_was_killed_says_so(page: Page, console: str, settings: Settings) -> None:
    with recording(settings) as run:
        run.add("note", "phase", "two brokers")
    with (run.folder / "history.jsonl").open("ab") as history:
        history.write(b'{"t": 2.0, "wa')
    page.goto(f"{console}/runs/{run.folder.name}")
    told(page)
    expect(page.locator("#verdict")).to_contain_text("This run is not complete", timeout=PATIENT)
    expect(page.locator(".badge")).to_have_text("? UNKNOWN")
    expect(page.locator("#story")).to_contain_text("two brokers")


def test_another_run_of_the_scenario_is_drawn_beside_it_in_one_scale(
    page: Page, console: str, settings: Settings
) -> None:
    main = run_folder(settings.runs, "20260101-120000")
    run_folder(settings.runs, "20260102-120000", "control", seed=3)
    page.goto(f"{console}/runs/{main.name}")
    told(page)
    page.get_by_role("button", name="Show its picture here").click()
    twin = page.locator("#twins .twin[data-lines]")
    expect(twin).to_be_visible(timeout=PATIENT)
    expect(twin.locator("svg.lanes")).to_contain_text("kafka-1 left untouched (control)")


def test_two_runs_are_compared_in_words_and_in_one_scale(page: Page, console: str, settings: Settings) -> None:
    folders = [run_folder(settings.runs, "20260101-120000"), run_folder(settings.runs, "20260102-120000", "control")]
    page.goto(f"{console}/runs")
    for box in page.get_by_role("checkbox").all():
        box.check()
    page.get_by_role("button", name="Compare the two").click()
    expect(page.locator(".compared[data-lines]")).to_have_count(2, timeout=PATIENT)
    wait_until(page, f"({AXES}).length === 2 && ({AXES})[0] === ({AXES})[1]")
    page.get_by_label("Show only what differs").check()
    expect(page.locator("tr", has_text="variant")).to_contain_text("≠ differs")
    expect(page.locator("tr", has=page.get_by_role("rowheader", name="pace", exact=True))).to_be_hidden()
    assert {folder.name for folder in folders} == set(
        page.locator(".compared").evaluate_all("(all) => all.map((one) => one.dataset.run)")
    )


def test_hostile_text_of_a_run_stays_text_in_the_browser(page: Page, console: str, settings: Settings) -> None:
    folder = settings.runs / f"20260101-120000-{SCENARIO.name}-main"
    folder.mkdir()
    write_history(folder, hostile_history(), scenario=SCENARIO.name)
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: dialogs.append(dialog.message))
    page.goto(f"{console}/runs/{folder.name}")
    told(page)
    assert page.get_by_text(HOSTILE).count() >= 4
    assert page.locator("main img").count() == 0
    assert dialogs == []


def test_a_page_that_is_not_there_says_so(page: Page, console: str) -> None:
    answer = page.goto(f"{console}/runs/nothing-here")
    assert answer
    assert answer.status == 404
    expect(page.get_by_role("heading", level=1)).to_have_text("Not found")


def test_every_page_of_runs_is_legible_to_everybody(
    page: Page, console: str, settings: Settings, at_rest: AtRest, look: Any
) -> None:
    main = run_folder(settings.runs, "20260101-120000", predicted="loss")
    control = run_folder(settings.runs, "20260102-120000", "control")
    page.goto(f"{console}/runs")
    at_rest(page, "runs")
    page.goto(f"{console}/runs/{main.name}")
    told(page)
    at_rest(page, "run")
    page.goto(f"{console}/runs/compare?a={main.name}&b={control.name}")
    expect(page.locator(".compared[data-lines]")).to_have_count(2, timeout=PATIENT)
    at_rest(page, "compare")
    page.goto(f"{console}/runs/nothing-here")
    at_rest(page, "missing")


def test_nothing_moves_by_itself_for_who_asked_for_that(page: Page, console: str, settings: Settings) -> None:
    page.emulate_media(reduced_motion="reduce")
    page.goto(f"{console}/runs/{run_folder(settings.runs, '20260101-120000').name}")
    told(page)
    assert page.evaluate("document.getAnimations().length") == 0
    output = page.locator("#replay output").inner_text()
    page.evaluate("new Promise((next) => requestAnimationFrame(() => requestAnimationFrame(next)))")
    assert page.locator("#replay output").inner_text() == output
