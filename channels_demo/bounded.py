"""Bounds what a client that does not read can cost us: between server and consumer, around `send`.

uvicorn lets `send` wait while the client takes nothing, so a time limit is enough. Daphne's `send` never waits: it
piles up whatever it is given in memory, until an unanswered ping (20 to 50 s) ends the socket. Twisted knows better and
would tell a producer to pause, so we become one.

Both would close politely: behind all that the client has not taken yet, so perhaps never. After a while we cut.
"""

import asyncio
import functools
from typing import Any

from twisted.internet.interfaces import IPushProducer
from zope.interface import implementer

CLOSING_TAKES = 2.0
"""Seconds that a client has to take our close frame."""


class TooSlow(Exception):
    """A frame was not taken in time."""


class Bounded:
    """Middleware: a send that waits longer than `within` seconds raises TooSlow; a close is over soon."""

    def __init__(self, inner: Any, within: float) -> None:
        self._inner = inner
        self._within = within

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> Any:
        line = Line(send)

        async def bounded(message: dict[str, Any]) -> None:
            if message["type"] == "websocket.close":
                return await _close(line, send, message)
            try:
                async with asyncio.timeout(self._within):
                    await line.open.wait()
                    await send(message)
            except TimeoutError as error:
                raise TooSlow from error
            if message["type"] == "websocket.accept":
                line.watch()

        return await self._inner(scope, receive, bounded)


async def _close(line: "Line", send: Any, message: dict[str, Any]) -> None:
    try:
        async with asyncio.timeout(CLOSING_TAKES):
            await send(message)
    except TimeoutError:
        line.cut()
    else:
        asyncio.get_running_loop().call_later(CLOSING_TAKES, line.cut)


@implementer(IPushProducer)
class Line:
    """The connection behind a server's `send`: a partial with Daphne's protocol in it, or a method of uvicorn's.

    Behind anything else (a test's, another server's) it is always open, and cannot be cut."""

    def __init__(self, send: Any) -> None:
        self.open = asyncio.Event()
        self.open.set()
        protocol = send.args[0] if isinstance(send, functools.partial) else getattr(send, "__self__", None)
        self._transport = getattr(protocol, "transport", None)
        self._before: Any = None

    def watch(self) -> None:
        """Be told by Daphne's transport when it is full. Whoever was told before us still is."""
        if hasattr(self._transport, "registerProducer") and not self._transport.disconnecting:
            self._before = self._transport.producer
            self._transport.unregisterProducer()
            self._transport.registerProducer(self, True)

    def cut(self) -> None:
        """End the connection without a word, unless it has ended."""
        for name in ("abortConnection", "abort"):  # Twisted's and asyncio's; on what has ended they do nothing
            if cut := getattr(self._transport, name, None):
                return cut()

    def pauseProducing(self) -> None:  # noqa: N802 (Twisted's name)
        self.open.clear()
        if self._before:
            self._before.pauseProducing()

    def resumeProducing(self) -> None:  # noqa: N802
        self.open.set()
        if self._before:
            self._before.resumeProducing()

    def stopProducing(self) -> None:  # noqa: N802
        self.open.set()
        if self._before:
            self._before.stopProducing()
