"""One connection, byte by byte: it sends what no library would, and says how the server ended it.

A test opens a Wire for each case of cases.py. A server's frames are not masked, so the few rules of RFC 6455 that are
needed to read them stand in `_frame`.
"""

import base64
import os
import socket
import struct
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Self

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA
WITHIN = 20.0
"""Seconds in which a busy machine answers."""
LAST_PING = b"still there?"
ENDS = ("alive", "close", "dropped", "waits")


def frame(
    opcode: int,
    payload: bytes = b"",
    *,
    final: bool = True,
    reserved: int = 0,
    masked: bool = True,
    says_length: int | None = None,
    wide: bool = False,
) -> bytes:
    """One frame. reserved: the three bits RSV1 to RSV3 as a number, RSV1 is 4. says_length: in the header, whatever the
    payload is. wide: say a small length in eight bytes."""
    length = len(payload) if says_length is None else says_length
    first = (0x80 if final else 0) | reserved << 4 | opcode
    mask_bit = 0x80 if masked else 0
    if wide or length > 0xFFFF:
        head = struct.pack("!BBQ", first, mask_bit | 127, length)
    elif length > 125:
        head = struct.pack("!BBH", first, mask_bit | 126, length)
    else:
        head = struct.pack("!BB", first, mask_bit | length)
    if not masked:
        return head + payload
    key = b"\x37\xfa\x21\x3d"
    stream = (key * (len(payload) // 4 + 1))[: len(payload)]
    mixed = int.from_bytes(payload, "big") ^ int.from_bytes(stream, "big")
    return head + key + mixed.to_bytes(len(payload), "big")


def close(code: int, reason: bytes = b"") -> bytes:
    """A close frame with this code, allowed or not."""
    return frame(CLOSE, struct.pack("!H", code) + reason)


def handshake(path: str, host: str, *lines: str, key: str | None = None) -> bytes:
    """A good handshake, and these header lines after it."""
    key = base64.b64encode(os.urandom(16)).decode() if key is None else key
    head = [f"GET {path} HTTP/1.1", f"Host: {host}", "Upgrade: websocket", "Connection: Upgrade"]
    return "\r\n".join([*head, f"Sec-WebSocket-Key: {key}", "Sec-WebSocket-Version: 13", *lines, "", ""]).encode()


class Wire:
    """A TCP connection to a server. A context manager; leaving it ends the connection without a word."""

    def __init__(self, address: tuple[str, int], within: float = WITHIN) -> None:
        self._socket = socket.create_connection(address, timeout=within)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._read = b""
        self.within = within

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._socket.close()

    def send(self, data: bytes) -> None:
        """Send it all, or as much as the other side takes before it ends the connection: what it said is read later."""
        self._socket.settimeout(self.within)
        with suppress(ConnectionError, TimeoutError):
            self._socket.sendall(data)

    def status(self) -> str:
        """The answer to a handshake: "101", "403", ..., "ended" without an answer, "waits" when none comes."""
        while b"\r\n\r\n" not in self._read:
            if ended := self._more():
                return ended
        head, _, self._read = self._read.partition(b"\r\n\r\n")
        return head.split(b" ", 2)[1].decode("ascii", "replace")

    def alive(self, *, text_comes: bool) -> str:
        """Ask for a sign of life, and say what came before it: "text", "binary" or "pong LENGTH", with commas between,
        and last "alive"; or how it ended instead, see `end`.

        text_comes: ask only after a text has come, for what is answered by the application takes longer than a ping.
        """
        if not text_comes:
            self.send(frame(PING, LAST_PING))
        return ", ".join(self._seen(lambda one: text_comes and one == "text"))

    def end(self) -> str:
        """What came until the server closed the connection ("close 1002", or "close" without a code) or ended it
        ("dropped"). "waits": nothing came in time."""
        return ", ".join(self._seen(lambda one: False))

    def _seen(self, then_ping: Callable[[str], bool]) -> list[str]:
        seen: list[str] = []
        while not (seen and seen[-1].startswith(ENDS)):
            got = self._frame()
            said = got if isinstance(got, str) else _said(*got)
            if then_ping(said):
                self.send(frame(PING, LAST_PING))
            seen += [said] if said != "ping" else []
        return seen

    def text(self) -> str:
        """The next text, or how the connection ended before there was one."""
        while not isinstance(got := self._frame(), str):
            if got[0] == TEXT:
                return got[1].decode()
            if got[0] == CLOSE:
                return _said(*got)
        return got

    def _frame(self) -> tuple[int, bytes] | str:
        """The next frame, or how the connection ended."""
        if ended := self._need(2):
            return ended
        opcode, length, begins = self._read[0] & 0x0F, self._read[1] & 0x7F, 2
        if length > 125:
            begins = 4 if length == 126 else 10
            if ended := self._need(begins):
                return ended
            length = int.from_bytes(self._read[2:begins], "big")
        if ended := self._need(begins + length):
            return ended
        payload, self._read = self._read[begins : begins + length], self._read[begins + length :]
        return opcode, payload

    def _need(self, length: int) -> str:
        while len(self._read) < length:
            if ended := self._more():
                return ended
        return ""

    def _more(self) -> str:
        """Read more; say how it ended when there is no more."""
        self._socket.settimeout(self.within)
        try:
            data = self._socket.recv(65536)
        except TimeoutError:
            return "waits"
        except ConnectionError:
            return "dropped"
        self._read += data
        return "" if data else "dropped"


def _said(opcode: int, payload: bytes) -> str:
    if opcode == CLOSE:
        return f"close {int.from_bytes(payload[:2], 'big')}" if payload else "close"
    if opcode == PONG:
        return "alive" if payload == LAST_PING else f"pong {len(payload)}"
    return {TEXT: "text", BINARY: "binary", PING: "ping"}.get(opcode, f"opcode {opcode:#x}")
