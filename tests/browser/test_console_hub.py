"""The page Hub in a real Chromium on a real stack: it shows what is so, breaks and heals, and a notification passes it.

The first part needs no stack: its look is a child that prints what a test tells it.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from lab.cluster.targets import open_target
from lab.console.desk import Desk
from lab.console.look import Look
from lab.faults import FAULTS, mend
from lab.look import EMPTY
from lab.looking.moved import moved
from tests.browser.conftest import AtRest
from tests.browser.console_pages import PATIENT, served, wait_until
from tests.conftest import ROOT, Stack
from tests.lab.run_folders import settings_for

Seen = dict[str, Any]
BROKERS = ["kafka-1", "kafka-2"]
SERVICES = (
    *BROKERS, "kafka-controller", "nginx", "rest-1", "rest-2", "rest-3", "rest-relay", "postgres", "rabbitmq",
    "rabbitmq-router", "rabbitmq-consumers", "celery-feeds", "celery-web", "celery-media", "celery-sms",
    "celery-default", "channels-bridge", "redis", "channels-1", "channels-2", "channels-uvicorn",
)  # fmt: skip


def looked(**changes: Any) -> Seen:
    """One object as lab/look.py prints it, of a whole hub, with some of its parts changed."""
    partitions = [
        {"number": n, "leader": BROKERS[n % 2], "preferred": BROKERS[n % 2], "end": 10 + n, "in_sync": BROKERS,
         "replicas": [BROKERS[n % 2], BROKERS[1 - n % 2]]}
        for n in range(6)
    ]  # fmt: skip
    queues = [{"name": name, "waiting": 0, "consumers": 1} for name in ("router.inbox", "feeds", "web")]
    found: Seen = {
        "kafka": {"brokers": [{"name": name, "alive": True} for name in BROKERS], "partitions": partitions},
        "rabbitmq": {
            "version": "4.3.1", "queues": queues, "exchanges": [{"name": "hub", "type": "topic"}],
            "bindings": [{"source": "hub", "destination": "feeds", "kind": "queue", "key": "feed.#"}],
        },
        "rest": {"balancer": True, "instances": [{"name": "rest-1", "alive": True, "ready": True}]},
        "channels": {"groups": [{"name": "region.north", "sockets": 2}]},
        "celery": {"workers": [{"name": "feeds", "alive": True, "queues": ["feeds"], "started": 0, "ended": 0}]},
    }  # fmt: skip
    for name, part in changes.items():
        if name != "services":
            found[name] = found[name] | part
    whole = {name: {**EMPTY[name], "age": 0.1, "error": "", **found[name]} for name in EMPTY if name != "services"}
    services = {name: {"state": "running", "health": "healthy", "broken": None} for name in SERVICES}
    for name, change in changes.get("services", {}).items():
        services[name] = services[name] | change
    listed = [{"name": name, **one} for name, one in services.items()]
    return {**whole, "at": 1.0, "clock": 1.0, "services": listed, "moved": moved(whole), "followed": {}}


def partitions_of(seen: Seen, **changes: Any) -> Seen:
    """Its Kafka with every partition changed."""
    return {"partitions": [one | changes for one in seen["kafka"]["partitions"]]}


class Told:
    """A look that shows what the test writes into a file."""

    def __init__(self, file: Path) -> None:
        self.file = file
        body = f"""
import sys, time
from pathlib import Path
said = None
while True:
    text = Path({str(file)!r}).read_text()
    if text.endswith("\\n") and text != said:
        said = text
        print(text.strip(), flush=True)
    time.sleep(0.05)
"""
        self.command = (sys.executable, "-c", body)

    def show(self, seen: Seen) -> None:
        """From now on it looks like this."""
        new = self.file.with_suffix(".new")
        new.write_text(json.dumps(seen) + "\n")
        new.rename(self.file)


@pytest.fixture
def told(tmp_path: Path) -> Told:
    found = Told(tmp_path / "look.json")
    found.show(looked())
    return found


@pytest.fixture
def hub(tmp_path: Path, told: Told) -> Iterator[str]:
    with console(tmp_path, told) as address:
        yield address


@contextmanager
def console(folder: Path, told: Told, **fields: Any) -> Iterator[str]:
    settings = settings_for(folder)
    desk = Desk(settings, **fields)
    object.__setattr__(desk, "look", Look(settings, told.command))
    with served(desk) as address:
        yield address


def opened(page: Page, address: str) -> Page:
    """The page with its first look."""
    page.goto(address, timeout=PATIENT)
    expect(page.locator("svg.hub")).to_be_visible(timeout=PATIENT)
    return page


def cell(page: Page, number: int, broker: str) -> str:
    """The text of one copy of a partition in the picture."""
    title = page.locator("svg.hub g.replica", has=page.locator(f"title:text-matches('partition {number} on {broker}')"))
    return title.locator("text").first.text_content() or ""


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


@pytest.fixture(scope="session")
def real(stack: Stack) -> Iterator[str]:
    """The console as `lab console` serves it, on the tests' own stack."""
    command = [sys.executable, "-m", "lab", "console"]
    with subprocess.Popen(command, cwd=ROOT, env=stack.environment, stdout=subprocess.PIPE, text=True) as program:
        try:
            assert program.stdout
            yield program.stdout.readline().strip()
        finally:
            program.terminate()


def test_a_notification_passes_all_five_systems_before_ones_eyes(page: Page, real: str) -> None:
    opened(page, real)
    expect(page.locator("#condition")).to_contain_text("All is well", timeout=PATIENT)
    page.get_by_label("Kind").select_option("gateway")
    page.get_by_label("Text").fill("The <b>clinic</b> is open.")
    page.get_by_role("button", name="Post", exact=True).click()
    steps = page.locator(".passage li")
    expect(steps.last).to_have_class("done", timeout=PATIENT)
    assert [one.get_attribute("class") for one in steps.all()] == ["done"] * 8
    for step in ("router", "handover", "worker", "bridge", "server", "page"):
        expect(page.locator(f".passage li[data-step={step}] .when")).to_contain_text("ms")
    expect(page.locator(".passage li[data-step=worker] .when")).to_contain_text("sms")
    expect(page.locator("#news")).to_contain_text("“The <b>clinic</b> is open.” came out of the hub for north")


def test_the_leader_is_killed_and_healed_by_the_pages_own_buttons(page: Page, real: str) -> None:
    opened(page, real)
    expect(page.locator("#condition")).to_contain_text("All is well", timeout=PATIENT)
    assert cell(page, 0, "kafka-1") == "leader"
    page.get_by_role("button", name="Break the Kafka leader").click()
    page.get_by_role("button", name="Break it").click()
    expect(page.locator("#condition")).to_contain_text("kafka-1 is killed", timeout=PATIENT)
    try:
        expect(page.locator("#news")).to_contain_text("kafka-2 leads partitions 0, 2, 4 now.", timeout=PATIENT)
        assert cell(page, 0, "kafka-2") == "leader"
        expect(page.locator("svg.hub g.node.bad", has_text="kafka-1")).to_contain_text("killed")
        expect(page.locator("dialog")).to_be_hidden(timeout=PATIENT)
    finally:
        page.get_by_role("button", name="Heal everything").click()
        expect(page.locator("#news")).to_contain_text("the stack is whole", timeout=PATIENT)
    expect(page.locator("#condition")).to_contain_text("All is well", timeout=PATIENT)
    assert cell(page, 0, "kafka-1") == "leader"


def test_where_a_notification_waits_is_said_until_it_goes_on(page: Page, real: str, stack: Stack) -> None:
    target = open_target("local", stack.settings)
    opened(page, real)
    target.kill("celery-web")
    try:
        expect(page.get_by_role("row", name="celery-web", exact=False).first).to_contain_text("ended", timeout=PATIENT)
        page.get_by_label("Kind").select_option("web")
        page.get_by_role("button", name="Post", exact=True).click()
        note = page.locator("#post [data-note]")
        expect(note).to_contain_text("Down now, and needed there: celery-web.", timeout=PATIENT)
        expect(note).to_contain_text("in RabbitMQ")
    finally:
        mend(FAULTS["killed"], "celery-web", target)
    expect(page.locator(".passage li").last).to_have_class("done", timeout=PATIENT)


@pytest.mark.parametrize(("node", "system"), [("rabbitmq", "RabbitMQ"), ("redis", "Channels")])
def test_the_page_stands_while_a_broker_is_away(page: Page, real: str, stack: Stack, node: str, system: str) -> None:
    target = open_target("local", stack.settings)
    opened(page, real)
    target.kill(node)
    try:
        expect(page.locator("#condition")).to_contain_text(f"{system} was last seen whole", timeout=PATIENT)
        page.reload()
        expect(page.locator("#condition")).to_contain_text(node, timeout=PATIENT)
        expect(page.get_by_role("row", name="kafka-1", exact=False).first).to_contain_text("runs", timeout=PATIENT)
    finally:
        mend(FAULTS["killed"], node, target)
    expect(page.locator("#condition")).to_contain_text("All is well", timeout=PATIENT)
