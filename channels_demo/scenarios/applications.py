"""Applications that a scenario serves beside the demo's own: `daphne channels_demo.scenarios.applications:bare`.

bare      what a server hands to an application, with nothing of Channels between them
samples   the notes' sample, as near as Channels 4 can be made to run it, and the same thing as it is written today

Loaded by those servers only, never by the lab: it needs Django set up.
"""

import json
from typing import Any

from channels_demo import settings

settings.point_django_here()

import django  # noqa: E402

django.setup()

from channels.consumer import AsyncConsumer  # noqa: E402
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from django.urls import path  # noqa: E402

from channels_demo.noted import noted  # noqa: E402
from channels_demo.scope_view import view  # noqa: E402


async def _bare(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Answers like the scope inspector, but for what a consumer has: there is none."""
    while (event := await receive())["type"] != "websocket.disconnect":
        if event["type"] == "websocket.connect":
            await send({"type": "websocket.accept", "subprotocol": next(iter(scope["subprotocols"]), None)})
        told = {"type": "scope", "event": {name: str(value) for name, value in event.items()}, "channel": None}
        await send({"type": "websocket.send", "text": json.dumps(told | {"keys": view(scope), "not_there": []})})


class FromTheNotes(AsyncConsumer):
    """A handler was a function of a message in Channels 1; a method is the nearest that can be routed to in Channels 4.
    Its body is that of the notes."""

    async def websocket_connect(self, message: Any) -> None:
        scope = message["scope"]
        scope["websocket.connecting"]["connection_id"]
        await message.reply_channel.send({"type": "websocket.accept"})


class WithoutTheScope(AsyncConsumer):
    """The notes' way to answer alone: would that work, if the scope were taken from where it is?"""

    async def websocket_connect(self, message: Any) -> None:
        self.scope["path"]
        await message.reply_channel.send({"type": "websocket.accept"})


class Today(AsyncConsumer):
    """What the notes' sample means, in Channels 4."""

    async def websocket_connect(self, message: dict[str, Any]) -> None:
        connection_id = self.channel_name
        path, query_string = self.scope["path"], self.scope["query_string"]
        await self.send({"type": "websocket.accept"})
        told = {"connection_id": connection_id, "path": path, "query_string": query_string.decode()}
        await self.send({"type": "websocket.send", "text": json.dumps(told)})


bare = noted("server", _bare)
samples = ProtocolTypeRouter(
    {
        "websocket": URLRouter(
            [
                path("ws/notes/", FromTheNotes.as_asgi()),
                path("ws/reply_channel/", WithoutTheScope.as_asgi()),
                path("ws/today/", Today.as_asgi()),
            ]
        )
    }
)
