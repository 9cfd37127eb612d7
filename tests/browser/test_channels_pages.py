"""The pages of the Channels demo in a real browser: the live feed, the scope inspector, What is scope for?"""

import subprocess
import sys
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import AtRest
from tests.conftest import ROOT, Stack

Publish = Callable[[str, int], None]
STATUS = "#status"


@pytest.fixture
def publish(stack: Stack) -> Publish:
    """publish("north", 3): events as a person makes them by hand."""

    def send(region: str, count: int) -> None:
        command = [sys.executable, "-m", "channels_demo", "publish", "--region", region, "--count", str(count)]
        subprocess.run(command, cwd=ROOT, check=True, timeout=120)

    return send


@pytest.fixture
def feed(page: Page, live: str) -> Callable[..., Page]:
    """feed("r1"): the live feed, connected to this region alone: on those of the stack there is always something."""

    def opened(region: str) -> Page:
        page.goto(f"{live}/?region={region}")
        expect(page.locator(STATUS)).to_contain_text(f": region.{region}")
        return page

    return opened


def count(page: Page, name: str) -> str:
    return page.locator(f"[data-count={name}]").inner_text()


def test_events_appear_on_the_page_as_they_come(feed: Callable[..., Page], publish: Publish) -> None:
    page = feed("page-one")
    publish("page-one", 3)
    expect(page.locator("#events tbody tr")).to_have_count(3)
    assert (count(page, "received"), count(page, "missing"), count(page, "twice")) == ("3", "0", "0")
    expect(page.locator("#events tbody tr").first).to_contain_text("number 3 of 3")


def test_a_page_whose_line_was_cut_comes_back_by_itself_and_has_missed_nothing(
    feed: Callable[..., Page], publish: Publish
) -> None:
    page = feed("page-cut")
    publish("page-cut", 2)
    expect(page.locator("#events tbody tr")).to_have_count(2)
    page.get_by_role("button", name="Cut the line").click()
    expect(page.locator(STATUS)).to_contain_text("cut; back in")
    publish("page-cut", 4)
    expect(page.locator("#events tbody tr")).to_have_count(6)
    assert (count(page, "received"), count(page, "twice"), count(page, "lost")) == ("6", "0", "0")
    expect(page.locator(STATUS)).to_contain_text("connected to")


def test_a_page_comes_back_when_its_server_was_killed(
    feed: Callable[..., Page], publish: Publish, stack: Stack
) -> None:
    page = feed("page-killed")
    publish("page-killed", 1)
    expect(page.locator("#events tbody tr")).to_have_count(1)
    server = page.locator(STATUS).inner_text().split(":")[0].removeprefix("connected to ")
    broken = stack.lab("break", "kill", server)
    try:
        assert broken.returncode == 0, broken.stderr
        publish("page-killed", 2)
        expect(page.locator("#events tbody tr")).to_have_count(3)
        assert int(count(page, "reconnects")) >= 1
        assert count(page, "lost") == "0"
    finally:
        assert stack.lab("heal").returncode == 0


def test_a_burst_that_the_layer_drops_leaves_no_hole_on_the_page(feed: Callable[..., Page], publish: Publish) -> None:
    page = feed("page-burst")
    publish("page-burst", 600)
    publish("page-burst", 1)  # whatever was dropped, also the last of the burst: the next event shows the hole
    expect(page.locator("[data-count=received]")).to_have_text("601")
    assert (count(page, "missing"), count(page, "lost"), count(page, "twice")) == ("0", "0", "0")


def test_text_that_came_in_as_an_event_stays_text(feed: Callable[..., Page], stack: Stack) -> None:
    page = feed("page-html")
    script = (
        "import asyncio, django; from channels_demo import settings; settings.point_django_here(); django.setup()\n"
        "from channels_demo import backlog, groups\n"
        "async def run():\n"
        "    body = {'kind': 'web', 'html': '<img src=x onerror=document.title=1>'}\n"
        "    event, _ = await backlog.append('page-html', '<b>id</b>', body, [])\n"
        "    await groups.send_event(event)\n"
        "asyncio.run(run())\n"
    )
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True, timeout=120)
    expect(page.locator("#events tbody tr")).to_contain_text("<img src=x onerror=document.title=1>")
    assert page.locator("#events img, #events b").count() == 0
    assert page.title().startswith("Live feed")


def test_somebody_elses_region_is_not_tried_again_and_again(page: Page, live: str) -> None:
    page.goto(f"{live}/")
    expect(page.locator(STATUS)).to_have_class("note good")
    page.get_by_label("another").fill("private-ada")
    page.get_by_role("button", name="Connect anew").click()
    expect(page.locator(STATUS)).to_contain_text("closed with 4401")
    expect(page.get_by_role("button", name="Connect", exact=True)).to_be_visible()


def test_whoever_logs_in_may_have_an_own_region_and_loses_it_with_the_logout(page: Page, live: str) -> None:
    page.goto(f"{live}/login/?next=/")
    page.get_by_label("Name").fill("ada")
    page.get_by_label("Password").fill("lab")
    page.get_by_role("button", name="Log in").click()
    page.get_by_label("private-ada").check()
    page.get_by_role("button", name="Connect").first.click()
    expect(page.locator(STATUS)).to_contain_text("region.private-ada")
    other = page.context.new_page()
    other.goto(f"{live}/what-is-scope/")
    expect(other.locator("[data-live=user]")).to_contain_text("ada")
    other.get_by_role("button", name="Log out").click()
    expect(page.locator(STATUS)).to_contain_text("closed with 4401")


def test_the_inspector_shows_what_changed_against_the_socket_before(page: Page, live: str) -> None:
    page.goto(f"{live}/scope/")
    row = page.locator
    expect(row("tr[data-key=path]")).to_contain_text("/ws/scope/")
    expect(row("tr[data-key=query_string]")).to_contain_text("region: north")
    expect(row("tr[data-key=cookies]")).to_contain_text("theme")
    page.get_by_label("Path").select_option("/ws/scope/attic/7/")
    page.get_by_label("Subprotocols").fill("")
    page.get_by_role("button", name="Open a socket").click()
    expect(row("tr[data-key=url_route]")).to_have_class("changed")
    expect(row("tr[data-key=url_route]")).to_contain_text('"number":7')
    expect(row("tr[data-key=subprotocols]")).to_have_class("changed")
    expect(row("tr[data-key=query_string]")).to_have_class("")
    expect(page.locator(STATUS)).to_contain_text("path changed")
    page.get_by_role("button", name="Send a frame").click()
    expect(page.locator("#beside")).to_contain_text("a frame from the page")


def test_a_path_that_is_nobodys_says_so(page: Page, live: str) -> None:
    page.goto(f"{live}/scope/")
    page.get_by_label("Path").select_option("/ws/scope/attic/x/")
    page.get_by_role("button", name="Open a socket").click()
    expect(page.locator(STATUS)).to_contain_text("closed with 4404: nobody's path")


def test_what_is_scope_for_is_answered_by_a_live_socket(page: Page, live: str) -> None:
    page.goto(f"{live}/what-is-scope/")
    expect(page.locator(STATUS)).to_have_class("note good")
    expect(page.locator("[data-live=kwargs]")).to_have_text('{"room":"attic","number":7}')
    expect(page.locator("[data-live=connecting]")).to_contain_text("KeyError")
    expect(page.locator("#lost tr")).to_have_count(3)
    expect(page.locator("#makers li")).to_have_count(6)
    assert page.locator("[data-live]:empty").count() == 0


def test_everything_can_be_done_with_the_keyboard(page: Page, live: str) -> None:
    page.goto(f"{live}/scope/")
    expect(page.locator(STATUS)).to_have_class("note good")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="To the content")).to_be_focused()
    seen = []
    for _ in range(11):
        page.keyboard.press("Tab")
        seen.append(page.evaluate("document.activeElement.name || document.activeElement.textContent.trim()"))
    wanted = ["Live feed", "Scope inspector", "What is scope for?", "Log in", "path", "query", "cookie", "subprotocols"]
    assert [name for name in seen if name in wanted] == wanted
    page.get_by_label("Query string").focus()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("by=keyboard")
    page.keyboard.press("Enter")
    expect(page.locator("tr[data-key=query_string]")).to_contain_text("by: keyboard")


@pytest.mark.usefixtures("look")
def test_the_pages_are_fit_to_be_read(page: Page, live: str, at_rest: AtRest, publish: Publish) -> None:
    for path, name in (("/", "live-feed"), ("/scope/", "scope-inspector"), ("/what-is-scope/", "what-is-scope")):
        page.goto(f"{live}{path}")
        expect(page.locator(STATUS)).to_have_class("note good")
        if path == "/":
            publish("north", 3)
            expect(page.locator("#events tbody tr").nth(2)).to_be_visible()
        at_rest(page, name)
    page.goto(f"{live}/login/")
    at_rest(page, "live-login")
