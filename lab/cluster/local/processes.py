"""The processes of a local stack as /proc shows them: what is paused, what has ended, what was left behind.

A node is a program with its process group (supervisor makes every program the leader of one) and all of its
descendants: PostgreSQL gives each of its servers a group of its own. What belongs to the stack is found in two ways,
since neither finds all (our own runs): by LAB_STACK in the environment (nginx, Redis and PostgreSQL overwrite theirs)
and by a working directory inside the state folder.
"""

import contextlib
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import psutil

from lab.cluster.local.layout import Layout
from lab.cluster.target import StackUnavailable

_SWEPT_WITHIN = 5.0
_LOOKS = 2
"""In a row that find nothing. One may miss a program that is just becoming a daemon, as the supervisor of a killed `up`
may be: its parent has ended when we come to it, and its child is younger than our list of processes."""


def states_of(pid: int) -> dict[int, str]:
    """State letters (man 5 proc: R, S, D, T ...) of a node's processes by pid, without zombies. `pid` leads them."""
    letters, parents, groups = {}, {}, {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                fields = Path("/proc", entry, "stat").read_text().rpartition(") ")[2].split()
            except OSError:
                continue
            letters[int(entry)], parents[int(entry)], groups[int(entry)] = fields[0], int(fields[1]), int(fields[2])
    found = {one for one, group in groups.items() if group == pid} | ({pid} & letters.keys())
    newest = found
    while newest:
        newest = {one for one, parent in parents.items() if parent in newest} - found
        found |= newest
    return {one: letters[one] for one in sorted(found) if letters[one] not in "ZX"}


def signal_all(pid: int, number: signal.Signals) -> None:
    """Send a signal to every process of a node: its group at once, then its descendants. Harmless when it is gone."""
    others = states_of(pid)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, number)
    for other in others:
        with contextlib.suppress(ProcessLookupError):
            if os.getpgid(other) != pid:
                os.kill(other, number)


def ended(pid: int) -> bool:
    """There is no such process any more, or only its zombie."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def sweep(layout: Layout, supervisor: int = 0) -> list[str]:
    """SIGKILL every process of the stack that does not descend from the supervisor's pid. Returns what was ended.

    Without a supervisor that is all of them. With one it is what a program has left behind that ended, as it would end
    with its container. Raises StackUnavailable when a process outlives that, as another user's would.
    """
    swept: dict[int, str] = {}
    looks = 0
    while looks < _LOOKS:
        left = [process for process in _ours(layout) if not _descends(process, {supervisor, os.getpid()})]
        looks = 0 if left else looks + 1
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


def _descends(process: psutil.Process, ancestors: set[int]) -> bool:
    """It is one of these, or comes from one of these. A process that is just ending counts as neither."""
    try:
        return not ancestors.isdisjoint([process.pid, *(parent.pid for parent in process.parents())])
    except psutil.Error:
        return False


def _describe(process: psutil.Process) -> str:
    try:
        return process.name()
    except psutil.Error:
        return "a process"
