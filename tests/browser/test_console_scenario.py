"""The page of a scenario in a real Chromium, without a stack: what its form says, sends and shows, all by keyboard."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from lab.console.desk import Desk
from tests.browser.conftest import AtRest
from tests.browser.console_pages import PATIENT, served
from tests.lab.run_folders import SCENARIO, run_folder, settings_for

ADDRESS = f"/scenarios/{SCENARIO.name}"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(settings_for(tmp_path))


@pytest.fixture
def console(desk: Desk) -> Iterator[str]:
    with served(desk) as address:
        yield address


def test_the_command_says_what_the_form_says(page: Page, console: str) -> None:
    page.goto(f"{console}{ADDRESS}")
    command = page.locator("#command")
    expect(command).to_have_text(f"bin/lab run {SCENARIO.name} --pace quick")
    page.get_by_label(SCENARIO.predictions[1].says).check()
    page.get_by_label("What must break it").check()
    page.get_by_label("Pace").select_option("full")
    page.get_by_label("Seed").fill("7")
    page.get_by_text("Parameters", exact=True).click()
    page.get_by_label("acks", exact=True).select_option("1")
    expect(command).to_have_text(f"bin/lab run {SCENARIO.name} --breaks --seed 7 --set acks=1 --predict pause")


def test_the_lesson_is_folded_until_somebody_wants_it(page: Page, console: str) -> None:
    page.goto(f"{console}{ADDRESS}")
    lesson = page.locator("details.lesson pre")
    expect(lesson).to_be_hidden()
    page.get_by_text("Read the lesson first").click()
    expect(lesson).to_contain_text(SCENARIO.lesson.splitlines()[0])


def test_the_form_is_filled_in_and_sent_by_keyboard_and_a_refusal_is_read_out(page: Page, console: str) -> None:
    page.goto(f"{console}{ADDRESS}")
    sent: list[Any] = []
    page.on("request", lambda request: sent.append(request.post_data_json) if request.method == "POST" else None)
    reached = ["prediction", "", "variant", "pace", "seed"]
    page.locator("h1").click()
    for name in reached:
        press_tab_to(page, name)
        if name in ("prediction", "variant"):
            page.keyboard.press("ArrowDown")
        elif name == "pace":
            page.keyboard.press("f")
    press_tab_to(page, "", "Run")
    page.keyboard.press("Enter")
    news = page.get_by_role("status")
    expect(news).to_contain_text("No stack is up. bin/lab up", timeout=PATIENT)
    order = {"scenario": SCENARIO.name, "variant": "control", "pace": "full", "seed": 0, "parameters": {}}
    assert sent == [order | {"prediction": SCENARIO.predictions[0].choice}]
    expect(page.locator("button.go")).to_be_focused()
    expect(page.locator("button.go")).to_be_enabled()


def press_tab_to(page: Page, name: str, text: str = "") -> None:
    """Press Tab until a field of this name, or an element with this text, has the focus."""
    wanted = "(one) => [one.name ?? '', one.textContent.trim()]"
    for _ in range(40):
        page.keyboard.press("Tab")
        got = page.locator(":focus").evaluate(wanted)
        if (name and got[0] == name) or (text and got[1] == text) or (not name and not text):
            return
    raise AssertionError(f"Tab does not reach {name or text}")


def test_a_console_that_can_only_watch_sends_nothing(page: Page, desk: Desk) -> None:
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method != "GET" else None)
    with served(Desk(desk.settings, read_only="This console can only watch.")) as address:
        page.goto(f"{address}{ADDRESS}")
        expect(page.get_by_role("button", name="Run")).to_have_count(0)
        page.get_by_label("Control").check()
        page.get_by_label("Seed").press("Enter")
        expect(page.locator("#command")).to_have_text(f"bin/lab run {SCENARIO.name} --control --pace quick")
        assert page.url == f"{address}{ADDRESS}"
    assert sent == []


def test_the_pages_of_scenarios_are_legible_to_everybody(
    page: Page, desk: Desk, console: str, at_rest: AtRest, look: Any
) -> None:
    run_folder(desk.settings.runs, "20260101-120000")
    page.goto(f"{console}/scenarios")
    at_rest(page, "scenarios")
    page.goto(f"{console}{ADDRESS}")
    page.get_by_text("Parameters", exact=True).click()
    page.get_by_text("Read the lesson first").click()
    at_rest(page, "scenario")
