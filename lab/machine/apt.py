"""Runs apt-get and says how far it is. `packages` decides what for, and needs root here except for `simulate`.

Another package manager at work is waited for; an error is told in apt-get's own words (its lines that begin with "E:").
"""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

from lab.cluster.target import StackUnavailable, Tell
from lab.machine.services import MARK
from lab.waiting import NotReached, wait_for

TELL_EVERY = 5.0
"""Seconds between two lines of progress."""
LOCK_WITHIN = 600.0
"""Seconds that another package manager is waited for: unattended upgrades can take that long."""

LOCK_EVERY = 2.0
"""Seconds between two tries."""

Lines = list[str]

_INSTALL = ("install", "--assume-yes", "--no-install-recommends", "--no-remove")


def simulate(packages: Sequence[str]) -> Lines:
    """What apt-get prints before it would ask for a yes: how much it would install. Changes nothing, needs no root."""
    command = _command("install", "--no-install-recommends", "--no-remove", "--assume-no", "-o", "Debug::NoLocking=1")
    done = subprocess.run(
        [*command, *packages],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.stdout.splitlines()


def update(tell: Tell) -> None:
    """Fetch the package lists."""
    tell("Fetching the package lists (apt-get update).")
    _run(_command("update"), tell, lambda lines: f"{len(lines)} lists asked")


def download(packages: Sequence[str], count: int, tell: Tell) -> None:
    """Fetch the packages, once more after a fresh `update` when the mirror no longer has what our lists name."""
    command = [*_command(*_INSTALL, "--download-only"), *packages]

    def progress(lines: Lines) -> str:
        return f"downloading, {sum(line.startswith('Get:') for line in lines)} of {count} packages"

    try:
        _run(command, tell, progress)
    except StackUnavailable:
        update(tell)
        _run(command, tell, progress)


def unpack(packages: Sequence[str], count: int, tell: Tell) -> None:
    """Install what `download` fetched. The caller holds interrupts back, lest a package be left half installed."""

    def progress(lines: Lines) -> str:
        return f"installing, {sum(line.startswith('Setting up ') for line in lines)} of {count} packages set up"

    _run([*_command(*_INSTALL, "--no-download"), *packages], tell, progress, shielded=True)


@contextmanager
def interrupts_held_back() -> Iterator[None]:
    """While this is open, Ctrl-C and SIGTERM only leave a note; KeyboardInterrupt is raised on the way out."""
    noted: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        noted.append(number)
        # Not `tell`: a handler may run in the middle of somebody's print.
        os.write(2, b"Stopping as soon as the package manager is done: half an installation would need mending.\n")

    heard = [n for n in (signal.SIGINT, signal.SIGTERM) if signal.getsignal(n) is not signal.SIG_IGN]
    before = {number: signal.signal(number, note) for number in heard}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if noted:
            raise KeyboardInterrupt


def errors(lines: Lines) -> str:
    """apt-get's own complaint, as one text; its last lines where it has none."""
    complaints = [line.removeprefix("E: ") for line in lines if line.startswith("E: ")]
    return "; ".join(complaints or lines[-3:]).strip(" .")


def _command(*arguments: str) -> list[str]:
    environment = ["LC_ALL=C", "DEBIAN_FRONTEND=noninteractive", f"{MARK}=1", "NEEDRESTART_SUSPEND=1"]
    return [
        "env",
        *environment,
        "apt-get",
        "-q",
        "-o",
        "Dpkg::Use-Pty=0",
        "-o",
        "DPkg::Options::=--force-confold",
        *arguments,
    ]


def _run(command: list[str], tell: Tell, progress: Callable[[Lines], str], shielded: bool = False) -> None:
    """Raises StackUnavailable when apt-get fails for another reason than somebody else's lock."""
    told: set[str] = set()

    def attempt() -> bool:
        code, lines = _watch(command, tell, progress, shielded)
        holders = [line for line in lines if "Could not get lock" in line]
        if code != 0 and not holders:
            raise StackUnavailable(f"apt-get failed: {errors(lines)}.")
        for holder in holders[:1]:
            if holder not in told:
                tell(f"Another package manager is at work, waiting for it. ({holder.removeprefix('E: ')})")
            told.add(holder)
        return code == 0

    try:
        wait_for("another package manager to end", attempt, within=LOCK_WITHIN, every=LOCK_EVERY)
    except NotReached as error:
        raise StackUnavailable(f"{error}. End it, or wait until it is done, and call again.") from error


def _watch(command: list[str], tell: Tell, progress: Callable[[Lines], str], shielded: bool) -> tuple[int, Lines]:
    """Run to the end with a line of progress now and then; the exit code and all that was printed.

    A `shielded` command does not see the terminal's Ctrl-C.
    """
    lines: Lines = []
    began = time.monotonic()
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=shielded,
    ) as process:
        reader = threading.Thread(target=_collect, args=(process, lines), daemon=True)
        reader.start()
        while process.returncode is None:
            try:
                process.wait(TELL_EVERY)
            except subprocess.TimeoutExpired:
                tell(f"  ... {progress(lines)} ({time.monotonic() - began:.0f} s)")
        reader.join(TELL_EVERY)  # not for ever: a daemon that a package started may hold the pipe
    return process.returncode, lines


def _collect(process: subprocess.Popen[str], lines: Lines) -> None:
    for line in process.stdout or ():
        lines.append(line.rstrip("\n"))
