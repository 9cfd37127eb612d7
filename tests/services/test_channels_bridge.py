"""The bridge from Kafka to the pages on the real stack: every result once, whoever dies on the way."""

import json
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from types import TracebackType
from typing import Any

import pytest
from confluent_kafka import Producer
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.sync.client import ClientConnection, connect

from tests.conftest import Stack

REGION = "bridge"
PATIENCE = 120.0
"""Seconds; the machine may be busy."""
Put = Callable[..., None]


class Page:
    """A client that does what the page does: it comes back with the last number that it has, and drops known ids."""

    def __init__(self, port: str) -> None:
        self._address = f"127.0.0.1:{port}"
        self._open = ExitStack()
        self._socket: ClientConnection | None = None
        self._last: int | None = None
        self.events: dict[str, dict[str, Any]] = {}
        self.twice: list[str] = []

    def __enter__(self) -> "Page":
        self._connect()
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._open.close()

    def read_until(self, count: int) -> None:
        """Until so many events came. AssertionError after PATIENCE."""
        deadline = time.monotonic() + PATIENCE
        while len(self.events) < count:
            assert time.monotonic() < deadline, f"{len(self.events)} of {count} events came: {sorted(self.events)}"
            try:
                self._take(json.loads(self._socket.recv(timeout=1) if self._socket else "{}"))
            except TimeoutError:
                continue
            except (ConnectionClosed, OSError):
                self._connect()

    def _take(self, frame: dict[str, Any]) -> None:
        if frame.get("type") == "event":
            if frame["id"] in self.events:
                self.twice.append(frame["id"])
            self.events[frame["id"]] = frame
            self._last = max(self._last or 0, frame["seq"])

    def _connect(self) -> None:
        after = "" if self._last is None else f"&after={self._last}"
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                self._open.close()
                path = f"ws://{self._address}/ws/feed/?region={REGION}{after}"
                opened = connect(path, origin=f"http://{self._address}", open_timeout=20, ping_interval=None)
                self._socket = self._open.enter_context(opened)
                self._last = self._last or json.loads(self._socket.recv(timeout=20))["last"][REGION]
                return
            except (ConnectionClosed, InvalidHandshake, OSError, TimeoutError):
                assert time.monotonic() < deadline, "the live feed does not come back"


@pytest.fixture
def put(stack: Stack) -> Put:
    """put("n-1"): a result as a task of the hub writes it; put(value=b"..."): anything."""
    ports = (stack.settings.variables[f"LAB_KAFKA_{number}_PORT"] for number in (1, 2))
    producer = Producer({"bootstrap.servers": ",".join(f"127.0.0.1:{port}" for port in ports), "log_level": 0})

    def send(notification: str = "", value: bytes | None = None) -> None:
        hop = f"celery_demo.web@{time.monotonic():.6f}"
        told = {"contact": "C-1", "kind": "web", "notification": notification, "region": REGION, "trace": [hop]}
        producer.produce("freblogg", value if value is not None else json.dumps(told).encode(), key=notification)
        assert producer.flush(60) == 0

    return send


@pytest.fixture
def page(stack: Stack) -> Iterator[Page]:
    with Page(stack.settings.variables["LAB_LIVE_PORT"]) as found:
        yield found


def ids(count: int) -> list[str]:
    run = uuid.uuid4().hex[:8]
    return [f"{run}-{number}" for number in range(count)]


def test_each_result_is_on_the_page_once_and_what_is_none_stops_nobody(page: Page, put: Put) -> None:
    names = ids(6)
    for name in names[:5]:
        put(name)
    put(names[0])
    for value in (b"", b"traffic-1 0f3a", b"\xff\x00", b"[]", b'{"kind": "web", "region": "No!"}'):
        put(value=value)
    put(names[5])
    page.read_until(6)
    assert sorted(page.events) == sorted(names)
    assert page.twice == []
    way = [hop.partition("@")[0] for hop in page.events[names[0]]["trace"]]
    assert way[:2] == ["celery_demo.web", "channels_demo.bridge"]
    assert way[2].startswith("channels_demo.channels-")


@pytest.mark.parametrize("node", ["redis", "kafka-1", "channels-bridge"])
def test_whoever_dies_on_the_way_no_result_is_lost_or_comes_twice(
    page: Page, put: Put, stack: Stack, node: str
) -> None:
    names = ids(10)
    for name in names[:3]:
        put(name)
    page.read_until(3)
    assert stack.lab("break", "kill", node).returncode == 0
    try:
        for name in names[3:]:
            put(name)
    finally:
        healed = stack.lab("heal")
    assert healed.returncode == 0, healed.stderr
    page.read_until(10)
    assert sorted(page.events) == sorted(names)
    assert page.twice == []
