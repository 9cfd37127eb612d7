"""Who may open a socket at the stack's own servers: every Origin, with and without a cookie, with every kind of ticket.

The rules are those of channels_demo/origin.py, tickets.py and close_codes.py; nothing here starts a server of its own.
"""

from collections.abc import Iterator

import httpx
import pytest

from channels_demo.scenarios.account import CSRF, Account
from channels_demo.scenarios.origin_hijack import VISITORS
from channels_demo.scenarios.sockets import open_socket
from tests.conftest import Stack

SERVERS = {"channels-1": "LAB_CHANNELS_1_PORT", "channels-uvicorn": "LAB_CHANNELS_UVICORN_PORT"}
PRIVATE, PUBLIC = "region=private-ada", "region=north"


class Door:
    """One server, and ada's login there."""

    def __init__(self, netloc: str) -> None:
        self.netloc = netloc
        self.base = f"http://{netloc}"
        self.ada = Account(self.base, "ada")

    def ask(self, query: str, origin: str | None, cookies: dict[str, str]) -> str:
        with open_socket(f"ws://{self.netloc}/ws/feed/?{query}", origin=origin, cookies=cookies) as socket:
            return socket.outcome()


@pytest.fixture(scope="module", params=SERVERS)
def door(request: pytest.FixtureRequest, stack: Stack) -> Iterator[Door]:
    """By the name that pages use for it."""
    found = Door(f"localhost:{stack.settings.variables[SERVERS[request.param]]}")
    with found.ada:
        yield found


@pytest.mark.parametrize("visitor", [name for name, _ in VISITORS])
def test_origin_comes_first_then_cookie_or_ticket(door: Door, visitor: str) -> None:
    origin = dict(VISITORS)[visitor](door.netloc)
    own = visitor == "own page"
    for cookies in (door.ada.cookies, {}):
        for ticket in ("good", "bad", "none"):
            text = {"good": door.ada.ticket(), "bad": "made-up", "none": ""}[ticket]
            predicted = _predicted(own, bool(cookies), ticket)
            found = door.ask(f"{PRIVATE}&ticket={text}" if text else PRIVATE, origin, cookies)
            assert found == predicted, (visitor, bool(cookies), ticket)


def _predicted(own: bool, cookie: bool, ticket: str) -> str:
    if not own:
        return "http 403"
    if ticket == "bad" or (ticket == "none" and not cookie):
        return "close 4401"
    return "in"


def test_a_page_that_may_not_connect_uses_up_no_ticket(door: Door) -> None:
    ticket = door.ada.ticket()
    assert door.ask(f"{PRIVATE}&ticket={ticket}", "http://evil.test", {}) == "http 403"
    assert door.ask(f"{PRIVATE}&ticket={ticket}", door.base, {}) == "in"
    assert door.ask(f"{PRIVATE}&ticket={ticket}", door.base, {}) == "close 4401"


def test_another_user_is_told_that_it_is_not_his(door: Door) -> None:
    with Account(door.base, "bob") as bob:
        assert door.ask(PRIVATE, door.base, bob.cookies) == "close 4403"
        assert door.ask(f"{PUBLIC}&{PRIVATE}", door.base, bob.cookies) == "close 4403"
        assert door.ask(f"{PRIVATE}&ticket={door.ada.ticket()}", door.base, bob.cookies) == "in"


def test_a_logout_over_http_closes_the_sockets_of_its_session_only(door: Door) -> None:
    with Account(door.base, "ada") as other:
        url = f"ws://{door.netloc}/ws/feed/?{PRIVATE}"
        with (
            open_socket(url, origin=door.base, cookies=other.cookies) as leaves,
            open_socket(f"{url}&ticket={other.ticket()}", origin=door.base) as by_ticket,
            open_socket(url, origin=door.base, cookies=door.ada.cookies) as stays,
        ):
            assert [socket.outcome() for socket in (leaves, by_ticket, stays)] == ["in"] * 3
            other.log_out()
            assert (leaves.await_end(), by_ticket.await_end()) == (4401, 4401)
            stays.send({"type": "ping"})
            assert stays.receive_until(lambda frame: frame["type"] == "pong")


@pytest.mark.parametrize("visitor", [name for name, _ in VISITORS if name not in ("own page", "no origin")])
def test_a_foreign_page_gets_no_ticket_with_the_victims_cookie(door: Door, visitor: str) -> None:
    origin = dict(VISITORS)[visitor](door.netloc)
    token = httpx.get(f"{door.base}/login/", trust_env=False).cookies[CSRF]
    with httpx.Client(trust_env=False, cookies={**door.ada.cookies, CSRF: token}) as client:
        headers = {"Origin": str(origin), "X-CSRFToken": token}
        assert client.post(f"{door.base}/api/ticket/", headers=headers).status_code == 403
        assert client.post(f"{door.base}/api/ticket/", headers=headers | {"Origin": door.base}).status_code == 200
