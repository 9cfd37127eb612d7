"""REST and the live feed in one server, for what posts a notification and listens for it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from lab.console.look import Look
from lab.console.post import Posts
from lab.settings import Settings


class Hub:
    """REST and the live feed in one: `events` are told to every socket after a notification was accepted."""

    def __init__(self, status: int = 201, tells: bool = True) -> None:
        self.status, self.tells = status, tells
        self.posted: list[dict[str, Any]] = []
        self.queries: list[str] = []
        self.told = asyncio.Event()

    async def post(self, request: Request) -> Response:
        self.posted.append(await request.json())
        if self.status != 201:
            return JSONResponse({"detail": "No instance takes requests."}, self.status)
        self.told.set()
        return JSONResponse({"id": "n-1"}, 201, {"X-Instance": "rest-2"})

    async def feed(self, socket: WebSocket) -> None:
        self.queries.append(socket.url.query)
        await socket.accept()
        await socket.send_json({"type": "welcome", "server": "channels-1", "last": {"north": 7}})
        await self.told.wait()
        if not self.tells and len(self.queries) == 1:
            await socket.close()
            return
        event = {"type": "event", "region": "north", "body": {}, "socket_seq": 1}
        await socket.send_json({**event, "id": "another", "seq": 8, "trace": []})
        await socket.send_json({**event, "id": "n-1", "seq": 9, "trace": ["rest_demo.api@1.5"]})
        await socket.receive()

    @asynccontextmanager
    async def served(self, settings: Settings) -> AsyncIterator[Posts]:
        routes = [Route("/api/notifications/", self.post, methods=["POST"]), WebSocketRoute("/ws/feed/", self.feed)]
        config = uvicorn.Config(Starlette(routes=routes), port=0, log_level="warning", timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        task = asyncio.create_task(server.serve())
        while not server.started:
            await asyncio.wait([task], timeout=0.02)
        posts = Posts(settings, Look(settings))
        posts.rest = posts.live = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
        try:
            yield posts
        finally:
            server.should_exit = True
            await task
