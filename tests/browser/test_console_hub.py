"""The page Hub in a real Chromium : it shows what is so, says what will happen, and marks what is broken or old.

No stack is needed: the look is a child that prints what a test tells it. test_console_hub_stack.py has the real one.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import AtRest
from tests.browser.console_pages import PATIENT, wait_until
from tests.browser.hub_pages import SERVICES, Told, cell, console, looked, opened, partitions_of


@pytest.fixture
def told(tmp_path: Path) -> Told:
    found = Told(tmp_path / "look.json")
    found.show(looked())
    return found


@pytest.fixture
def hub(tmp_path: Path, told: Told) -> Iterator[str]:
    with console(tmp_path, told) as address:
        yield address


def test_a_whole_hub_is_shown_in_the_picture_and_in_words(page: Page, hub: str) -> None:
    opened(page, hub)
    expect(page.locator("#condition")).to_contain_text("All is well")
    expect(page.locator("svg.hub")).to_have_attribute("role", "img")
    expect(page.locator("svg.hub")).to_have_attribute(
        "aria-label", "The hub as a picture: everything runs. The tables below say the same in words."
    )
    assert page.locator("svg.hub g.node.runs").count() == len(SERVICES)
    assert cell(page, 0, "kafka-1") == "leader"
    assert cell(page, 0, "kafka-2") == "in sync"
    expect(page.get_by_role("row", name="freblogg/1")).to_contain_text("kafka-2 leads and is preferred")
    expect(page.get_by_role("row", name="region.north")).to_contain_text("sockets: 2")
    assert page.get_by_role("button", name="Break redis").count() == 1
    expect(page.locator("#heal")).to_be_hidden()


def test_nothing_is_said_of_a_hub_that_was_not_looked_at_yet(page: Page, hub: str, told: Told) -> None:
    told.show(looked(rest={"age": None, "error": "not asked yet"}))
    opened(page, hub)
    expect(page.locator("#condition")).to_contain_text("Looking at the hub for the first time.")
    told.show(looked())
    expect(page.locator("#condition")).to_contain_text("All is well", timeout=PATIENT)


def test_what_changes_is_news_and_the_broken_node_is_marked_by_shape_and_text(page: Page, hub: str, told: Told) -> None:
    opened(page, hub)
    broken = {"kafka-1": {"state": "exited", "health": "unhealthy", "broken": "killed"}}
    told.show(looked(services=broken))
    news = page.locator("#news li")
    expect(news.first).to_contain_text("kafka-1: killed")
    expect(page.locator("#condition")).to_contain_text("kafka-1 is killed.")
    node = page.locator("svg.hub g.node.bad")
    assert node.count() == 1
    expect(node).to_contain_text("killed")
    assert cell(page, 0, "kafka-1") == "leader ✕"  # the controller does not know it yet
    after = looked(services=broken)
    after["kafka"] |= partitions_of(after, leader="kafka-2", in_sync=["kafka-2"])
    after["kafka"]["brokers"] = [{"name": "kafka-1", "alive": False}, {"name": "kafka-2", "alive": True}]
    told.show(after)
    expect(page.locator("#news")).to_contain_text("kafka-2 leads partitions 0, 2, 4 now.")
    expect(page.locator("#news")).to_contain_text("only these copies are in sync: kafka-2.")
    assert cell(page, 0, "kafka-1") == "behind"
    expect(page.get_by_role("row", name="freblogg/0")).to_contain_text("kafka-1 is preferred")
    expect(page.locator("#heal")).to_be_visible()
    told.show(looked())
    expect(page.locator("#news")).to_contain_text("kafka-1, their preferred leader, leads partitions 0, 2, 4 again.")
    expect(page.locator("#condition")).to_contain_text("All is well")


def test_a_part_that_is_old_says_since_when_and_why(page: Page, hub: str, told: Told) -> None:
    opened(page, hub)
    told.show(looked(channels={"age": 12.3, "error": "<b>Redis</b> does not answer"}))
    expect(page.locator("#condition")).to_contain_text(
        "Channels was last seen whole 12 s ago: <b>Redis</b> does not answer."
    )
    expect(page.locator("svg.hub .old-note", has_text="seen 12 s ago")).to_be_visible()
    assert page.locator("svg.hub .card.old").count() == 1
    expect(page.locator(".in-words .old")).to_have_text("Last seen whole 12 s ago: <b>Redis</b> does not answer")


def test_without_services_the_systems_say_who_runs(page: Page, hub: str, told: Told) -> None:
    """As in a container, where no target can be asked."""
    seen = looked()
    told.show(seen | {"services": []})
    opened(page, hub)
    expect(page.get_by_role("row", name="kafka-1", exact=False).first).to_contain_text("runs")
    expect(page.get_by_role("row", name="postgres")).to_contain_text("nobody knows")
    expect(page.get_by_role("row", name="rabbitmq-router")).to_contain_text("runs")


def test_before_something_is_broken_the_page_says_what_will_happen(page: Page, hub: str, told: Told) -> None:
    opened(page, hub)
    page.get_by_role("button", name="Break the Kafka leader").focus()
    page.keyboard.press("Enter")
    happens = page.locator("[data-happens]")
    expect(happens).to_contain_text("It leads partitions 0, 2, 4: writes there pause until its session of 9 s is over.")
    expect(happens).to_contain_text("Then kafka-2 leads them.")
    expect(page.locator("dialog [data-command]")).to_have_text("bin/lab break kill kafka-leader:freblogg/0")
    expect(page.get_by_role("link", name="kafka-leader-failover")).to_be_visible()
    page.get_by_label("How").select_option("stop")
    expect(happens).to_contain_text("hands them over to kafka-2 before it ends")
    page.get_by_label("What").select_option("celery-web")
    expect(happens).to_contain_text("Its tasks wait in its queue.")
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_be_hidden()
    expect(page.get_by_role("button", name="Break the Kafka leader")).to_be_focused()


def test_what_cannot_be_done_is_said_in_the_dialog(page: Page, hub: str) -> None:
    opened(page, hub)
    page.get_by_role("button", name="Break redis").click()
    page.get_by_role("button", name="Break it").click()
    expect(page.locator("dialog [data-error]")).to_contain_text("No stack is up", timeout=PATIENT)
    expect(page.locator("dialog")).to_be_visible()


def test_a_console_that_only_shows_gives_the_command(page: Page, tmp_path: Path, told: Told) -> None:
    told.show(looked(services={"redis": {"state": "paused", "health": "unhealthy", "broken": "paused"}}))
    with console(tmp_path, told, read_only="This console only shows.") as address:
        opened(page, address)
        expect(page.locator("section.state code")).to_have_text("bin/lab heal")
        page.get_by_role("button", name="Break rest-1").click()
        expect(page.locator("dialog [data-command]")).to_have_text("bin/lab break kill rest-1")
        expect(page.get_by_role("button", name="Break it")).to_have_count(0)


def test_dots_run_along_the_links_only_for_those_who_like_motion(page: Page, hub: str, told: Told) -> None:
    opened(page, hub)
    told.show(looked(rest={"accepted": 5}, celery={"started": 3, "ended": 3}))
    wait_until(page, "document.querySelectorAll('svg.hub circle.dot').length > 0")
    wait_until(page, "document.querySelectorAll('svg.hub circle.dot').length === 0")
    page.emulate_media(reduced_motion="reduce")
    told.show(looked(rest={"accepted": 9}, celery={"started": 7, "ended": 7}))
    expect(page.locator("svg.hub")).to_contain_text("9 accepted")
    assert page.locator("svg.hub circle.dot").count() == 0
    assert page.locator(".dot-key").is_hidden()


def test_a_look_that_fails_is_said_and_what_was_seen_stays(page: Page, tmp_path: Path, told: Told) -> None:
    told.command = (
        sys.executable,
        "-c",
        f"print({json.dumps(json.dumps(looked()))}, flush=True); exit('no <i>ram</i>')",
    )
    with console(tmp_path, told) as address:
        opened(page, address)
        expect(page.locator("#trouble")).to_contain_text("Nothing looks at the hub: no <i>ram</i>")
        assert page.locator("svg.hub g.node").count() == len(SERVICES)


@pytest.mark.usefixtures("look")
def test_it_is_readable_in_every_look(page: Page, hub: str, told: Told, at_rest: AtRest) -> None:
    at_rest(opened(page, hub), "console-hub")
    told.show(
        looked(
            services={"kafka-1": {"state": "exited", "health": "unhealthy", "broken": "killed"}},
            rabbitmq={"age": 40.0, "error": "no broker answers at amqp://lab:**@127.0.0.1:5682//: Connection refused"},
        )
    )
    expect(page.locator("#condition")).to_contain_text("kafka-1 is killed")
    at_rest(page, "console-hub-broken")
    page.get_by_role("button", name="Break rest-1").click()
    at_rest(page, "console-hub-dialog")
