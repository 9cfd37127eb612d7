"""The console that `lab demo` leaves behind, serving: started once, found again, and ended by `lab down`.

It is no service of the stack, since it drives the stack; so a note in the state folder says which process it is.
"""

import contextlib
import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
import psutil

from lab.cluster.target import Tell
from lab.console.children import spawn
from lab.console.ends import last_sentence
from lab.settings import Settings
from lab.waiting import NotReached, wait_for
from lab.words import _

SERVES_WITHIN = 120.0
ENDS_WITHIN = 15.0
_left: list[subprocess.Popen[bytes]] = []
"""Children of this process that are to outlive it."""


class Note(msgspec.Struct, frozen=True):
    """The process: its pid, and when it began, which no later process of the same pid shares."""

    pid: int
    began: float
    address: str


def start(settings: Settings, tell: Tell) -> str:
    """The address of a console that serves: the one that is there, or a new one; empty, and told why, when none can."""
    if found := serving(settings):
        return found
    address = f"http://127.0.0.1:{settings.desk_port}/"
    log = settings.state / "console.log"
    with log.open("wb") as out:
        child = spawn(settings, [sys.executable, "-m", "lab", "console", "--port", str(settings.desk_port)], out, out)
    _left.append(child)
    note = Note(child.pid, psutil.Process(child.pid).create_time(), address)
    _file(settings).write_bytes(msgspec.json.encode(note))
    try:
        wait_for(
            _("the console to serve"),
            lambda: child.poll() is not None or _is_ours(child.pid, address),
            SERVES_WITHIN,
            tell=tell,
        )
    except NotReached as error:
        tell(f"{error}.")
    if child.poll() is None and _is_ours(child.pid, address):
        return address
    tell(last_sentence(log.read_text(errors="replace")))
    end(settings)
    return ""


def serving(settings: Settings) -> str:
    """The address of the console that was left behind for this stack, if it serves; else nothing."""
    process, note = _process(settings)
    return note.address if process and note and _is_ours(process.pid, note.address) else ""


def end(settings: Settings) -> bool:
    """End it, and say whether there was one. A run that was started from its page is not ended."""
    process, _note = _process(settings)
    if process:
        with contextlib.suppress(psutil.Error):
            process.terminate()
            try:
                process.wait(ENDS_WITHIN)
            except psutil.TimeoutExpired:
                process.kill()
    _file(settings).unlink(missing_ok=True)
    return process is not None


def _process(settings: Settings) -> tuple[psutil.Process | None, Note | None]:
    try:
        note = msgspec.json.decode(_file(settings).read_bytes(), type=Note)
        process = psutil.Process(note.pid)
        same = process.create_time() == note.began and process.status() != psutil.STATUS_ZOMBIE
        return (process if same else None), note
    except (OSError, msgspec.MsgspecError, psutil.Error):
        return None, None


def _is_ours(pid: int, address: str) -> bool:
    """Whether this very process listens there; somebody else's server at the port would answer too."""
    port = urlsplit(address).port
    try:
        listening = {one.laddr.port for one in psutil.Process(pid).net_connections("tcp") if one.status == "LISTEN"}
    except psutil.Error:
        return False
    if port not in listening:
        return False
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2):
            return True
    except OSError:
        return False


def _file(settings: Settings) -> Path:
    return settings.state / "console.json"
