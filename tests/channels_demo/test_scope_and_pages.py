"""The scope inspector, paths that are nobody's, the blocking sockets, and the pages and forms over HTTP."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import AsyncClient

from channels_demo import close_codes
from channels_demo.layers import CoreLayer, PubSubLayer, channel_layers
from channels_demo.settings import Options
from tests.channels_demo.sockets import HOST, Socket, gathered, log_in

Play = Callable[[Any], None]


def test_the_inspector_shows_each_key_with_its_type_and_who_put_it_there(play: Play) -> None:
    async def script() -> None:
        async with Socket("/ws/scope/attic/7/?a=1&a=2&name=%C3%A9", offers=["lab.v1", "lab.v2"]) as socket:
            told = await socket.get()
            assert socket.subprotocol == told["subprotocol"] == "lab.v1"
        keys = {entry["key"]: entry for entry in told["keys"]}
        assert {key: entry["by"] for key, entry in keys.items()} == {
            **dict.fromkeys(("type", "path", "query_string", "headers", "subprotocols"), "server"),
            "cookies": "CookieMiddleware",
            "session": "SessionMiddleware",
            "user": "AuthMiddleware",
            **dict.fromkeys(("ticket", "login_session"), "TicketMiddleware"),
            **dict.fromkeys(("url_route", "path_remaining"), "URLRouter"),
        }
        assert keys["url_route"]["value"]["kwargs"] == {"room": "attic", "number": 7}
        assert (keys["query_string"]["type"], keys["query_string"]["value"]) == ("bytes", "a=1&a=2&name=%C3%A9")
        assert keys["query_string"]["decoded"] == [["a", "1"], ["a", "2"], ["name", "\u00e9"]]
        assert keys["headers"]["type"] == "list of (bytes, bytes)"
        assert keys["headers"]["decoded"] == {"host": HOST}
        assert told["event"] == {"type": "websocket.connect"}

    play(script)


def test_the_inspector_gives_no_secret_away(play: Play, name: str) -> None:
    async def script() -> None:
        browser, session = await log_in(name)
        ticket = (await browser.post("/api/ticket/")).json()["ticket"]
        async with Socket(f"/ws/scope/?ticket={ticket}", session=session) as socket:
            told = await socket.get()
        assert session not in str(told)
        assert ticket not in str(told)
        user = next(entry for entry in told["keys"] if entry["key"] == "user")
        assert user["value"]["username"] == name

    play(script)


def test_what_the_notes_sample_uses_is_tried_and_not_there(play: Play) -> None:
    async def script() -> None:
        async with Socket("/ws/scope/") as socket:
            await socket.get()
            await socket.say("anything")
            told = await socket.get()
        assert told["event"] == {"type": "websocket.receive", "text": "anything"}
        assert {one["idiom"]: one["found"].partition(":")[0] for one in told["not_there"]} == {
            "scope['websocket.connecting']": "KeyError",
            "message.reply_channel": "AttributeError",
            "message['scope']": "KeyError",
        }

    play(script)


def test_who_floods_the_inspector_is_closed(play: Play) -> None:
    async def script() -> None:
        async with Socket("/ws/scope/") as socket:
            for _ in range(100):
                await socket.say("x")
            assert await socket.close_code() == close_codes.FLOODING

    play(script)


@pytest.mark.parametrize("path", ["/", "/ws/", "/ws/nowhere/", "/ws/scope/attic/x/", "/ws/feed", "/ws/blocking/both/"])
def test_a_path_that_is_nobodys_is_closed_with_its_code(play: Play, path: str) -> None:
    async def script() -> None:
        async with Socket(path, offers=["lab.v1"]) as socket:
            assert socket.subprotocol == "lab.v1"  # else a browser hangs up before it hears the code
            assert await socket.close_code() == close_codes.NO_SUCH_PATH

    play(script)


def test_async_handlers_wait_together_and_sync_ones_one_after_the_other(play: Play, options: Any) -> None:
    async def one(socket: Socket) -> tuple[float, float]:
        await socket.say("x")
        told = await socket.get()
        return told["began"], told["ended"]

    async def script() -> None:
        options(blocking=0.3)
        for style, overlap in (("async", True), ("sync", False)):
            path = f"/ws/blocking/{style}/"
            async with Socket(path) as first, Socket(path) as second:
                spans = sorted(await gathered(one(first), one(second)))
            assert (spans[1][0] < spans[0][1]) is overlap, style

    play(script)


@pytest.mark.parametrize("path", ["/", "/scope/", "/what-is-scope/", "/login/", "/livez", "/readyz"])
def test_a_page_answers_and_names_its_server(play: Play, path: str) -> None:
    async def script() -> None:
        answer = await AsyncClient(headers={"host": HOST}).get(path)
        assert (answer.status_code, answer["X-Server"]) == (200, "channels")
        assert "default-src 'self'" in answer["Content-Security-Policy"]

    play(script)


def test_every_file_that_a_page_names_is_there_and_none_is_elsewhere(play: Play) -> None:
    async def script() -> None:
        browser = AsyncClient(headers={"host": HOST})
        for page in ("/", "/scope/", "/what-is-scope/"):
            text = (await browser.get(page)).content.decode()
            named = re.findall(r'(?:src|href)="([^"#]+)"', text)
            assert len(named) > 4
            for address in named:
                assert address.startswith("/")
                assert (await browser.get(address)).status_code == 200, address

    play(script)


def test_no_file_outside_the_assets_is_served(play: Play) -> None:
    async def script() -> None:
        browser = AsyncClient(headers={"host": HOST})
        for name in ("views.py", "..%2Fviews.py", "pages.css%00", "."):
            assert (await browser.get(f"/assets/{name}")).status_code == 404

    play(script)


def test_a_login_needs_the_forms_token_and_the_right_password(play: Play, name: str) -> None:
    async def script() -> None:
        browser = AsyncClient(enforce_csrf_checks=True, headers={"host": HOST})
        said = {"username": name, "password": "secret"}
        assert (await browser.post("/login/", said)).status_code == 403
        form = (await browser.get("/login/")).content.decode()
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', form)
        assert token
        said["csrfmiddlewaretoken"] = token[1]
        assert (await browser.post("/login/", said | {"password": "wrong"})).status_code == 403
        assert "channels_session" not in browser.cookies
        answer = await browser.post("/login/", said | {"next": "https://evil.example/"})
        assert (answer.status_code, answer["Location"]) == (302, "/")
        assert browser.cookies["channels_session"]["samesite"] == "Lax"

    play(script)


def test_the_feed_page_offers_a_users_own_region_and_nobody_elses(play: Play, name: str) -> None:
    async def script() -> None:
        browser, _ = await log_in(name)
        assert f'value="private-{name}"' in (await browser.get("/")).content.decode()
        assert "private-" not in (await AsyncClient(headers={"host": HOST}).get("/")).content.decode()

    play(script)


def test_the_layer_is_chosen_by_one_option() -> None:
    for layer, kind in (("core", CoreLayer), ("pubsub", PubSubLayer)):
        told = channel_layers("redis://127.0.0.1/2", Options(layer=layer, capacity=7))["default"]
        assert told["BACKEND"] == f"{kind.__module__}.{kind.__name__}"
        made = kind(**told["CONFIG"])
        assert getattr(made, "capacity", 7) == 7 if layer == "core" else "capacity" not in told["CONFIG"]
