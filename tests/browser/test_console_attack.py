"""A page of another site, open in the same browser, asks the console to break something: nothing is done.

The console and the attacker's page are two servers of this test; no stack is needed. What the console did is what its
children were asked to do, and none is started.
"""

import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Page, Response

from lab.console import server
from lab.settings import Settings
from lab.waiting import wait_for
from tests.browser.conftest import EVIL, HOSTS
from tests.conftest import ROOT
from tests.lab.console_client import make_desk

ATTACK = """<!doctype html><title>A page of somebody else</title><h1>Kittens</h1>
<form id="form" method="post" enctype="text/plain" action="CONSOLE/api/heal" target="away">
<input name='{"a":"' value='"}'></form>
<iframe name="away"></iframe><iframe id="framed" src="CONSOLE/"></iframe>"""


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    found = make_desk(tmp_path).settings
    found.state.mkdir()
    (found.state / "target").write_text("local\n")
    return found


@pytest.fixture
def console(settings: Settings) -> Iterator[str]:
    """`lab console` for a stack that is noted as up, though nothing runs."""
    with server.take("127.0.0.1", 0) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "lab", "console", "--port", str(port)]
    with subprocess.Popen(command, cwd=ROOT, env=settings.environment, stdout=subprocess.PIPE, text=True) as child:
        try:
            assert child.stdout
            yield child.stdout.readline().strip().rstrip("/")
        finally:
            child.terminate()


@pytest.fixture
def kittens(tmp_path: Path, console: str) -> Iterator[str]:
    """The attacker's page, at an address of its own."""
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "index.html").write_text(ATTACK.replace("CONSOLE", console))
    with ThreadingHTTPServer((HOSTS[EVIL], 0), partial(Quiet, directory=folder)) as site:
        threading.Thread(target=site.serve_forever, daemon=True).start()
        yield f"http://{EVIL}:{site.server_port}/"
        site.shutdown()


def answers_to(page: Page, path: str) -> list[int]:
    """Collects the status of each answer of the console to a POST there."""
    heard: list[int] = []

    def hear(answer: Response) -> None:
        if answer.request.method == "POST" and answer.url.endswith(path):
            heard.append(answer.status)

    page.on("response", hear)
    return heard


def test_a_forged_form_is_refused(page: Page, kittens: str) -> None:
    heard = answers_to(page, "/api/heal")
    page.goto(kittens)
    page.evaluate("document.getElementById('form').submit()")
    wait_for("the console to answer the form", lambda: page.wait_for_timeout(50) or heard, within=60)
    assert heard == [403]


@pytest.mark.parametrize("kind", ["text/plain", "application/json"])
@pytest.mark.parametrize("mode", ["no-cors", "cors"])
def test_a_forged_request_of_a_script_is_refused(page: Page, kittens: str, console: str, kind: str, mode: str) -> None:
    heard = answers_to(page, "/api/break")
    page.goto(kittens)
    said = page.evaluate(
        """async ([address, kind, mode]) => {
          try {
            const answer = await fetch(address, {method: "POST", mode, headers: {"Content-Type": kind},
                                                 body: '{"fault": "kill", "node": "kafka-1"}'});
            return answer.type + (await answer.text());
          } catch (error) { return error.name; }
        }""",
        [f"{console}/api/break", kind, mode],
    )
    assert said in ("opaque", "TypeError")  # nothing of the answer can be read
    assert set(heard) <= {403, 405}


def test_the_token_cannot_be_read_and_the_page_cannot_be_framed(page: Page, kittens: str, console: str) -> None:
    page.goto(kittens)
    said = page.evaluate("(address) => fetch(address).then((a) => a.text()).catch((e) => e.name)", f"{console}/notes")
    assert said == "TypeError"
    frame = page.frames[-1]
    assert "csrf-token" not in frame.content()


def test_the_consoles_own_page_is_heard(page: Page, console: str, settings: Settings) -> None:
    page.goto(f"{console}/notes")
    said = page.evaluate(
        """async () => {
          const { ask } = await import("/static/ask.js");
          return ask("/api/break", {fault: "kill", node: "nobody"}).catch((e) => [e.status, e.message, e.hint]);
        }"""
    )
    assert said == [422, "There is no node nobody.", "bin/lab status"]
