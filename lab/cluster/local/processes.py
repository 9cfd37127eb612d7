"""The processes of a local stack as /proc shows them: what is paused, what has ended, what was left behind.

Supervisor makes every program the leader of a process group, so a fault reaches all of its processes at once by the
group. What belongs to the stack is found in two ways, since neither finds all (our own runs): by LAB_STACK in the
environment (nginx, Redis and PostgreSQL overwrite theirs) and by a working directory inside the state folder.
"""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import psutil

from lab.cluster.local.layout import Layout
from lab.cluster.target import StackUnavailable

_SWEPT_WITHIN = 5.0


def group_states(pid: int) -> list[str]:
    """The state letters (man 5 proc: R, S, D, T ...) of all processes in the group of `pid`; zombies left out."""
    states = []
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                fields = Path("/proc", entry, "stat").read_text().rpartition(") ")[2].split()
            except OSError:
                continue
            if fields[2] == str(pid) and fields[0] not in "ZX":
                states.append(fields[0])
    return states


def is_paused(pid: int) -> bool:
    """Every process of the group is stopped by SIGSTOP, and there is one."""
    states = group_states(pid)
    return bool(states) and set(states) == {"T"}


def signal_group(pid: int, number: signal.Signals) -> None:
    """Send a signal to every process of a group; harmless when the group is gone."""
    try:
        os.killpg(pid, number)
    except ProcessLookupError:
        return


def ended(pid: int) -> bool:
    """There is no such process any more, or only its zombie."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def sweep(layout: Layout) -> list[str]:
    """SIGKILL every process of the stack; to be called once the supervisor is gone. Returns what was ended.

    Raises StackUnavailable when a process outlives that, as another user's would.
    """
    swept: dict[int, str] = {}
    while left := list(_ours(layout)):
        for process in left:
            swept[process.pid] = _describe(process)
            # psutil compares start times, so a pid that was given to somebody else since is never hit.
            try:
                process.kill()
            except psutil.Error:
                continue
        _, alive = psutil.wait_procs(left, timeout=_SWEPT_WITHIN)
        if alive:
            what = ", ".join(f"{swept[process.pid]} (pid {process.pid})" for process in alive)
            raise StackUnavailable(f"{what} of this stack cannot be ended. End it as the user that it belongs to.")
    return [f"{what} (pid {pid})" for pid, what in swept.items()]


def _ours(layout: Layout) -> Iterator[psutil.Process]:
    """Processes of the stack, but never this one, its ancestors, or somebody's shell that stands in the folder."""
    me = psutil.Process()
    spared = {me.pid, *(parent.pid for parent in me.parents())}
    marker = f"LAB_STACK={layout.settings.stack_id}".encode()
    for process in psutil.process_iter():
        try:
            if process.pid in spared or process.status() == psutil.STATUS_ZOMBIE:
                continue
            marked = marker in Path(f"/proc/{process.pid}/environ").read_bytes().split(b"\0")
            if marked or (process.terminal() is None and Path(process.cwd()).is_relative_to(layout.state)):
                yield process
        except (OSError, psutil.Error):
            continue


def _describe(process: psutil.Process) -> str:
    try:
        return process.name()
    except psutil.Error:
        return "a process"
