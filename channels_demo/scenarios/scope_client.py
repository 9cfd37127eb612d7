"""The two clients of channels-scope, and where in a scope the things that they send must be found.

visit(host, BROWSER) --> the inspector's frame after the connect, and the one after a message
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from channels_demo.scenarios.sockets import open_socket

ROOM, NUMBER = "журнал", 7
PATH = f"/ws/scope/{ROOM}/{NUMBER}/"
QUERY = "region=north&region=south&text=a%20b&empty="
PAIRS = [["region", "north"], ["region", "south"], ["text", "a b"], ["empty", ""]]


@dataclass(frozen=True)
class Client:
    """What it sends with its handshake, beside what it must."""

    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    cookies: Mapping[str, str] = field(default_factory=dict)
    subprotocols: tuple[str, ...] = ()


BROWSER = Client(
    QUERY,
    {
        "User-Agent": "Mozilla/5.0 (X11; Linux x86_64)",
        "Accept-Language": "en-GB,en;q=0.5",
        "Cache-Control": "no-cache",
        "X-Mixed-CASE": "As It Was",
    },
    {"theme": "dark", "channels_session": "0" * 32},
    ("lab.v2", "lab.v1"),
)
CLIENTS = {"browser": BROWSER, "bare": Client()}


@dataclass(frozen=True)
class Visit:
    """What the inspector told: after the connect, and after a message."""

    first: Mapping[str, Any]
    second: Mapping[str, Any]


def visit(host: str, client: Client) -> Visit:
    """Open a socket at `host:port`, send one message, take both frames. Raises SocketEnded when it is refused."""
    query = f"?{client.query}" if client.query else ""
    with open_socket(
        f"ws://{host}{quote(PATH)}{query}",
        origin=f"http://{host}",
        cookies=client.cookies,
        headers=list(client.headers.items()),
        subprotocols=client.subprotocols,
    ) as socket:
        first = socket.receive()
        socket.send("hello")
        return Visit(first, socket.receive())


def carried(client: Client, host: str, seen: Visit, *, channels: bool) -> dict[str, tuple[Any, Any]]:
    """What was sent -> what must stand in the scope, and what does. channels: whether router and middleware were there.

    The inspector hides most of a cookie's value, but says its length.
    """
    entries = {entry["key"]: entry for entry in seen.first["keys"]}
    headers = entries["headers"]["value"]
    sent = {name.lower(): value for name, value in client.headers.items()}
    cookies = {name: len(value) for name, value in client.cookies.items()} if channels else None
    found = entries.get("cookies", {}).get("value")
    return {
        "path": (PATH, entries["path"]["value"]),
        "kwargs": (
            {"room": ROOM, "number": NUMBER} if channels else None,
            entries.get("url_route", {}).get("value", {}).get("kwargs"),
        ),
        "query_string": ([QUERY, PAIRS], [entries["query_string"]["value"], entries["query_string"]["decoded"]]),
        "host": ([["host", host]], [pair for pair in headers if pair[0] == "host"]),
        "cookies": (cookies, {name: _length(value) for name, value in found.items()} if found is not None else None),
        "subprotocols": (list(client.subprotocols), entries["subprotocols"]["value"]),
        "headers": (sent, {name: value for name, value in headers if name in sent}),
    }


def _length(masked: str) -> int:
    """Of `abc... (32 characters)`."""
    return int(masked.partition("(")[2].partition(" ")[0] or 0)
