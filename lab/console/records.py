"""What run folders say of themselves, read cheaply: for the list of runs, the cards of a scenario and comparisons.

Pages give it the folder of all runs and get Records. Only `verdict.json` and the first line of the history are read,
and read again only when they have changed, so that a thousand folders are listed at once.
"""

import functools
import os
import re
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from lab.history import Op
from lab.runner import Result
from lab.verdict import count_title

NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,200}", re.ASCII)
STAMPED = re.compile(r"(\d{8}-\d{6})-(.+?)-(main|control|breaks)(?:-\d+)?", re.ASCII)
VARIANTS = ("control", "main", "breaks")
FIRST_LINE = 1_000_000
"""Bytes within which the first line must end; a note of a run is far shorter."""


class Record(msgspec.Struct, frozen=True):
    """One run folder. What it does not say is empty or None."""

    name: str
    scenario: str
    variant: str
    began: datetime | None
    result: Result | None
    """Its verdict; None while it goes on, and when its writer was killed."""
    about: dict[str, Any]
    """The note "run": parameters, pace, seed, versions, prediction."""

    @property
    def verdict(self) -> str:
        """The word, or nothing."""
        return str(self.result.verdict) if self.result else ""

    def counts(self, checks: Iterable[str], most: int = 2) -> list[tuple[str, str]]:
        """The first counts of these checks, as name and number."""
        if not self.result:
            return []
        found = {finding.check: finding.counts for finding in self.result.findings}
        named = [pair for check in checks for pair in found.get(check, {}).items()]
        return [(count_title(name), "-" if count is None else f"{count:g}") for name, count in named[:most]]


def all_records(runs: Path) -> list[Record]:
    """Of every run folder, newest first. Links and whatever else stands there are passed over."""
    try:
        with os.scandir(runs) as entries:
            names = [entry.name for entry in entries if entry.is_dir(follow_symlinks=False)]
    except FileNotFoundError:
        return []
    found = (record_of(runs, name) for name in sorted(names, reverse=True))
    return [record for record in found if record]


def record_of(runs: Path, name: str) -> Record | None:
    """One run by its folder's name; None when there is no such run."""
    folder = folder_of(runs, name)
    if not folder:
        return None
    result, about = _result(folder), _about(folder)
    stamp = STAMPED.fullmatch(name)
    return Record(
        name=name,
        scenario=str(result.scenario if result else about.get("scenario", stamp[2] if stamp else "")),
        variant=str(result.variant if result else about.get("variant", stamp[3] if stamp else "")),
        began=_moment(stamp[1]) if stamp else None,
        result=result,
        about=about,
    )


def folder_of(runs: Path, name: str) -> Path | None:
    """The folder of a run; None unless it is a real one that stands directly in the folder of all runs."""
    if not NAME.fullmatch(name):
        return None
    folder = runs / name
    if folder.is_symlink() or not folder.is_dir():
        return None
    holds = STAMPED.fullmatch(name) or any(
        (folder / file).is_file() and not (folder / file).is_symlink() for file in ("history.jsonl", "verdict.json")
    )
    return folder if holds else None


def newest_of(records: Iterable[Record]) -> dict[tuple[str, str], Record]:
    """The newest judged run of each (scenario, variant), of records in the order of `all_records`."""
    found: dict[tuple[str, str], Record] = {}
    for record in records:
        if record.result:
            found.setdefault((record.scenario, record.variant), record)
    return found


def _moment(stamp: str) -> datetime | None:
    try:
        return datetime.strptime(stamp, "%Y%m%d-%H%M%S")
    except ValueError:
        return None


def _result(folder: Path) -> Result | None:
    path = folder / "verdict.json"
    try:
        seen = path.lstat()
        return _read_result(path, seen.st_mtime_ns, seen.st_size)
    except (OSError, msgspec.MsgspecError, ValueError):
        return None


def _about(folder: Path) -> dict[str, Any]:
    path = folder / "history.jsonl"
    try:
        return _read_about(path, path.lstat().st_ino)
    except (OSError, msgspec.MsgspecError, ValueError):
        return {}


# An error is not kept: a file that cannot be read yet is read again.
@functools.lru_cache(maxsize=4096)
def _read_result(path: Path, changed: int, size: int) -> Result:
    return msgspec.json.decode(_bytes(path), type=Result)


@functools.lru_cache(maxsize=4096)
def _read_about(path: Path, inode: int) -> dict[str, Any]:
    line = msgspec.json.decode(_bytes(path, first_line=True), type=Op)
    if line.op != "run" or not isinstance(line.value, dict):
        raise ValueError(f"{path} does not begin with the note of a run")
    return line.value


def _bytes(path: Path, first_line: bool = False) -> bytes:
    """What stands in a file that is no link."""
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:
        return file.readline(FIRST_LINE) if first_line else file.read()
