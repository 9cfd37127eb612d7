"""What all our sockets have in common: JSON frames, closing with a reason, bounded patience with the other end."""

import json
import logging
import time
from typing import Any

from channels.consumer import get_handler_name
from channels.generic.websocket import AsyncWebsocketConsumer

from channels_demo import close_codes, settings
from channels_demo.bounded import TooSlow

log = logging.getLogger("channels_demo.socket")


class Flood(Exception):
    """More frames came than one may send."""


class Allowance:
    """A bucket of `most` frames that fills up again at `per_second`."""

    def __init__(self, most: float = 60.0, per_second: float = 20.0) -> None:
        self._most, self._per_second = most, per_second
        self._left, self._at = most, time.monotonic()

    def take(self, price: float = 1.0) -> None:
        """Raises Flood when there is none left."""
        now = time.monotonic()
        self._left = min(self._most, self._left + (now - self._at) * self._per_second) - price
        self._at = now
        if self._left < 0:
            raise Flood


class Socket(AsyncWebsocketConsumer):
    """`ended` says whether we have closed it: whatever is sent afterwards is dropped."""

    ended = False

    async def dispatch(self, message: dict[str, Any]) -> None:
        """As Channels' own, without a visit to the one thread for the database before each message: a handler of ours
        that asks the database does so through database_sync_to_async, which cleans up by itself."""
        handler = getattr(self, get_handler_name(message), None)
        if handler is None:
            raise ValueError(f"no handler for messages of type {message['type']}")
        await handler(message)

    async def tell(self, frame: dict[str, Any]) -> None:
        """Send one frame. A client that does not take it in time is closed with 4408."""
        if self.ended:
            return
        try:
            await self.send(text_data=json.dumps(frame, separators=(",", ":")))
        except TooSlow:
            await self.end(close_codes.TOO_SLOW)

    async def end(self, code: int, detail: str = "") -> None:
        """Close, once; the close frame says the code, and its meaning where the server can (Daphne drops it)."""
        if not self.ended:
            self.ended = True
            log.info("%s %s closed with %d: %s", settings.read().server, self.scope["path"], code, detail or "-")
            await self.close(code=code, reason=close_codes.MEANING[code][:120])

    async def refuse(self, code: int, detail: str = "") -> None:
        """Accept and close at once: the only way to tell a browser why. One that offered subprotocols and was given
        none hangs up by itself, and its page hears 1006."""
        await self.accept(subprotocol=next(iter(self.scope["subprotocols"]), None))
        await self.end(code, detail)
