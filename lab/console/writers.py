"""Who records at the moment: found in the system's own list of processes, so that any console sees any run.

jobs.py asks it for the run that holds the stack, the event stream whether a history still has a writer.
"""

import time
from pathlib import Path
from typing import NamedTuple

import psutil

from lab.settings import Settings

FRESH = 3.0
"""Seconds after a line in which nobody doubts that its writer lives."""
OUT_OF_SIGHT = 60.0
"""The same where the stack's processes cannot be seen, as from within a container."""


class Holder(NamedTuple):
    """The process that holds the stack of these settings."""

    pid: int
    command: list[str]
    run: str
    """The name of the run folder that it writes; empty for `lab break`, `lab heal` and what has not begun to write."""


def holder_of(lock: Path, runs: Path) -> Holder | None:
    """Who holds this lock (a run.lock), asked without touching it: a look must never refuse somebody's run."""
    try:
        process = psutil.Process(int(lock.read_text()))
        open_files = {file.path for file in process.open_files()}
        if str(lock.resolve()) not in open_files:
            return None
        return Holder(process.pid, process.cmdline(), _run_among(open_files, runs) or _being_judged(process, runs))
    except (OSError, ValueError, psutil.Error):
        return None


def writer_lives(folder: Path, settings: Settings) -> bool:
    """Whether more may come into this run folder. The run may be on the stack of another block of this checkout."""
    try:
        age = time.time() - (folder / "history.jsonl").stat().st_mtime
    except OSError:
        age = time.time() - folder.stat().st_mtime if folder.exists() else float("inf")
    if age < FRESH:
        return True
    state = settings.state
    if not state.is_dir():
        return age < OUT_OF_SIGHT
    locks = state.parent.glob(f"{state.name.rpartition('-')[0]}-*/run.lock")
    holders = (holder_of(lock, settings.runs) for lock in locks)
    return any(holder is not None and holder.run == folder.name for holder in holders)


def _run_among(open_files: set[str], runs: Path) -> str:
    for path in map(Path, open_files):
        if path.name == "history.jsonl" and path.parent.parent == runs.resolve():
            return path.parent.name
    return ""


def _being_judged(process: psutil.Process, runs: Path) -> str:
    """The newest folder, when this process made it and has closed its history, but written no verdict yet."""
    latest = runs / "latest"
    if not latest.is_symlink():
        return ""
    folder = runs / latest.readlink().name
    history = folder / "history.jsonl"
    if (folder / "verdict.json").exists() or not history.exists():
        return ""
    return folder.name if history.stat().st_mtime >= process.create_time() else ""
