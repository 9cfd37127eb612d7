"""The console as a real server: its port, its end, its streams, and the one that is left in the background."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import psutil
import pytest

from lab.cluster.target import StackUnavailable
from lab.console import detached, server
from lab.settings import Settings
from lab.waiting import wait_for
from tests.conftest import ROOT
from tests.lab.console_client import make_desk

WITHIN = 120.0


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Those of a stack of the test's own, its console's port a free one."""
    found = make_desk(tmp_path).settings
    found.state.mkdir()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    return replace(found, variables={**found.variables, "LAB_DESK_PORT": str(port)})


@contextmanager
def console(settings: Settings, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`lab console`, and its address once it serves."""
    command = [sys.executable, "-m", "lab", "console", *arguments]
    with subprocess.Popen(
        command, cwd=ROOT, env=settings.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as child:
        try:
            assert child.stdout
            yield child, child.stdout.readline().strip()
        finally:
            child.kill()


def history(settings: Settings) -> Path:
    """A run that goes on, as far as the console can see: its history was just written."""
    folder = settings.runs / "20260101-000000-some-scenario-main"
    folder.mkdir()
    (folder / "history.jsonl").write_text('{"t": 0}\n')
    return folder


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM], ids=lambda how: how.name)
def test_ctrl_c_ends_it_at_once_although_pages_listen(settings: Settings, how: signal.Signals) -> None:
    folder = history(settings)
    with console(settings) as (child, address), httpx.Client(timeout=WITHIN) as client:
        assert address == f"http://127.0.0.1:{settings.desk_port}/"
        with client.stream("GET", f"{address}api/runs/{folder.name}/events") as stream:
            lines = stream.iter_lines()
            assert next(lines).startswith("id: ")
            os.utime(folder / "history.jsonl", (2**31, 2**31))  # its writer lives, whatever time it is
            child.send_signal(how)
            assert child.wait(WITHIN) == 0
        assert child.stderr
        assert child.stderr.read() == "Ctrl-C ends the console.\n"


def test_a_client_that_hangs_up_ends_its_reader(settings: Settings) -> None:
    folder = history(settings)
    os.utime(folder / "history.jsonl", (2**31, 2**31))
    with console(settings) as (child, address), httpx.Client(timeout=WITHIN) as client:
        with client.stream("GET", f"{address}api/runs/{folder.name}/events") as stream:
            lines = stream.iter_lines()
            assert next(lines)
            assert open_connections(child)
        wait_for("the server to let go of the client", lambda: not open_connections(child), within=WITHIN)
        assert client.get(f"{address}api/jobs").json() == {"current": None}


def open_connections(child: subprocess.Popen[str]) -> list[object]:
    """Those that somebody is at the other end of."""
    return [one for one in psutil.Process(child.pid).net_connections("tcp") if one.status == "ESTABLISHED"]


def test_a_port_that_is_taken_is_told_with_its_holder(settings: Settings) -> None:
    with server.take("127.0.0.1", settings.desk_port) as mine:
        mine.listen()
        with pytest.raises(StackUnavailable, match=rf"{settings.desk_port} is taken by .*\(pid {os.getpid()}\)"):
            server.take("127.0.0.1", settings.desk_port)


def test_an_address_that_is_not_this_machines_is_told() -> None:
    with pytest.raises(StackUnavailable, match="Cannot listen on"):
        server.take("192.0.2.1", 8479)


@pytest.mark.parametrize(
    ("listen", "address"),
    [("127.0.0.1", "http://127.0.0.1:1/"), ("0.0.0.0", "http://127.0.0.1:1/"), ("::1", "http://[::1]:1/")],
)
def test_the_address_is_one_that_a_browser_opens(listen: str, address: str) -> None:
    assert server.address_of(listen, 1) == address


def test_a_console_is_left_in_the_background_once_and_ended(settings: Settings) -> None:
    told: list[str] = []
    try:
        address = detached.start(settings, told.append)
        assert httpx.get(f"{address}api/jobs", timeout=WITHIN).json() == {"current": None}
        pid = pid_of_the_one_left(settings)
        assert os.getsid(pid) == pid  # no terminal's Ctrl-C reaches it
        assert detached.start(settings, told.append) == address == detached.serving(settings)
        assert pid_of_the_one_left(settings) == pid
        with console(settings) as (child, again):
            assert (again, child.wait(WITHIN)) == (address, 0)
    finally:
        assert detached.end(settings)
    assert detached.serving(settings) == ""
    assert not detached.end(settings)
    server.take("127.0.0.1", settings.desk_port).close()


def pid_of_the_one_left(settings: Settings) -> int:
    process, _note = detached._process(settings)
    assert process
    return process.pid


def test_a_taken_port_leaves_no_console_and_says_so(settings: Settings) -> None:
    told: list[str] = []
    with server.take("127.0.0.1", settings.desk_port) as mine:
        mine.listen()
        assert detached.start(settings, told.append) == ""
    assert any(f"Port {settings.desk_port} is taken" in sentence for sentence in told)
    assert not detached.end(settings)


def test_a_note_about_a_process_that_is_another_now_ends_nobody(settings: Settings) -> None:
    note = detached.Note(os.getpid(), 1.0, "http://127.0.0.1:1/")
    (settings.state / "console.json").write_bytes(detached.msgspec.json.encode(note))
    assert detached.serving(settings) == ""
    assert not detached.end(settings)


def test_the_service_needs_neither_checkout_nor_state(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    for name in ("lab", "kafka_demo", "rabbitmq_demo", "celery_demo", "rest_demo", "channels_demo"):
        (tmp_path / "app" / name).symlink_to(ROOT / name)
    settings.state.rmdir()
    command = [sys.executable, "-m", "lab.console.service", "--listen", f"127.0.0.1:{settings.desk_port}"]
    with subprocess.Popen(
        command, cwd=tmp_path / "app", env=settings.environment, stdout=subprocess.PIPE, text=True
    ) as child:
        try:
            assert child.stdout
            assert child.stdout.readline().endswith(f"http://127.0.0.1:{settings.desk_port}/\n")
            address = f"http://127.0.0.1:{settings.desk_port}"
            assert httpx.get(f"{address}/notes", headers={"Host": "console"}, timeout=WITHIN).status_code == 200
            assert httpx.get(f"{address}/notes", headers={"Host": "other"}, timeout=WITHIN).status_code == 403
            assert httpx.get(f"{address}/scenarios", timeout=WITHIN).status_code == 200
        finally:
            child.terminate()
            assert child.wait(WITHIN) == 0
