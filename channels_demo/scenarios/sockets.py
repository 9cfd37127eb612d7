"""The scenarios' own WebSocket client: what a browser sends and what it never would, and every way in which it ends.

    open_socket("ws://127.0.0.1:8472/ws/scope/", origin=..., cookies=...) --> Socket: a status, then frames, then a code

A refused handshake is no error here: it is an outcome like any other. Many sockets at once are feed.py's business.
"""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from types import TracebackType
from typing import Any, Self

from websockets.exceptions import ConnectionClosed, InvalidMessage, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

OPEN = 101
"""The status of a handshake that was taken."""
NO_ANSWER = 0
"""The status of one whose connection was ended before there was an answer."""
WITHIN = 30.0
"""Seconds in which a busy machine answers."""
BROKEN_OFF = 1006
"""The code of an end without a close frame; no frame ever carries it."""


class SocketEnded(Exception):
    """The other side has closed: `code` says why."""

    def __init__(self, code: int) -> None:
        super().__init__(f"the socket was closed with {code}")
        self.code = code


class Socket:
    """One WebSocket, open or refused. A context manager; leaving it closes it.

    status: of the handshake's answer, 101 or another. frames: what came so far, from JSON.
    """

    def __init__(self, status: int, connecting: AbstractContextManager[ClientConnection] | None) -> None:
        self.status = status
        self.frames: list[Any] = []
        self._entered = ExitStack()
        self._connection = self._entered.enter_context(connecting) if connecting else None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def subprotocol(self) -> str | None:
        """Which one the server chose."""
        return self._connection.subprotocol if self._connection else None

    @property
    def connection(self) -> ClientConnection:
        """Raises SocketEnded when the handshake was refused."""
        if self._connection is None:
            raise SocketEnded(BROKEN_OFF)
        return self._connection

    def send(self, message: Any) -> None:
        """Send it as JSON; a text goes as it is. Raises SocketEnded."""
        try:
            self.connection.send(message if isinstance(message, str | bytes) else json.dumps(message))
        except ConnectionClosed as error:
            raise SocketEnded(_code(error)) from error

    def receive(self, within: float = WITHIN) -> Any:
        """The next frame. Raises SocketEnded, and TimeoutError when none comes."""
        try:
            frame = json.loads(self.connection.recv(timeout=within))
        except ConnectionClosed as error:
            raise SocketEnded(_code(error)) from error
        self.frames.append(frame)
        return frame

    def receive_until(self, wanted: Callable[[Any], bool], within: float = WITHIN) -> Any:
        """The next frame that is wanted; those before it stand in `frames`. Raises as `receive`."""
        deadline = time.monotonic() + within
        while not wanted(frame := self.receive(max(0.0, deadline - time.monotonic()))):
            pass
        return frame

    def ping(self, within: float = WITHIN) -> float:
        """Seconds until the server answered a ping frame. Raises SocketEnded and TimeoutError."""
        began = time.monotonic()
        try:
            answered = self.connection.ping()
        except ConnectionClosed as error:
            raise SocketEnded(_code(error)) from error
        if not answered.wait(within):
            raise TimeoutError(f"no answer to a ping within {within:g} s")
        return time.monotonic() - began

    def outcome(self, within: float = WITHIN) -> str:
        """How asking for a socket ended: "http 403", "close 4401", "in" once a frame has come, or
        "no answer" when the connection was ended before one to the handshake."""
        if self.status == NO_ANSWER:
            return "no answer"
        if self.status != OPEN:
            return f"http {self.status}"
        try:
            self.receive(within)
        except SocketEnded as end:
            return f"close {end.code}"
        return "in"

    def await_end(self, within: float = WITHIN) -> int:
        """Read on until the server closes, and return the code. Raises TimeoutError when it does not."""
        try:
            self.receive_until(lambda frame: False, within)
        except SocketEnded as end:
            return end.code
        raise AssertionError("nothing is wanted, so nothing was found")

    def close(self) -> None:
        self._entered.close()


def open_socket(
    url: str,
    *,
    origin: str | None = None,
    cookies: Mapping[str, str] | None = None,
    headers: Sequence[tuple[str, str]] = (),
    subprotocols: Sequence[str] = (),
) -> Socket:
    """Ask for a socket at ws://host:port/path. origin: None sends none, which no browser does.

    Raises OSError when nobody answers.
    """
    more = list(headers)
    if cookies:
        more.append(("Cookie", "; ".join(f"{name}={value}" for name, value in cookies.items())))
    agent = next((value for name, value in headers if name.lower() == "user-agent"), None)
    try:
        connecting = connect(
            url,
            origin=Origin(origin) if origin is not None else None,
            additional_headers=[pair for pair in more if pair[0].lower() != "user-agent"],
            user_agent_header=agent,
            subprotocols=[Subprotocol(name) for name in subprotocols] or None,
            compression=None,
            proxy=None,
            ping_interval=None,
            open_timeout=WITHIN,
            close_timeout=5,
        )
    except InvalidStatus as error:
        return Socket(error.response.status_code, None)
    except InvalidMessage:
        return Socket(NO_ANSWER, None)
    return Socket(OPEN, connecting)


def own_origin(url: str) -> str:
    """The origin of a page that the server at this address gives out itself."""
    scheme, _, rest = url.partition("://")
    http = {"ws": "http", "wss": "https"}[scheme]
    return f"{http}://{rest.partition('/')[0]}"


def _code(error: ConnectionClosed) -> int:
    return error.rcvd.code if error.rcvd else BROKEN_OFF
