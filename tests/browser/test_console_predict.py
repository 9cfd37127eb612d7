"""Runs that are made from a page, on the shared stack: predict, see the election and the verdict, stop, and look while
the brokers are down.
"""

import contextlib
from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from lab.cluster.targets import open_target
from lab.console.desk import Desk
from lab.waiting import wait_for
from tests.browser.console_pages import PATIENT, served, wait_until
from tests.conftest import Stack
from tests.lab.run_folders import SCENARIO

A_RUN = 300_000.0
"""Milliseconds for a whole run at quick pace on a machine that is busy."""
ADDRESS = f"/scenarios/{SCENARIO.name}"


@pytest.fixture
def console(stack: Stack) -> Iterator[str]:
    desk = Desk(stack.settings)
    with served(desk) as address:
        yield address
    # The verdict is written before the logs are kept: a run is over a little later than it seems.
    wait_for("the runs of the page to end", lambda: not desk.jobs.going_on(), within=180)


def test_predict_run_and_see_the_election_and_the_verdict(page: Page, context: BrowserContext, console: str) -> None:
    page.goto(f"{console}{ADDRESS}")
    page.get_by_label(SCENARIO.predictions[1].says).check()
    page.get_by_role("button", name="Run", exact=True).click()
    page.wait_for_url("**/runs/*", timeout=PATIENT)
    expect(page.get_by_role("button", name="Stop the run")).to_be_visible(timeout=PATIENT)
    expect(page.locator("#story")).to_contain_text("felt: the follower is elected leader", timeout=A_RUN)
    page.reload()
    second = context.new_page()
    second.goto(page.url)
    for tab in (page, second):
        expect(tab.locator(".badge")).to_have_text("✓ HOLDS", timeout=A_RUN)
        expect(tab.locator("#verdict")).to_contain_text("This came true.", timeout=PATIENT)
        wait_until(tab, "document.querySelectorAll('svg.lanes .bar.node').length >= 3")
    leaders = page.locator("svg.lanes .bar.node title").all_text_contents()
    assert len(set(leaders)) == 2, leaders
    assert page.locator("#story tbody tr").all_text_contents() == second.locator("#story tbody tr").all_text_contents()
    expect(page.get_by_role("button", name="Stop the run")).to_have_count(0)


def test_a_run_is_stopped_from_its_page_and_leaves_nothing_broken(page: Page, stack: Stack, console: str) -> None:
    page.goto(f"{console}{ADDRESS}")
    page.get_by_role("button", name="Run the control").click()
    page.wait_for_url("**/runs/*", timeout=PATIENT)
    page.get_by_role("button", name="Stop the run").click()
    expect(page.locator(".badge")).to_have_text("? UNKNOWN", timeout=A_RUN)
    expect(page.locator("#story")).to_contain_text("interrupted", timeout=PATIENT)


def test_the_pages_load_while_both_brokers_are_down(page: Page, stack: Stack, console: str) -> None:
    with brokers_down(stack):
        for address, heading in (("/scenarios", "Scenarios"), (ADDRESS, SCENARIO.name), ("/runs", "Runs")):
            page.goto(f"{console}{address}")
            expect(page.get_by_role("heading", level=1)).to_have_text(heading)
        page.get_by_role("link").filter(has_text="202").first.click()
        expect(page.locator("#told")).to_have_attribute("data-told", "yes", timeout=PATIENT)


@contextlib.contextmanager
def brokers_down(stack: Stack) -> Iterator[None]:
    """Both Kafka brokers killed, and healthy again at the end."""
    target = open_target("local", stack.settings)
    try:
        for node in ("kafka-1", "kafka-2"):
            target.kill(node)
        yield
    finally:
        for node in ("kafka-1", "kafka-2"):
            target.start(node)
        wait_for(
            "both brokers to be healthy",
            lambda: all(target.status_of(node).health == "healthy" for node in ("kafka-1", "kafka-2")),
            within=180,
        )
