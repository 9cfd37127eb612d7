"""The pictures of README.md: the console on the tests' stack, with a leader failover that was run there.

Each test opens a page and checks that what its picture shows is there; with --screenshots it writes the picture too.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from lab.console.desk import Desk
from tests.browser.conftest import SCREENSHOTS
from tests.browser.console_pages import PATIENT, served
from tests.conftest import ROOT, Stack

SCENARIO = "kafka-leader-failover"
PARTITIONS = 6
Keep = Callable[[Page, str], None]


@pytest.fixture(scope="module")
def console(stack: Stack) -> Iterator[str]:
    with served(Desk(stack.settings)) as address:
        yield address


@pytest.fixture(scope="module")
def run(stack: Stack) -> str:
    """The folder's name of a run that was predicted."""
    _, result = stack.lab_json("run", SCENARIO, "--pace", "quick", "--predict", "pause")
    assert [fault["mended"] is not None for fault in result["faults"]] == [True]
    return Path(result["run"]).name


@pytest.fixture
def keep(request: pytest.FixtureRequest) -> Keep:
    """Write what the window shows, when pictures are wanted; the README must show it in any case."""
    wanted = request.config.getoption("--screenshots")
    readme = (ROOT / "README.md").read_text()

    def write(page: Page, name: str) -> None:
        assert f"](docs/screenshots/{name}.png)" in readme
        if wanted:
            page.mouse.move(0, 0)
            page.screenshot(path=SCREENSHOTS / f"{name}.png", animations="disabled")

    return write


def opened(page: Page, address: str, height: int) -> Page:
    page.set_viewport_size({"width": 1100, "height": height})
    page.goto(address, timeout=PATIENT)
    return page


def test_the_hub_shows_all_five_systems_and_who_leads(page: Page, console: str, keep: Keep) -> None:
    hub = opened(page, console, height=880).locator("#picture")
    for system in ("REST", "RabbitMQ", "Celery", "Kafka, topic freblogg", "Channels"):
        expect(hub).to_contain_text(system, timeout=PATIENT)
    expect(hub).not_to_contain_text("never seen", timeout=PATIENT)
    expect(hub.get_by_text("leader", exact=True)).to_have_count(PARTITIONS, timeout=PATIENT)
    expect(page.locator("#condition")).to_contain_text("All is well: every service runs.", timeout=PATIENT)
    expect(page.get_by_role("button", name="Break the Kafka leader")).to_be_visible()
    keep(page, "hub")


def test_a_scenario_asks_before_it_runs(page: Page, console: str, run: str, keep: Keep) -> None:
    opened(page, f"{console}/scenarios/{SCENARIO}", height=1000)
    page.get_by_label("Writes pause for seconds").check()
    expect(page.locator("#command")).to_have_text(f"bin/lab run {SCENARIO} --pace quick --predict pause")
    expect(page.get_by_role("button", name="Run", exact=True)).to_be_visible()
    expect(page.locator(f"a[href='/runs/{run}']")).to_be_visible()
    keep(page, "scenario")


def test_a_run_shows_its_verdict_its_prediction_and_the_election(
    page: Page, console: str, run: str, keep: Keep
) -> None:
    opened(page, f"{console}/runs/{run}", height=1120)
    expect(page.locator("#told")).to_have_attribute("data-told", "yes", timeout=PATIENT)
    expect(page.locator(".badge")).to_be_visible()
    expect(page.locator("#verdict")).to_contain_text("You predicted: Writes pause for seconds")
    expect(page.locator("#windows")).to_contain_text("killed")
    expect(page.locator("svg.lanes").first).to_contain_text("leads")
    keep(page, "run")
