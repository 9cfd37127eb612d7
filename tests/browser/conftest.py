"""A real Chromium for the tests of pages, and the sites that it visits. `bin/lab test` installs it when it is missing.

`page` is a fresh one, logged in nowhere; whatever page a test opens must run without an error of its scripts and must
not ask anybody but the sites here. `at_rest(page)` looks at a page as it is: width, accessibility, and with
`--screenshots` a picture in docs/screenshots.
"""

import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from lab.machine.browser import arguments, find_chromium
from tests.conftest import ROOT, Stack

SHOP, EVIL, LIVE = "shop.localhost", "evil.localhost", "live.localhost"
HOSTS = {SHOP: "127.0.0.1", LIVE: "127.0.0.1", EVIL: "127.0.0.2"}
"""Three sites on this machine: names that share no registered domain, so cookies of one are foreign to the others."""
CONSOLE = "127.0.0.1"
"""Where the console is opened: it answers to this machine's own names."""

PATIENCE = 30_000.0
"""Milliseconds that a page may take on a busy machine."""

SCREENSHOTS = ROOT / "docs" / "screenshots"
PICTURES = {"admin-import-preview", "csrf-refused"}
"""Those that a README shows."""

NARROW, WIDE = 400, 1000
AtRest = Callable[[Page, str], None]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    program = find_chromium()
    assert program, "no Chromium on the search path: `bin/lab test tests/browser` installs it"
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=program, args=arguments(HOSTS)) as found,
    ):
        yield found


@pytest.fixture(params=[("light", WIDE), ("dark", NARROW)], ids=["light-wide", "dark-narrow"])
def look(request: pytest.FixtureRequest) -> tuple[str, int]:
    """Colour scheme and width, for tests of how a page looks."""
    return request.param


@pytest.fixture
def context(browser: Browser, request: pytest.FixtureRequest) -> Iterator[BrowserContext]:
    """A browser of a person of its own: no cookies of anybody else. Light and wide, unless the test has a `look`."""
    scheme, width = request.getfixturevalue("look") if "look" in request.fixturenames else ("light", WIDE)
    with browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 800}) as found:
        found.set_default_timeout(PATIENCE)
        yield found


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    errors: list[str] = []
    strangers: list[str] = []
    context.on("weberror", lambda found: errors.append(str(found.error)))
    context.on(
        "request",
        lambda found: None if urlsplit(found.url).hostname in (*HOSTS, CONSOLE, None) else strangers.append(found.url),
    )
    yield context.new_page()
    assert errors == []
    assert strangers == []


@pytest.fixture(scope="session")
def shop(stack: Stack) -> str:
    """The REST demo behind its balancer, as http://host:port."""
    return f"http://{SHOP}:{stack.settings.variables['LAB_HTTP_PORT']}"


@pytest.fixture(scope="session")
def lab_cookies(browser: Browser, shop: str) -> list[Any]:
    """Those of the user lab after one login at the REST demo: each login costs the server a good part of a second."""
    with browser.new_context() as context:
        context.set_default_timeout(PATIENCE)
        log_in(context.new_page(), f"{shop}/csrf/login/")
        return list(context.cookies())


def log_in(page: Page, url: str) -> None:
    """Send a login page as lab, and wait for the page behind it."""
    page.goto(url)
    page.get_by_label("Username").fill("lab")
    page.get_by_label("Password").fill("lab")
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url(lambda now: "/login/" not in now)


@pytest.fixture(scope="session")
def live(stack: Stack) -> str:
    """The Channels demo behind its balancer."""
    return f"http://{LIVE}:{stack.settings.variables['LAB_LIVE_PORT']}"


@pytest.fixture(scope="session")
def evil(shop: str) -> Iterator[str]:
    """The attacker's site, as a person would start it."""
    command = [sys.executable, "-m", "rest_demo", "attacker", "--listen", f"{HOSTS[EVIL]}:0", "--target", shop]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as program:
        try:
            assert program.stdout
            said = program.stdout.readline()
            assert EVIL in said
            yield f"http://{EVIL}:{said.partition(f'{EVIL}:')[2].partition('/')[0]}"
        finally:
            program.terminate()


@pytest.fixture
def at_rest(request: pytest.FixtureRequest) -> AtRest:
    """Judge a page as it stands, under a name: nothing is wider than the window, and axe finds nothing to complain of.

    With --screenshots: docs/screenshots/NAME.png of what is in PICTURES, in the light and wide look.
    """
    pictures = request.config.getoption("--screenshots")

    def judge(page: Page, name: str) -> None:
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), name
        found = Axe().run(page)
        assert found.violations_count == 0, f"{name}: {found.generate_report()}"
        if pictures and name in PICTURES and page.viewport_size and page.viewport_size["width"] == WIDE:
            SCREENSHOTS.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)

    return judge
