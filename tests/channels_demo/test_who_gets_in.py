"""Sessions, tickets, groups and origins: who may open a socket, and who may keep it."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from django.test import AsyncClient

from channels_demo import close_codes, store, tickets
from lab.waiting import pause_here
from tests.channels_demo.sockets import HOST, PATIENCE, Socket, log_in

Play = Callable[[Any], None]


@pytest.mark.parametrize("path", ["/ws/feed/?region=north", "/ws/scope/", "/ws/nowhere/", "/ws/blocking/async/"])
@pytest.mark.parametrize("origin", [None, "null", "http://evil.example", f"https://{HOST}", "http://127.0.0.1:9999"])
def test_no_page_of_somebody_else_opens_any_socket(play: Play, path: str, origin: str | None) -> None:
    async def script() -> None:
        async with Socket(path, origin=origin) as socket:
            assert not socket.accepted

    play(script)


def test_a_private_region_is_its_owners(play: Play, name: str) -> None:
    async def script() -> None:
        _, session = await log_in(name)
        own, other = f"/ws/feed/?region=private-{name}", "/ws/feed/?region=private-somebody"
        async with Socket(own, session=session) as socket:
            assert (await socket.get())["groups"][0] == f"region.private-{name}"
        async with Socket(other, session=session) as socket:
            assert await socket.close_code() == close_codes.NOT_ALLOWED
        async with Socket(own) as socket:
            assert await socket.close_code() == close_codes.NOT_LOGGED_IN
        async with Socket(own, session="made-up") as socket:
            assert await socket.close_code() == close_codes.NOT_LOGGED_IN

    play(script)


def test_a_ticket_lets_in_once(play: Play, name: str) -> None:
    async def script() -> None:
        browser, _ = await log_in(name)
        answer = await browser.post("/api/ticket/")
        path = f"/ws/feed/?region=private-{name}&ticket={answer.json()['ticket']}"
        async with Socket(path) as socket:
            assert (await socket.get())["type"] == "welcome"
        async with Socket(path) as socket:
            assert await socket.close_code() == close_codes.NOT_LOGGED_IN

    play(script)


def test_a_ticket_ends_with_its_time(play: Play, name: str, options: Callable[..., None]) -> None:
    async def script() -> None:
        options(ticket_seconds=0.001)
        browser, _ = await log_in(name)
        ticket = (await browser.post("/api/ticket/")).json()["ticket"]
        async with asyncio.timeout(PATIENCE):
            # The time is Redis', and its clock is the machine's, which may be set back.
            while await store.redis().exists(store.key("ticket", ticket)):
                await pause_here(0.01)
        async with Socket(f"/ws/feed/?region=north&ticket={ticket}") as socket:
            assert await socket.close_code() == close_codes.NOT_LOGGED_IN

    play(script)


def test_a_wrong_ticket_is_told_so_even_where_none_was_needed(play: Play) -> None:
    async def script() -> None:
        async with Socket("/ws/feed/?region=north&ticket=made-up") as socket:
            assert await socket.close_code() == close_codes.NOT_LOGGED_IN

    play(script)


def test_nobody_gets_a_ticket_without_a_login(play: Play) -> None:
    async def script() -> None:
        assert (await AsyncClient(headers={"host": HOST}).post("/api/ticket/")).status_code == 401

    play(script)


@pytest.mark.parametrize("by_ticket", [False, True])
def test_a_logout_closes_what_its_session_has_open(play: Play, name: str, by_ticket: bool) -> None:
    async def script() -> None:
        browser, session = await log_in(name)
        other, other_session = await log_in(name)
        path = f"/ws/feed/?region=private-{name}"
        more = f"&ticket={(await browser.post('/api/ticket/')).json()['ticket']}" if by_ticket else ""
        mine = Socket(path + more, session="" if by_ticket else session)
        async with mine as socket, Socket(path, session=other_session) as elsewhere:
            await socket.get()
            await elsewhere.get()
            assert (await browser.post("/logout/")).status_code == 302
            assert await socket.close_code() == close_codes.NOT_LOGGED_IN
            assert await elsewhere.is_silent()
        del other

    play(script)


def test_a_session_that_ends_by_itself_is_noticed(play: Play, name: str, options: Callable[..., None]) -> None:
    async def script() -> None:
        from django.contrib.sessions.models import Session

        options(recheck=0.1)
        _, session = await log_in(name)
        async with Socket(f"/ws/feed/?region=private-{name}", session=session) as socket:
            await socket.get()
            assert await socket.is_silent()
            await Session.objects.filter(session_key=session).adelete()
            assert await socket.close_code() == close_codes.NOT_LOGGED_IN

    play(script)


def test_without_a_second_look_a_socket_outlives_its_login(play: Play, name: str, options: Callable[..., None]) -> None:
    async def script() -> None:
        options(recheck=0, logout_closes=False)
        browser, session = await log_in(name)
        async with Socket(f"/ws/feed/?region=private-{name}", session=session) as socket:
            await socket.get()
            await browser.post("/logout/")
            assert await socket.is_silent(1.0)
            assert not await tickets.still_logged_in(session, 1)

    play(script)


def test_a_user_who_may_no_longer_log_in_may_no_longer_listen(
    play: Play, name: str, options: Callable[..., None]
) -> None:
    async def script() -> None:
        from django.contrib.auth.models import User

        options(recheck=0.1)
        _, session = await log_in(name)
        async with Socket(f"/ws/feed/?region=private-{name}", session=session) as socket:
            await socket.get()
            await User.objects.filter(username=name).aupdate(is_active=False)
            assert await socket.close_code() == close_codes.NOT_LOGGED_IN

    play(script)
