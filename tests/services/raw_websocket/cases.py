"""Frames and handshakes that a library would never send, and how each server ends them: recorded, so a change is seen.

Daphne 4.2 speaks through autobahn, which drops a connection that breaks the rules, without a close frame, and answers
every good close with 1000. uvicorn 0.54 speaks through the library websockets (`--ws websockets-sansio`): it names the
error, 1002, 1007 or 1009, and gives back the code that it got. Both take at most 1 MiB (uvicorn's own limit is 16), and
both stay up in every case: that is the part that must never change.

The rules are those of RFC 6455: sections 4.2 (handshake), 5 (frames), 7.4 (close codes), 8.1 (UTF-8).
"""

from collections.abc import Callable
from dataclasses import dataclass

from tests.services.raw_websocket.wire import (
    CLOSE,
    CONTINUATION,
    PING,
    PONG,
    TEXT,
    close,
    frame,
    handshake,
)

GOOD = b'{"type": "ping"}'
"""A message that the live feed answers."""
MIB = 2**20
CYRILLIC = "Ж".encode()
VALID_CLOSE_CODES = (1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999)
REGISTERED_SINCE = (1012, 1013)
"""In IANA's registry, and not in the RFC."""
INVALID_CLOSE_CODES = (0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535)


@dataclass(frozen=True)
class Case:
    """What is sent after a good handshake, and how it ends; the words are those of `Wire.alive` and `Wire.end`."""

    name: str
    sends: bytes
    daphne: str
    uvicorn: str


def _same(name: str, sends: bytes, outcome: str) -> Case:
    return Case(name, sends, outcome, outcome)


def _wrong(name: str, sends: bytes, code: int = 1002) -> Case:
    return Case(name, sends, "dropped", f"close {code}")


def _text(*parts: bytes) -> bytes:
    """One text message in so many fragments."""
    first, *rest = parts
    if not rest:
        return frame(TEXT, first)
    middle = b"".join(frame(CONTINUATION, part, final=False) for part in rest[:-1])
    return frame(TEXT, first, final=False) + middle + frame(CONTINUATION, rest[-1])


WELL_FORMED = (
    _same("a text", _text(GOOD), "text, alive"),
    _same("a text in two fragments", _text(GOOD[:4], GOOD[4:]), "text, alive"),
    _same("a text in a thousand fragments, most of them empty", _text(b"", *[b""] * 1000, GOOD), "text, alive"),
    _same("a character cut by a fragment", _text(b'"' + CYRILLIC[:1], CYRILLIC[1:] + b'"'), "text, alive"),
    _same(
        "a ping between two fragments",
        frame(TEXT, GOOD[:4], final=False) + frame(PING, b"abc") + frame(CONTINUATION, GOOD[4:]),
        "pong 3, text, alive",
    ),
    _same("an empty ping", frame(PING), "pong 0, alive"),
    _same("a ping of 125 bytes", frame(PING, b"x" * 125), "pong 125, alive"),
    _same("a pong that nobody asked for", frame(PONG, b"x"), "alive"),
    Case("a close without a code", frame(CLOSE), "close 1000", "close"),
    _same("a close with a reason of 123 bytes", close(1000, b"x" * 123), "close 1000"),
    _same("a text after the close", close(1000) + _text(GOOD), "close 1000"),
    _same("two closes", close(1000) + close(1001), "close 1000"),
)

AGAINST_THE_RULES = (
    _wrong("a ping of 126 bytes", frame(PING, b"x" * 126)),
    _wrong("the bit RSV1", frame(TEXT, GOOD, reserved=4)),
    _wrong("the bit RSV2", frame(TEXT, GOOD, reserved=2)),
    _wrong("the bit RSV3", frame(TEXT, GOOD, reserved=1)),
    *(_wrong(f"the reserved opcode {opcode:#x}", frame(opcode, b"x")) for opcode in (0x3, 0x7, 0xB, 0xF)),
    _wrong("a frame without a mask", frame(TEXT, GOOD, masked=False)),
    _wrong("a ping in fragments", frame(PING, b"x", final=False)),
    _wrong("a close in fragments", frame(CLOSE, final=False)),
    _wrong("a continuation of nothing", frame(CONTINUATION, GOOD)),
    _wrong("a text within a text", frame(TEXT, GOOD[:4], final=False) + frame(TEXT, GOOD)),
    _wrong("bytes that are not UTF-8", frame(TEXT, b"\xff\xfe"), 1007),
    _wrong("a surrogate alone", frame(TEXT, b"\xed\xa0\x80"), 1007),
    _wrong("half a character at the end", frame(TEXT, CYRILLIC[:1]), 1007),
    _wrong("half a character before a fragment", _text(CYRILLIC[:1], b"a"), 1007),
    _wrong("a close of one byte", frame(CLOSE, b"\x03")),
    _wrong("a close with a reason that is not UTF-8", close(1000, b"\xff"), 1007),
    _wrong("a close with a reason of 124 bytes", close(1000, b"x" * 124)),
    Case("a short length in eight bytes", frame(TEXT, GOOD, wide=True), "dropped", "text, alive"),
    _wrong("HTTP after the handshake", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
    _wrong("TLS after the handshake", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 300),
    _wrong("a hundred zeros", b"\0" * 100),
    _wrong("a hundred times 0xff", b"\xff" * 100),
    Case("a frame cut off, and another one", frame(TEXT, GOOD)[:-3] + frame(PING, b"x"), "dropped", "close 1002"),
)

TOO_LARGE = (
    _wrong("a length of 1 TiB", frame(TEXT, b"x", says_length=2**40), 1009),
    _wrong("a length with its highest bit set", frame(TEXT, b"x", says_length=2**63), 1009),
    _wrong("a length of 17 MiB", frame(TEXT, b"x" * 1000, says_length=17 * MIB), 1009),
    _wrong("a length of 1 MiB and a byte", frame(TEXT, b"x" * 1000, says_length=MIB + 1), 1009),
    _wrong(
        "1 MiB, and more in another fragment",
        frame(TEXT, b"x" * MIB, final=False) + frame(CONTINUATION, b"x", says_length=MIB),
        1009,
    ),
    _same("1 MiB", frame(TEXT, b"x" * MIB), "text, alive"),
)
"""1 MiB passes both servers; there the application refuses it, with an error frame. What is too large is announced, not
sent: whoever ends a connection with much unread makes the system throw away its last words."""

CLOSE_CODES = (
    *(Case(f"close {code}", close(code), "close 1000", f"close {code}") for code in VALID_CLOSE_CODES),
    *(Case(f"close {code}", close(code), "close 1000", f"close {code}") for code in REGISTERED_SINCE),
    Case("close 1014", close(1014), "dropped", "close 1014"),
    *(_wrong(f"close {code}", close(code)) for code in INVALID_CLOSE_CODES),
)
"""1014 (bad gateway) is in the registry too; autobahn does not know it."""

CASES = (*WELL_FORMED, *AGAINST_THE_RULES, *TOO_LARGE, *CLOSE_CODES)


@dataclass(frozen=True)
class Handshake:
    """What is sent on a new connection, given path and host, and the HTTP status that answers it: "101" opens a socket,
    "dropped" is an end without an answer, "waits" none at all."""

    name: str
    sends: Callable[[str, str], bytes]
    daphne: str
    uvicorn: str


def _changed(old: bytes, new: bytes) -> Callable[[str, str], bytes]:
    return lambda path, host: handshake(path, host).replace(old, new)


def _with(*lines: str, body: bytes = b"") -> Callable[[str, str], bytes]:
    return lambda path, host: handshake(path, host, *lines) + body


def _with_key(key: str) -> Callable[[str, str], bytes]:
    return lambda path, host: handshake(path, host, key=key)


HANDSHAKES = (
    Handshake("a good one", handshake, "101", "101"),
    Handshake("no key", _changed(b"Sec-WebSocket-Key", b"X-Key"), "400", "400"),
    Handshake("a short key", _with_key("c2hvcnQ="), "400", "400"),
    Handshake("a key that is no base64", _with_key("!" * 24), "400", "400"),
    Handshake("two keys", _with("Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=="), "400", "400"),
    Handshake("version 12", _changed(b"Version: 13", b"Version: 12"), "400", "400"),
    Handshake("version 8, a draft's", _changed(b"Version: 13", b"Version: 8"), "101", "400"),
    Handshake("no version", _changed(b"Sec-WebSocket-Version", b"X-Version"), "400", "400"),
    Handshake("no host", _changed(b"Host: ", b"X-Host: "), "400", "400"),
    Handshake("two hosts", _with("Host: evil.test"), "400", "400"),
    Handshake("POST", _changed(b"GET", b"POST"), "405", "405"),
    Handshake("no upgrade", _changed(b"Upgrade: websocket\r\n", b""), "404", "404"),
    Handshake("no connection line", _changed(b"Connection: Upgrade\r\n", b""), "400", "404"),
    Handshake("a zero byte in a header", _with("X-Zero: a\0b"), "400", "400"),
    Handshake("a header without a colon", _with("no colon"), "400", "400"),
    # More than either takes, and less than h11 does: that one would count how much came at once.
    Handshake("a header of 32 KiB", _with("X-Long: " + "x" * 2**15), "dropped", "waits"),
    Handshake("600 headers", _with(*(f"X-{number}: x" for number in range(600))), "400", "waits"),
    Handshake("a body", _with("Content-Length: 5", body=b"hello"), "dropped", "waits"),
    Handshake("bytes that are no HTTP", lambda path, host: b"\0\1\2\3\r\n\r\n", "400", "400"),
    Handshake("half of one", lambda path, host: handshake(path, host)[:60], "waits", "waits"),
)
"""Half a handshake would wait for ever on a Daphne without --http-timeout, and does on uvicorn; so does one that
uvicorn's websockets-sansio refuses while parsing: it logs its answer, 431 or 400, and never sends it."""

CASES_OF = {
    "channels-1": {case.name: (case.sends, case.daphne) for case in CASES},
    "channels-uvicorn": {case.name: (case.sends, case.uvicorn) for case in CASES},
}
"""Service of the stack -> name of the case -> what is sent, how it ends."""
HANDSHAKES_OF = {
    "channels-1": {one.name: (one.sends, one.daphne) for one in HANDSHAKES},
    "channels-uvicorn": {one.name: (one.sends, one.uvicorn) for one in HANDSHAKES},
}
