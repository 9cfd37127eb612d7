"""Shows a client the scope of its own socket, as this consumer has it: every key, its type, and who put it there.

One frame after the connect; another for each frame that the client sends, with the event that it arrived as.
"""

from typing import Any

from channels_demo import close_codes, settings
from channels_demo.consumers.socket import Allowance, Flood, Socket
from channels_demo.scope_view import look_up, view

LOST_IDIOMS = {
    "scope['websocket.connecting']": "no key of any version: `websocket.connect` is the type of the first event, and"
    " `connecting` a word of Daphne's log. A socket's unique name is self.channel_name.",
    "message.reply_channel": "Channels 1, before 2018: an event was a message with a way back. Now a consumer object"
    " lives as long as its socket, and answers with self.send().",
    "message['scope']": "an event is a dict with its type and its data; the scope was given to the consumer once,"
    " at the start: self.scope.",
}
"""What the notes' sample uses and Channels 4 does not have."""


class ScopeInspector(Socket):
    """Accepts the first subprotocol that is offered, so that `subprotocols` and what became of it can be compared."""

    async def connect(self) -> None:
        self.allowance = Allowance(most=30, per_second=5)
        self.subprotocol = next(iter(self.scope["subprotocols"]), None)
        await self.accept(subprotocol=self.subprotocol)

    async def websocket_connect(self, message: dict[str, Any]) -> None:
        await super().websocket_connect(message)
        await self._show(message)

    async def websocket_receive(self, message: dict[str, Any]) -> None:
        try:
            self.allowance.take()
        except Flood:
            return await self.end(close_codes.FLOODING)
        await self._show(message)

    async def _show(self, event: dict[str, Any]) -> None:
        idioms = [
            {"idiom": idiom, "found": look_up(idiom, self.scope, event), "why": why}
            for idiom, why in LOST_IDIOMS.items()
        ]
        await self.tell(
            {
                "type": "scope",
                "server": settings.read().server,
                "channel": self.channel_name,
                "subprotocol": self.subprotocol,
                "event": {name: str(value)[:200] for name, value in event.items()},
                "keys": view(self.scope),
                "not_there": idioms,
            }
        )
