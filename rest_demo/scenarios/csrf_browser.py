"""The main rows of `rest-csrf-matrix` in a real Chromium: a person logs in, and opens the attacker's page beside it.

Here nobody models a browser: SameSite, Origin and what a script may send are its own. Both sites are on this machine,
and still two: `shop.localhost` and `evil.localhost` share no registered domain. A script's request to another site is
not among the rows: whether third-party cookies are sent at all depends on the browser (Debian's Chromium keeps them
back, whatever SameSite says; a form that leads there is no third party and carries them).
"""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from lab.cluster.target import LabError
from lab.machine.browser import arguments, find_chromium
from lab.processes import Processes
from lab.script import Lab
from rest_demo.scenarios.client import tag
from rest_demo.scenarios.csrf_cases import EVIL, EXEMPT, LINK, OWN, SCRIPT, Case, no_origin
from rest_demo.scenarios.csrf_visitor import reason_in
from rest_demo.scenarios.csrf_world import Rows, record
from rest_demo.scenarios.own_instance import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Response

SHOP_AT, EVIL_AT = "127.0.0.1", "127.0.0.2"
ORIGIN = "http://evil"
"""Stands for the attacker's origin, whose port is known in the run only."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One page that is opened: `page` is one of the attacker's, or "" for our own form, "script" for our own script."""

    case: Case
    page: str
    view: str = "protected"


def _case(way: str, name: str, ends: tuple[int, str, int], **more: Any) -> Case:
    return Case(f"browser, {way}", name, ends, **{"cross_site": "form" if way == "attack" else ""} | more)


_NONE: dict[str, Any] = {"server": "SameSite=None"}
HONEST = [
    Visit(_case("honest", "our own form", (302, "", 1)), ""),
    Visit(_case("honest", "our own script", (201, "", 1), path=SCRIPT), "script"),
]
ATTACKS = [
    Visit(_case("attack", "a form, SameSite=Lax", (403, no_origin(ORIGIN), 0)), "form"),
    Visit(_case("attack", "a form, SameSite=None", (403, no_origin(ORIGIN), 0), **_NONE), "form"),
    Visit(_case("attack", "a sandboxed page, SameSite=None", (403, no_origin("null"), 0), **_NONE), "sandboxed"),
]
TWINS = [
    Visit(_case("twin", "a form, SameSite=Lax: no cookie", (401, "", 0), path=EXEMPT), "form", "unprotected"),
    Visit(_case("twin", "a link, SameSite=Lax", (200, "", 1), path=LINK, method="GET"), "link", "link"),
    Visit(_case("twin", "a form, SameSite=None", (200, "", 1), path=EXEMPT, **_NONE), "form", "unprotected"),
]


def no_browser(parameters: Mapping[str, Any]) -> str | None:
    """What is missing for browser=true, and how to get it; None when nothing is."""
    if parameters["browser"] != "true":
        return None
    if find_spec("playwright") is None:
        return "browser=true needs Playwright, which the tests bring: `bin/lab test --fast` installs it."
    if find_chromium() is None:
        return "browser=true needs Chromium on the search path: as root, `apt-get install chromium`."
    return None


@contextmanager
def real_browser() -> Iterator["Browser"]:
    """A Chromium without a window. Raises LabError when it does not start."""
    # Here, not above: a plain user's environment has no Playwright, and wants none.
    from playwright.sync_api import Error, sync_playwright

    program = find_chromium()
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=program, args=arguments({OWN: SHOP_AT, EVIL: EVIL_AT}))
        except Error as error:
            raise LabError(f"{program} does not start: {error.message.splitlines()[0]}") from error
        with browser:
            yield browser


def drive(lab: Lab, browser: "Browser", rows: Rows, addresses: Mapping[str, tuple[str, int]], exempt: bool) -> None:
    """Log in at each server that the rows name, and open their pages. exempt: attack the unprotected view instead."""
    attacks = (
        [replace(v, case=replace(v.case, path=EXEMPT), view="unprotected") for v in ATTACKS] if exempt else ATTACKS
    )
    visits = list(enumerate(HONEST if lab.variant == "control" else [*HONEST, *attacks, *TWINS]))
    with Processes(ROOT) as attackers:
        for server in dict.fromkeys(visit.case.server for _, visit in visits):
            shop = f"http://{OWN}:{addresses[server][1]}"
            evil = _attacker(attackers, server, shop)
            with browser.new_context() as context:
                _log_in(context.new_page(), shop)
                for number, visit in visits:
                    if visit.case.server == server:
                        to = tag(lab.run, f"browser-{number}")
                        # A page of its own: what one is still on its way to would interrupt the next.
                        with context.new_page() as page:
                            status, reason = _go(page, visit, shop, evil, to)
                        case = replace(visit.case, ends=_with_port(visit.case.ends, evil))
                        record(lab, case, status, reason, rows.called(to))


def _attacker(attackers: Processes, server: str, shop: str) -> str:
    """Start the attacker's site against a server; returns its origin."""
    command = [sys.executable, "-m", "rest_demo", "attacker", "--listen", f"{EVIL_AT}:0", "--target", shop]
    attackers.run(server, command, {}, ready="The attacker's site")
    attackers.await_ready(server)
    return f"http://{EVIL}:{attackers.log_text(server).partition(f'{EVIL}:')[2].partition('/')[0]}"


def _log_in(page: "Page", shop: str) -> None:
    page.goto(f"{shop}/csrf/login/")
    page.get_by_label("Username").fill("lab")
    page.get_by_label("Password").fill("lab")
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("button", name="Log out").wait_for()


def _go(page: "Page", visit: Visit, shop: str, evil: str, to: str) -> tuple[int, str]:
    """Open the page, let it send, and return the answer's status and Django's reason."""

    def is_it(response: "Response") -> bool:
        return response.url.startswith(shop + visit.case.path) and response.request.method == visit.case.method

    own = visit.page in ("", "script")
    if own:
        page.goto(f"{shop}/csrf/{'ajax' if visit.page else 'form'}/")
        page.get_by_label("Forward my notifications to").fill(to)
    with page.expect_response(is_it) as found:
        if own:
            page.get_by_role("button", name="Forward", exact=True).click()
        else:
            # Not until it is loaded: these pages leave at once, for where they send.
            page.goto(f"{evil}/{visit.page}?{urlencode({'view': visit.view, 'to': to})}", wait_until="commit")
    answer = found.value
    return answer.status, reason_in(answer.text()) if answer.status == 403 else ""


def _with_port(ends: tuple[int, str, int], evil: str) -> tuple[int, str, int]:
    return ends[0], ends[1].replace(ORIGIN, evil), ends[2]
