"""Many sockets of the live feed at once, as the scenarios and `lab bench channels-feed` need them.

    Feed (one background thread, one event loop) --connects--> Socket, Socket, ... each remembers which numbers came

A Socket is looked at from the scenario's own thread while the loop feeds it. What happens to it also goes into the
run's history, as it happens: `socket_open`, `frame`, `socket_closed`. A single connection, step by step, is
sockets.py's business.
"""

import asyncio
import json
import socket as sockets
import threading
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import urlencode, urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from lab.waiting import wait_for

T = TypeVar("T")
Record = Callable[..., None]
"""Lab.record."""

BACK_OFF = 0.2
"""Seconds between two tries to come back."""
SMALL_BUFFER = 8192
"""Bytes that the system keeps for a client that does not read: what it does not take must wait at the server."""
CANNOT_CONNECT = (OSError, InvalidHandshake, ConnectionClosed, TimeoutError, EOFError)


@dataclass(slots=True)
class Socket:
    """One client of the feed. `numbers` are those of its region that came, each once."""

    name: str
    way: str
    address: Callable[[], str]
    """Where to connect to, asked anew each time: a server that comes back listens elsewhere."""
    region: str = "north"
    comes_back: bool = False
    """Connects again, with back-off, whenever it is closed."""
    resumes: bool = True
    """Says up to which number it has all, when it comes back and when it sees a hole."""
    slow: bool = False
    """Takes nothing from its system until it is `wake`d; the system keeps little for it."""

    since: int = 0
    """The number that its region stood at when it first came."""
    last: int = 0
    """The greatest number that came."""
    whole: int = 0
    """Up to this number all came."""
    numbers: set[int] = field(default_factory=set)
    frames: int = 0
    welcomes: list[dict[str, Any]] = field(default_factory=list)
    errors: list[dict[str, Any]] = field(default_factory=list)
    closes: list[int] = field(default_factory=list)
    """The code of each close; 1006: without a close frame."""
    refused: int = 0
    is_open: bool = False
    """Welcomed, and not closed since."""
    awake: asyncio.Event = field(default_factory=asyncio.Event)
    connection: ClientConnection | None = None

    def missing(self, upto: int) -> list[int]:
        """Which numbers it should have, up to that one, and has not."""
        return [number for number in range(self.since + 1, upto + 1) if number not in self.numbers]


class Feed:
    """The sockets of one run. A context manager; leaving it closes them all."""

    def __init__(self, record: Record | None = None, listen: Callable[[dict[str, Any]], None] | None = None) -> None:
        """record: Lab.record. listen: is handed every event frame, within the loop."""
        self.sockets: list[Socket] = []
        self._record, self._listen = record, listen
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._ending = asyncio.Event()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.do(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def do(self, work: Coroutine[Any, Any, T], within: float = 60.0) -> T:
        """Let the loop do it, and wait for what it gives."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(within)

    def add(self, socket: Socket) -> Socket:
        """Connect it, now and in the background; `await_open` waits."""
        self.sockets.append(socket)
        self.do(self._begin(socket))
        return socket

    def connect_again(self) -> None:
        """Let every socket that is closed come back, and keep coming."""
        for one in self.sockets:
            one.comes_back = True
            if self._tasks[one.name].done():
                self.do(self._begin(one))

    def wake(self, socket: Socket) -> None:
        """Let a slow one read on."""
        self._loop.call_soon_threadsafe(socket.awake.set)

    def await_open(self, within: float = 60.0) -> None:
        """Wait until each has been welcomed. Raises NotReached."""
        wait_for("every socket to be welcomed", lambda: all(one.welcomes for one in self.sockets), within, every=0.05)

    def of(self, way: str) -> list[Socket]:
        return [one for one in self.sockets if one.way == way]

    def tell(self, socket: Socket, frame: dict[str, Any]) -> None:
        """Send one frame."""
        if socket.connection:
            self.do(socket.connection.send(json.dumps(frame)))

    def close(self, socket: Socket) -> None:
        """Close it as a well-behaved client does, with code 1000."""
        socket.comes_back = False
        if socket.connection:
            self.do(socket.connection.close())

    # ---- within the loop

    async def _begin(self, socket: Socket) -> None:
        self._tasks[socket.name] = asyncio.ensure_future(self._live(socket))

    async def _end(self) -> None:
        self._ending.set()
        for one in self.sockets:
            if one.connection:
                one.connection.transport.abort()
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def _live(self, socket: Socket) -> None:
        while True:
            try:
                await self._once(socket)
            except CANNOT_CONNECT:
                socket.refused += 1
            if not socket.comes_back or self._ending.is_set():
                return
            with suppress(TimeoutError):
                await asyncio.wait_for(self._ending.wait(), BACK_OFF)

    async def _once(self, socket: Socket) -> None:
        """One connection, from handshake to close. Raises one of CANNOT_CONNECT when there is none."""
        address = socket.address()
        query: dict[str, Any] = {"region": socket.region}
        if socket.welcomes and socket.resumes:
            query["after"] = socket.whole
        parts = urlsplit(address)
        connection = await connect(
            f"{address}?{urlencode(query)}",
            sock=await self._connected(parts.hostname or "", parts.port or 80, socket.slow),
            origin=f"http://{parts.netloc}",  # type: ignore[arg-type]
            compression=None,
            ping_interval=None,
            max_queue=4,
            open_timeout=30,
        )
        socket.connection = connection
        try:
            async for text in connection:
                await self._take(socket, connection, json.loads(text))
                if socket.slow:
                    await socket.awake.wait()
        finally:
            socket.connection, socket.is_open = None, False
            if not self._ending.is_set():
                code = int(connection.close_code or 1006)
                socket.closes.append(code)
                self._tell(socket, "observe", "socket_closed", None, {"code": code})

    async def _connected(self, host: str, port: int, slow: bool) -> sockets.socket:
        connecting = sockets.socket()
        connecting.setblocking(False)
        if slow:
            connecting.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, SMALL_BUFFER)
        await self._loop.sock_connect(connecting, (host, port))
        return connecting

    async def _take(self, socket: Socket, connection: ClientConnection, frame: dict[str, Any]) -> None:
        if frame["type"] == "event":
            number, last = frame["seq"], socket.last
            socket.frames += 1
            if self._listen:
                self._listen(frame)
            socket.numbers.add(number)
            socket.last = max(last, number)
            while socket.whole + 1 in socket.numbers:
                socket.whole += 1
            self._tell(socket, "ok", "frame", frame["id"], {"region": frame["region"], "seq": number})
            if number > last + 1 and socket.resumes:
                self._tell(socket, "invoke", "resume", None, {"after": socket.whole, "before": number})
                await connection.send(json.dumps({"type": "resume", "after": socket.whole}))
        elif frame["type"] == "welcome":
            if not socket.welcomes:
                socket.since = socket.last = socket.whole = frame["last"][socket.region]
            socket.welcomes.append(frame)
            socket.is_open = True
            value = {"way": socket.way, "region": socket.region, "after": socket.whole}
            self._tell(socket, "ok", "socket_open", None, value)
        elif frame["type"] == "error":
            socket.errors.append(frame)

    def _tell(self, socket: Socket, kind: str, op: str, id: str | None, value: Any) -> None:
        if self._record:
            self._record(socket.name, kind, op, id, value)
