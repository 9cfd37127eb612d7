"""Bounds what a client that does not read can cost us: between server and consumer, around `send`.

uvicorn lets `send` wait while the client takes nothing, so a time limit is enough. Daphne's `send` never waits: it
piles up whatever it is given in memory, until an unanswered ping (20 to 50 s) ends the socket. Twisted knows better and
would tell a producer to pause, so we become one.
"""

import asyncio
import functools
from typing import Any

from twisted.internet.interfaces import IPushProducer
from zope.interface import implementer


class TooSlow(Exception):
    """A frame was not taken in time."""


class Bounded:
    """Middleware: a send that waits longer than `within` seconds raises TooSlow. A close never waits."""

    def __init__(self, inner: Any, within: float) -> None:
        self._inner = inner
        self._within = within

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> Any:
        gate: Gate | None = None

        async def bounded(message: dict[str, Any]) -> None:
            nonlocal gate
            if message["type"] != "websocket.send":
                await send(message)
                if message["type"] == "websocket.accept":
                    gate = gate_of_daphne(send)
                return
            try:
                async with asyncio.timeout(self._within):
                    if gate:
                        await gate.open.wait()
                    await send(message)
            except TimeoutError as error:
                raise TooSlow from error

        return await self._inner(scope, receive, bounded)


@implementer(IPushProducer)
class Gate:
    """Open while the transport takes more; it tells the producer that stood there before us, too."""

    def __init__(self, before: Any) -> None:
        self.open = asyncio.Event()
        self.open.set()
        self._before = before

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


def gate_of_daphne(send: Any) -> Gate | None:
    """The gate of the socket behind Daphne's `send`, which is a partial with the protocol in it; else None."""
    protocol = send.args[0] if isinstance(send, functools.partial) and send.args else None
    transport = getattr(protocol, "transport", None)
    if not hasattr(transport, "registerProducer") or not hasattr(transport, "producer"):
        return None
    gate = Gate(transport.producer)
    if transport.producer is not None:
        transport.unregisterProducer()
    transport.registerProducer(gate, True)
    return gate
