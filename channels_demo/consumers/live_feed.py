"""The live feed: the events of the regions that a client asks for, as they come, and those that it missed.

    bridge --> backlog in Redis (numbers)          --since(after)--> welcome, resume
           \\-> group region.NAME of the layer      --feed.event----> event

Frames to the client: welcome, event, resumed, pong, error. From the client: ping, resume. Each event has a number of
its region (`seq`, the same for everybody and for ever) and one of this socket (`socket_seq`): a hole in the first is an
event that the layer lost. The server sends each number once; to notice a hole and ask for it is the client's business.
"""

import asyncio
import logging
import time
from typing import Any

from channels_demo import backlog, close_codes, groups, settings, wanted
from channels_demo.consumers.socket import Allowance, Flood, Socket
from channels_demo.sent import Sent
from channels_demo.tickets import still_logged_in

log = logging.getLogger("channels_demo.live_feed")

MOST_BAD_FRAMES = 20
"""Frames that make no sense before the socket is closed with 4400."""
PRICE_OF_RESUME = 5.0
"""A resume reads a backlog: as many frames' worth of the allowance as that."""


class LiveFeed(Socket):
    """State on `self` is one socket's: as_asgi() makes an instance for each."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.joined: list[str] = []
        self.sent: dict[str, Sent] = {}
        self.allowance = Allowance()
        self.bad_frames = 0
        self.socket_seq = 0
        self.watch: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        user = self.scope["user"]
        try:
            asked = wanted.feed(self.scope["query_string"])
        except wanted.Refused as refused:
            return await self.refuse(close_codes.MALFORMED, f"{refused.code}: {refused}")
        if (code := _not_for(asked.regions, user, self.scope["ticket"])) is not None:
            return await self.refuse(code, ", ".join(asked.regions))
        for region in asked.regions:
            await self._join(groups.region(region))
        if user.is_authenticated:
            await self._join(groups.user(user.pk))
        await self.accept(subprotocol=next(iter(self.scope["subprotocols"]), None))
        # The groups are joined already: what happens while we read the backlog waits for us, and `sent` knows it again.
        await self._welcome(asked)
        if user.is_authenticated and settings.read().options.recheck:
            self.watch = asyncio.create_task(self._watch_login())

    async def disconnect(self, code: int) -> None:
        self.ended = True
        if self.watch:
            self.watch.cancel()
        for group in self.joined:
            await self.channel_layer.group_discard(group, self.channel_name)
        log.info("%s disconnect %s of %s after %d events", _server(), code, self.channel_name, self.socket_seq)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """One frame of the client."""
        if self.ended:
            return
        try:
            self.allowance.take()
            asked = wanted.frame(text_data, bytes_data)
            if asked["type"] == "ping":
                return await self.tell({"type": "pong", "at": time.time()})
            self.allowance.take(PRICE_OF_RESUME - 1)
            await self._resume(asked["after"])
        except Flood:
            await self.end(close_codes.FLOODING)
        except wanted.Refused as refused:
            self.bad_frames += 1
            await self.tell({"type": "error", "code": refused.code, "detail": str(refused), "count": self.bad_frames})
            if self.bad_frames >= MOST_BAD_FRAMES:
                await self.end(close_codes.MALFORMED, f"{self.bad_frames} frames that make no sense")

    async def feed_event(self, message: dict[str, Any]) -> None:
        """From the layer: an event of one of our regions."""
        await self._event(message["event"])

    async def login_ended(self, message: dict[str, Any]) -> None:
        """From the layer: a session of our user has ended; is it that with which we came in?"""
        if message["session"] == self.scope["login_session"]:
            await self.end(close_codes.NOT_LOGGED_IN, "logged out")

    async def _join(self, group: str) -> None:
        await self.channel_layer.group_add(group, self.channel_name)
        self.joined.append(group)

    async def _welcome(self, asked: wanted.Feed) -> None:
        after = {region: _after(asked.after, region) for region in asked.regions}
        found = {region: await backlog.since(region, after[region]) for region in asked.regions}
        # Without a number none is asked for up to where the region stands now.
        self.sent = {region: Sent(one.last if one.after is None else one.after) for region, one in found.items()}
        resume = {
            "after": asked.after,
            "sent": sum(len(one.events) for one in found.values()),
            "complete": all(one.complete for one in found.values()),
        }
        told = {"type": "welcome", "server": _server(), "channel": self.channel_name, "groups": self.joined}
        await self.tell(told | {"last": {region: one.last for region, one in found.items()}, "resume": resume})
        for one in found.values():
            for event in one.events:
                self.sent[event["region"]].add(event["seq"])
                await self._send_event(event)

    async def _resume(self, told: wanted.After) -> None:
        """Everything after the numbers that the client has, but for what this socket was sent already."""
        sent, complete = 0, True
        for region, was in self.sent.items():
            after = _after(told, region)
            if after is None:
                continue
            found = await backlog.since(region, after)
            missing = [event for event in found.events if was.add(event["seq"])]
            complete = complete and found.complete
            for event in missing:
                await self._send_event(event)
            sent += len(missing)
        await self.tell({"type": "resumed", "after": told, "sent": sent, "complete": complete})

    async def _event(self, event: dict[str, Any]) -> None:
        region = self.sent.get(event["region"])
        if region and region.live(event["seq"]):
            await self._send_event(event)

    async def _send_event(self, event: dict[str, Any]) -> None:
        self.socket_seq += 1
        hop = f"channels_demo.{_server()}@{time.monotonic():.6f}"
        await self.tell({"type": "event", **event, "socket_seq": self.socket_seq, "trace": [*event["trace"], hop]})

    async def _watch_login(self) -> None:
        """The scope says who came in; whether he still may stay has to be asked again."""
        every = settings.read().options.recheck
        over = asyncio.Event()
        while not self.ended:
            asyncio.get_running_loop().call_later(every, over.set)
            await over.wait()
            over.clear()
            if not await still_logged_in(self.scope["login_session"], self.scope["user"].pk):
                await self.end(close_codes.NOT_LOGGED_IN, "the login has ended")


def _not_for(regions: tuple[str, ...], user: Any, ticket: str | None) -> int | None:
    """The close code for a user who may not have these regions; None when he may."""
    private = [region.removeprefix(wanted.PRIVATE) for region in regions if region.startswith(wanted.PRIVATE)]
    if ticket == "bad" or (private and not user.is_authenticated):
        return close_codes.NOT_LOGGED_IN
    return close_codes.NOT_ALLOWED if any(name != user.get_username() for name in private) else None


def _after(told: wanted.After, region: str) -> int | None:
    return told.get(region) if isinstance(told, dict) else told


def _server() -> str:
    return settings.read().server
