"""The live feed: who is welcomed how, which events come, and what becomes of those who send nonsense."""

from collections.abc import Callable
from typing import Any

import pytest

from channels_demo import backlog, close_codes, groups
from channels_demo.consumers import live_feed
from channels_demo.publish import publish
from tests.channels_demo.sockets import Socket

Play = Callable[[Any], None]


def test_a_socket_is_welcomed_with_its_groups_and_where_each_region_stands(play: Play, region: str) -> None:
    async def script() -> None:
        await publish(region, 3)
        async with Socket(f"/ws/feed/?region={region}&region={region}b") as socket:
            welcome = await socket.get()
        assert welcome["type"] == "welcome"
        assert welcome["groups"] == [f"region.{region}", f"region.{region}b"]
        assert welcome["last"] == {region: 3, f"{region}b": 0}
        assert welcome["resume"] == {"after": None, "sent": 0, "complete": True}
        assert "!" in welcome["channel"]

    play(script)


def test_events_come_numbered_by_region_and_by_socket_with_the_way_that_they_took(play: Play, region: str) -> None:
    async def script() -> None:
        await publish(region, 2)
        async with Socket(f"/ws/feed/?region={region}") as socket:
            await socket.get()
            await publish(region, 3)
            events = await socket.get_many(3)
        assert [event["seq"] for event in events] == [3, 4, 5]
        assert [event["socket_seq"] for event in events] == [1, 2, 3]
        assert {event["region"] for event in events} == {region}
        assert [hop.partition("@")[0] for hop in events[0]["trace"]] == [
            "channels_demo.publish",
            "channels_demo.channels",
        ]

    play(script)


def test_nobody_gets_what_is_for_another_region(play: Play, region: str) -> None:
    async def script() -> None:
        async with Socket(f"/ws/feed/?region={region}") as socket:
            await socket.get()
            await publish(f"{region}b", 1)
            assert await socket.is_silent()

    play(script)


def test_who_comes_back_gets_what_was_missed_and_then_what_comes(play: Play, region: str) -> None:
    async def script() -> None:
        await publish(region, 5)
        async with Socket(f"/ws/feed/?region={region}&after=2") as socket:
            welcome, *events = await socket.get_many(4)
            await publish(region, 1)
            events.append(await socket.get())
        assert welcome["resume"] == {"after": 2, "sent": 3, "complete": True}
        assert [event["seq"] for event in events] == [3, 4, 5, 6]

    play(script)


def test_each_region_may_have_a_number_of_its_own(play: Play, region: str) -> None:
    async def script() -> None:
        await publish(region, 3)
        await publish(f"{region}b", 3)
        path = f"/ws/feed/?region={region}&region={region}b&after={region}:2&after={region}b:1"
        async with Socket(path) as socket:
            assert (await socket.get())["resume"]["sent"] == 3
            events = await socket.get_many(3)
        assert [(event["region"], event["seq"]) for event in events] == [
            (region, 3),
            (f"{region}b", 2),
            (f"{region}b", 3),
        ]

    play(script)


def test_what_the_layer_lost_is_had_by_asking_and_nothing_comes_twice(play: Play, region: str) -> None:
    async def script() -> None:
        async with Socket(f"/ws/feed/?region={region}") as socket:
            await socket.get()
            events = [(await backlog.append(region, f"{region}-{number}", "", []))[0] for number in range(5)]
            for event in (events[0], events[3]):  # as if the layer had dropped the others
                await groups.send_event(event)
            assert [event["seq"] for event in await socket.get_many(2)] == [1, 4]
            await socket.say({"type": "resume", "after": 1})
            *missed, resumed = await socket.until("resumed")
            assert [event["seq"] for event in missed] == [2, 3, 5]
            assert resumed == {"type": "resumed", "after": 1, "sent": 3, "complete": True}
            await socket.say({"type": "resume", "after": {region: 1}})
            assert (await socket.get())["sent"] == 0

    play(script)


def test_the_same_id_again_keeps_its_number_and_reaches_a_socket_once(play: Play, region: str) -> None:
    async def script() -> None:
        async with Socket(f"/ws/feed/?region={region}") as socket:
            await socket.get()
            told = [await backlog.append(region, "n-1", "", []) for _ in range(2)]
            assert [(event["seq"], new) for event, new in told] == [(1, True), (1, False)]
            for event, _ in told:
                await groups.send_event(event)
            assert (await socket.get())["id"] == "n-1"
            assert await socket.is_silent()

    play(script)


def test_what_the_backlog_has_forgotten_is_admitted(play: Play, region: str, options: Callable[..., None]) -> None:
    async def script() -> None:
        options(backlog=5)
        await publish(region, 9)
        async with Socket(f"/ws/feed/?region={region}&after=2") as socket:
            welcome, *events = await socket.get_many(6)
        assert welcome["resume"] == {"after": 2, "sent": 5, "complete": False}
        assert [event["seq"] for event in events] == [5, 6, 7, 8, 9]

    play(script)


def test_long_events_push_out_older_ones_before_they_fill_redis(play: Play, region: str) -> None:
    async def script() -> None:
        for number in range(10):
            await backlog.append(region, f"n-{number}", "x" * (backlog.MOST_BYTES // 4), [])
        assert [event["seq"] for event in (await backlog.since(region, 0)).events] == [8, 9, 10]
        await backlog.append(region, "huge", "x" * (backlog.MOST_BYTES * 2), [])
        assert [event["seq"] for event in (await backlog.since(region, 0)).events] == [11]

    play(script)


def test_a_number_from_before_redis_was_emptied_is_no_complete_resume(play: Play, region: str) -> None:
    async def script() -> None:
        await publish(region, 2)
        async with Socket(f"/ws/feed/?region={region}&after=900") as socket:
            assert (await socket.get())["resume"] == {"after": 900, "sent": 0, "complete": False}

    play(script)


NONSENSE = ("", "no JSON", "[]", b"\x00\xff", "x" * 70_000, {"type": "shout"}, {"type": "resume"})


@pytest.mark.parametrize("frame", NONSENSE, ids=range(len(NONSENSE)))
def test_a_frame_that_makes_no_sense_is_answered_and_the_next_one_counts(play: Play, region: str, frame: Any) -> None:
    async def script() -> None:
        async with Socket(f"/ws/feed/?region={region}") as socket:
            await socket.get()
            await socket.say(frame)
            error = await socket.get()
            assert (error["type"], error["count"]) == ("error", 1)
            await socket.say({"type": "ping"})
            assert (await socket.get())["type"] == "pong"

    play(script)


def test_who_sends_nothing_but_nonsense_is_closed(play: Play, region: str) -> None:
    async def script() -> None:
        async with Socket(f"/ws/feed/?region={region}") as socket:
            await socket.get()
            for _ in range(live_feed.MOST_BAD_FRAMES):
                await socket.say("nonsense")
            assert await socket.close_code() == close_codes.MALFORMED

    play(script)


def test_who_floods_is_closed_and_nobody_else_is(play: Play, region: str) -> None:
    async def script() -> None:
        path = f"/ws/feed/?region={region}"
        async with Socket(path) as flood, Socket(path) as quiet:
            await flood.get()
            await quiet.get()
            for _ in range(300):
                await flood.say({"type": "ping"})
            assert await flood.close_code() == close_codes.FLOODING
            await publish(region, 1)
            assert (await quiet.get())["seq"] == 1

    play(script)


@pytest.mark.parametrize("query", ["", "region=NORTH", "region=north&after=soon", "region=" + "a" * 99])
def test_a_wish_that_makes_no_sense_is_closed_with_its_code(play: Play, query: str) -> None:
    async def script() -> None:
        async with Socket(f"/ws/feed/?{query}") as socket:
            assert await socket.close_code() == close_codes.MALFORMED

    play(script)


def test_whoever_leaves_leaves_its_groups(play: Play, region: str) -> None:
    async def script() -> None:
        from channels.layers import get_channel_layer

        layer = get_channel_layer()
        key = f"{layer.prefix}:group:{groups.region(region)}"
        async with Socket(f"/ws/feed/?region={region}") as socket:
            await socket.get()
            assert await layer.connection(0).zcard(key) == 1
        assert await layer.connection(0).zcard(key) == 0

    play(script)
