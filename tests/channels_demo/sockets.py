"""A client for the tests: a socket of the whole ASGI application in this process, and a browser that can log in."""

import asyncio
import json
from types import TracebackType
from typing import Any

from channels.testing import WebsocketCommunicator
from django.test import AsyncClient

HOST = "127.0.0.1:8471"
PATIENCE = 20.0
"""Seconds; the machine may be busy."""
TO_END = 2.0
"""Seconds that an application gets once its socket is gone, as a server gives it some (Daphne 10). The core layer at
times does not hear that it is cancelled while it waits for Redis, and is then ended here."""


class Socket:
    """`async with Socket("/ws/feed/?region=north") as socket`: connected, or `refused` with the code of a refusal."""

    def __init__(self, path: str, origin: str | None = f"http://{HOST}", session: str = "", offers: Any = ()) -> None:
        from channels_demo.asgi import application

        headers = [(b"host", HOST.encode())]
        headers += [(b"origin", origin.encode())] if origin is not None else []
        headers += [(b"cookie", f"channels_session={session}".encode())] if session else []
        self._inside = WebsocketCommunicator(application, path, headers=headers, subprotocols=list(offers))
        self.accepted = False
        self.subprotocol: str | None = None

    async def __aenter__(self) -> "Socket":
        self.accepted, self.subprotocol = await self._inside.connect(timeout=PATIENCE)
        return self

    async def __aexit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self._inside.disconnect(timeout=TO_END)

    async def get(self) -> dict[str, Any]:
        """The next frame. AssertionError when it is a close."""
        return await self._inside.receive_json_from(timeout=PATIENCE)

    async def get_many(self, count: int) -> list[dict[str, Any]]:
        return [await self.get() for _ in range(count)]

    async def until(self, kind: str) -> list[dict[str, Any]]:
        """Every frame up to and with the first of this type."""
        found = [await self.get()]
        while found[-1]["type"] != kind:
            found.append(await self.get())
        return found

    async def say(self, content: Any) -> None:
        """A frame: bytes and text as they are, anything else as JSON."""
        if isinstance(content, bytes):
            await self._inside.send_input({"type": "websocket.receive", "bytes": content})
        else:
            text = content if isinstance(content, str) else json.dumps(content)
            await self._inside.send_input({"type": "websocket.receive", "text": text})

    async def close_code(self) -> int:
        """What it is closed with; frames before that are passed over."""
        while True:
            told = await self._inside.receive_output(PATIENCE)
            if told["type"] == "websocket.close":
                return told["code"]

    async def is_silent(self, seconds: float = 0.3) -> bool:
        return await self._inside.receive_nothing(timeout=seconds)


async def log_in(name: str) -> tuple[AsyncClient, str]:
    """A browser with a session of this user, and the session's key."""
    from asgiref.sync import sync_to_async
    from django.contrib.auth.models import User

    browser = AsyncClient(headers={"host": HOST})
    user = await User.objects.aget(username=name)
    await sync_to_async(browser.force_login)(user)
    return browser, browser.cookies["channels_session"].value


def gathered(*plays: Any) -> Any:
    """All of them at once, each with its result."""
    return asyncio.gather(*plays)
