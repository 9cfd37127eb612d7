"""The page Hub in a real Chromium on the real stack: a notification passes it, and its buttons break and heal."""

import subprocess
import sys
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from lab.cluster.targets import open_target
from lab.faults import FAULTS, mend
from tests.browser.console_pages import PATIENT
from tests.browser.hub_pages import cell, opened
from tests.conftest import ROOT, Stack


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
