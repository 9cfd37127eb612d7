"""A client that does not read, on a real Daphne and a real uvicorn: it is cut off, and nobody else notices."""

import base64
import json
import os
import socket
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from websockets.sync.client import connect

from lab.waiting import wait_for
from tests.conftest import ROOT, Stack

COMMANDS = {
    "daphne": "daphne -b 127.0.0.1 -p PORT",
    "uvicorn": "uvicorn --lifespan off --ws websockets-sansio --host 127.0.0.1 --port PORT",
}
FLOODER = """
import asyncio, sys, django
from channels_demo import settings
settings.point_django_here()
django.setup()
from channels_demo import backlog, groups
async def run():
    for number in range(int(sys.argv[1])):
        event, _ = await backlog.append("slow", sys.argv[2] + str(number), "x" * 60_000, [])
        await groups.send_event(event)
asyncio.run(run())
"""
EVENTS = 150
"""Nine megabytes: more than the kernel holds for a socket that nobody reads."""


@pytest.fixture(params=COMMANDS)
def server(request: pytest.FixtureRequest, stack: Stack, tmp_path: Path) -> Iterator[tuple[int, psutil.Process]]:
    """A server of its own, with patience for one second: its port and its process."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    command = [str(port) if word == "PORT" else word for word in COMMANDS[request.param].split()]
    environment = _environment()
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", *command, "channels_demo.asgi:application"],
            cwd=ROOT, env=environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL,
        )  # fmt: skip
    try:
        wait_for("the server to listen", lambda: _answers(port), within=90)
        yield port, psutil.Process(process.pid)
    finally:
        process.kill()
        process.wait()


def _environment() -> dict[str, str]:
    return dict(os.environ) | {
        "CHANNELS_DEMO_OPTIONS": json.dumps({"send_within": 1, "prefix": "bounded", "layer": "pubsub"})
    }


def _answers(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5):
        return True
    return False


def test_a_client_that_does_not_read_is_cut_off_and_costs_little(server: tuple[int, psutil.Process]) -> None:
    port, process = server
    path, origin = f"ws://127.0.0.1:{port}/ws/feed/?region=slow", f"http://127.0.0.1:{port}"
    with _deaf(port), connect(path, origin=origin, open_timeout=30, ping_interval=None) as hearing:
        hearing.recv(timeout=30)
        before = process.memory_info().rss
        flooder = [sys.executable, "-c", FLOODER, str(EVENTS), uuid.uuid4().hex]
        with subprocess.Popen(flooder, cwd=ROOT, env=_environment()) as flood:
            got = [json.loads(hearing.recv(timeout=60))["socket_seq"] for _ in range(EVENTS)]
        assert flood.returncode == 0
        assert got == list(range(1, EVENTS + 1))
        wait_for("the deaf client to be cut off", lambda: _sockets(process, port) == 1, within=60)
        assert process.memory_info().rss - before < 30e6


def _deaf(port: int) -> socket.socket:
    """Shakes hands, and never reads again."""
    deaf = socket.socket()
    deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    deaf.connect(("127.0.0.1", port))
    key = base64.b64encode(os.urandom(16)).decode()
    lines = ["GET /ws/feed/?region=slow HTTP/1.1", f"Host: 127.0.0.1:{port}", f"Origin: http://127.0.0.1:{port}"]
    lines += ["Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13", f"Sec-WebSocket-Key: {key}"]
    deaf.sendall("\r\n".join([*lines, "", ""]).encode())
    assert b"101" in deaf.recv(12)
    return deaf


def _sockets(process: psutil.Process, port: int) -> int:
    return sum(1 for one in process.net_connections() if one.raddr and one.laddr.port == port)
