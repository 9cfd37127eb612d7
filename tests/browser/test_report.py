"""Reports in a real Chromium, opened from a file with no network: complete, safe, and legible to everybody."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from lab.console.words import timeline_words
from tests.browser.conftest import NARROW, WIDE, AtRest
from tests.browser.opened_report import failover, open_report
from tests.lab.report_pages import HOSTILE, hostile_history


def test_a_report_opens_from_a_file_and_asks_for_nothing_else(page: Page, tmp_path: Path) -> None:
    history = failover()
    opened = open_report(page, tmp_path, history)
    assert opened.complaints == []
    assert [url.rpartition("/")[2] for url in opened.requests] == ["report.html"]
    expect(opened.page.locator(".badge")).to_have_text("✓ HOLDS")
    expect(opened.page.locator("#picture")).to_have_attribute("data-lines", str(len(history)))


def test_the_slider_and_the_button_work_from_the_keyboard(page: Page, tmp_path: Path) -> None:
    opened = open_report(page, tmp_path, failover())
    slider, button = opened.page.get_by_role("slider"), opened.page.get_by_role("button")
    slider.focus()
    opened.page.keyboard.press("Home")
    expect(opened.page.locator("#replay output")).to_contain_text("0.0 of")
    opened.page.keyboard.press("ArrowRight")
    expect(opened.page.locator("#replay output")).to_contain_text("0.1 of")
    button.focus()
    opened.page.keyboard.press("Enter")
    expect(button).to_have_text("Pause")
    opened.wait_until("Number(document.querySelector('#replay input').value) > 1")
    opened.page.keyboard.press("Enter")
    expect(button).to_have_text("Play")
    assert opened.complaints == []


def test_hostile_text_in_a_history_stays_text_in_the_browser(page: Page, tmp_path: Path) -> None:
    opened = open_report(page, tmp_path, hostile_history())
    assert opened.complaints == []
    assert opened.page.locator("img").count() == 0
    assert opened.page.get_by_text(HOSTILE).count() >= 6
    assert len(opened.requests) == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_a_report_is_legible_to_everybody(page: Page, tmp_path: Path, at_rest: AtRest, scheme: Any, width: int) -> None:
    page.emulate_media(color_scheme=scheme)
    opened = open_report(page, tmp_path, failover(), width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("document.querySelector('svg.lanes').getBoundingClientRect().right") <= width
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)")
    assert (sum(ground) > 600) == (scheme == "light")
    assert opened.complaints == []
    at_rest(page, "report")


def test_another_colour_scheme_draws_the_charts_anew(page: Page, tmp_path: Path) -> None:
    page.emulate_media(color_scheme="light")
    opened = open_report(page, tmp_path, failover())
    light = page.locator("#picture canvas").first.evaluate("(canvas) => (window.light = canvas.toDataURL())")
    assert len(light) > 1000
    page.emulate_media(color_scheme="dark")
    opened.wait_until("document.querySelector('#picture canvas').toDataURL() !== window.light")


def test_paper_gets_everything_in_light_colours(page: Page, tmp_path: Path) -> None:
    page.emulate_media(color_scheme="dark")
    opened = open_report(page, tmp_path, failover())
    page.emulate_media(media="print", color_scheme="dark")
    opened.wait_until("document.querySelector('svg.lanes').getBoundingClientRect().width === 690")
    for heading in ("Timeline", "Findings", "Story", "Question", "Setting", "Lesson"):
        expect(page.get_by_role("heading", name=heading, exact=True)).to_be_visible()
    expect(page.locator("#replay")).to_be_hidden()
    expect(page.locator("#picture canvas").first).to_be_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate("getComputedStyle(document.querySelector('svg.lanes text.title')).fill") == "rgb(87, 96, 106)"
    assert page.pdf(format="A4", print_background=True).startswith(b"%PDF")


def test_every_sentence_of_the_picture_has_its_words(page: Page, tmp_path: Path) -> None:
    opened = open_report(page, tmp_path, failover())
    keys = [key for key in timeline_words() if "_" in key]
    shown = opened.page.locator("#picture").inner_text() + opened.lanes
    assert [key for key in keys if key in shown] == [], "a key is shown where its sentence is missing"
    assert "undefined" not in shown
    assert "{" not in shown
