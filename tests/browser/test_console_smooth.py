"""A history of 100,000 lines on the page of a run: the page stays alive while it loads and while its slider is moved.

What is measured is the time between two frames of the browser, as a person sees them. The bounds are for a machine that
does much else meanwhile; the numbers are printed.
"""

import statistics
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from playwright.sync_api import Page, expect

from lab.bench import write_large_history
from lab.console.desk import Desk
from lab.history import History
from lab.runner import judged
from tests.browser.console_pages import PATIENT, served
from tests.lab.run_folders import SCENARIO, settings_for

LINES = 100_000
LONGEST, USUAL = 1000.0, 100.0
"""Milliseconds between two frames."""

WATCH_FRAMES = """
window.frames_seen = [];
let last = performance.now();
const watch = (now) => {
  window.frames_seen.push(now - last);
  last = now;
  requestAnimationFrame(watch);
};
requestAnimationFrame(watch);
"""
SCRUB = """async (steps) => {
  window.frames_seen.length = 0;
  const slider = document.querySelector("#replay input");
  for (let at = 0; at <= steps; at += 1) {
    slider.value = (slider.max * at) / steps;
    slider.dispatchEvent(new Event("input"));
    await new Promise((next) => requestAnimationFrame(next));
  }
  return window.frames_seen;
}"""


@pytest.fixture
def large(tmp_path: Path) -> Iterator[str]:
    """The address of the page of a run with so many lines."""
    settings = settings_for(tmp_path)
    folder = settings.runs / f"20260101-120000-{SCENARIO.name}-main"
    folder.mkdir()
    write_large_history(folder / "history.jsonl", LINES)
    result = judged(History.load(folder / "history.jsonl"), SCENARIO, folder)
    (folder / "verdict.json").write_bytes(msgspec.json.encode(result))
    with served(Desk(settings)) as address:
        yield f"{address}/runs/{folder.name}"


def test_a_long_history_loads_and_is_scrubbed_without_a_stutter(page: Page, large: str) -> None:
    page.add_init_script(WATCH_FRAMES)
    page.goto(large)
    expect(page.locator("#picture[data-lines]")).to_be_visible(timeout=PATIENT)
    assert int(page.locator("#picture").get_attribute("data-lines") or 0) > LINES * 0.99
    judge("while it loads", page.evaluate("window.frames_seen"))
    expect(page.locator("#told[data-told]")).to_be_visible(timeout=PATIENT)
    judge("while the slider is moved", page.evaluate(SCRUB, 100))


def judge(when: str, frames: list[float]) -> None:
    """Print what was measured, and hold it against the bounds."""
    usual, longest = statistics.median(frames), max(frames)
    print(f"{when}: {len(frames)} frames, {usual:.0f} ms between two, {longest:.0f} ms at most")
    assert longest < LONGEST, when
    assert usual < USUAL, when
