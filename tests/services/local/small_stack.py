"""A small stack that the tests of the local target start and break, and an own look at what is left of it.

A web server, a set-up that ends, and `slow`, which becomes healthy when a test says so: what these tests are about is
the same for any program, and these start in a second.
"""

import socket
import subprocess
import sys
from pathlib import Path

import psutil

from lab.cluster.local import LocalTarget
from lab.settings import Settings

ROOT = Path(__file__).resolve().parents[3]
BLOCKS = ("92", "94", "95", "96")
SMALL = """
name: small
x-app: &app {image: example/app:1, build: .}
x-probe: &probe {interval: 5s, timeout: 5s}
services:
  web:
    <<: *app
    command: python -m http.server 8000 --bind web
    environment: {GREETING: "${GREETING:-hello}"}
    ports: ["127.0.0.1:${LAB_WEB_PORT:-18091}:8000"]
    healthcheck: {<<: *probe, test: [CMD, bash, -c, "exec 3<>/dev/tcp/web/8000"]}
  set-up:
    <<: *app
    command: [python, -c, "open('ran', 'a').write('x')"]
    depends_on: {web: {condition: service_healthy}}
  slow:
    <<: *app
    restart: unless-stopped
    command: [sh, -c, "echo slow is up; sleep 1000 & exec sleep 1000"]
    depends_on: {set-up: {condition: service_completed_successfully}}
    healthcheck: {<<: *probe, test: [CMD, test, -e, go]}
"""
# A shell starts background jobs with Ctrl-C ignored, and every child inherits that.
UP = "import signal, sys; from lab import settings; from lab.cluster.local import LocalTarget; \
signal.signal(signal.SIGINT, signal.default_int_handler); \
target = LocalTarget(settings.read(__import__('pathlib').Path(sys.argv[1]))); \
target.up([], print) if sys.argv[2] == 'up' else target.down(print, volumes=False)"

told: list[str] = []


def what_is_left(settings: Settings) -> list[str]:
    """Processes, ports, files of a stack: an own look, not that of the code under test."""
    left = [str(path) for path in settings.state.parent.glob(f"{settings.state.name}*")]
    for process in psutil.process_iter():
        try:
            variables, folder = process.environ(), process.cwd()
        except psutil.Error:
            continue
        if variables.get("LAB_STACK") == settings.stack_id or folder.startswith(str(settings.state)):
            left.append(f"{process.pid} {process.name()}")
    return left + [f"port {port}" for port in listening(str(settings.block))]


def listening(block: str) -> list[int]:
    """The ports that somebody listens on at the addresses of a block."""
    found = [one.laddr for one in psutil.net_connections("tcp") if one.status == psutil.CONN_LISTEN]
    return [address.port for address in found if address.ip.startswith(f"127.77.{block}.")]


def let_slow_be_healthy(settings: Settings) -> None:
    folder = settings.state / "slow"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "go").touch()


def up_and_whole(settings: Settings, preset: str | None = None) -> LocalTarget:
    let_slow_be_healthy(settings)
    target = LocalTarget(settings, preset)
    target.up([], told.append)
    assert {status.name: (status.state, status.health) for status in target.status()} == {
        "web": ("running", "healthy"),
        "set-up": ("exited", "completed"),
        "slow": ("running", "healthy"),
    }
    return target


def answers(settings: Settings, name: str = "web") -> bool:
    """A request through the published port comes back."""
    host, port = LocalTarget(settings).urls()[name].split(":")
    with socket.create_connection((host, int(port)), timeout=3) as connection:
        connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
        return connection.recv(12).endswith(b" 200")


def in_a_process_of_its_own(settings: Settings, verb: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        # -u: each line is read as it is printed, whatever PYTHONUNBUFFERED says where the tests run.
        [sys.executable, "-u", "-c", UP, str(settings.root), verb],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
