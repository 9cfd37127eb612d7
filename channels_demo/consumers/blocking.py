"""The same work of half a second in three styles: what it does to the others of the same process is the lesson.

A frame comes, the handler takes its time, the answer says when it began and ended (monotonic seconds of the server).
"""

import asyncio
import json
import threading
import time
from typing import Any

from channels.generic.websocket import AsyncWebsocketConsumer, WebsocketConsumer

from channels_demo import settings


def _answer(style: str, began: float, text: str | None) -> str:
    """`echo` is the frame's text, so that a client can tell its answers apart."""
    told = {"type": "done", "style": style, "server": settings.read().server, "echo": (text or "")[:200]}
    return json.dumps(told | {"began": began, "ended": time.monotonic(), "thread": threading.current_thread().name})


class SyncBlocking(WebsocketConsumer):
    """Synchronous: Channels runs all such handlers of a process on ONE thread, one after the other."""

    def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        began = time.monotonic()
        threading.Event().wait(settings.read().options.blocking)
        self.send(text_data=_answer("sync", began, text_data))


class AsyncBlocking(AsyncWebsocketConsumer):
    """Asynchronous by name, blocking in fact: the whole event loop stands, with every socket of this process."""

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        began = time.monotonic()
        threading.Event().wait(settings.read().options.blocking)
        await self.send(text_data=_answer("blocking", began, text_data))


class AsyncWaiting(AsyncWebsocketConsumer):
    """Asynchronous in fact: it waits, and everybody else goes on."""

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        began = time.monotonic()
        await _wait(settings.read().options.blocking)
        await self.send(text_data=_answer("async", began, text_data))


async def _wait(seconds: float) -> None:
    passed = asyncio.Event()
    asyncio.get_running_loop().call_later(seconds, passed.set)
    await passed.wait()


STYLES: dict[str, Any] = {"sync": SyncBlocking, "blocking": AsyncBlocking, "async": AsyncWaiting}
