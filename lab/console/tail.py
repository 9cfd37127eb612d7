"""The lines of one history as server-sent events, in batches: to its end at once, then as they are written.

    event: lines   data: a JSON array of lines, as they stand in the file; id: the byte behind the last one
    event: end     data: {"verdict": the object of verdict.json or null, "why": a sentence when there is none}

Live and replay are the same. No more than one piece of the file is in memory for each client, and a client that comes
back (Last-Event-ID) goes on where it was. api.py gives it the folder, writers.py says whether somebody still writes.
"""

import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import msgspec
from starlette.concurrency import run_in_threadpool

from lab.waiting import pause_here
from lab.words import _

PIECE = 1 << 20
"""Bytes read at once."""
LONGEST = 64 << 20
"""Bytes of one line, at most."""
BATCH = 5000
"""Lines in one event, at most."""
LOOK_EVERY = 0.2
"""Seconds between two looks at a file that did not grow."""
ASK_EVERY = 10
"""Looks at a file that did not grow before somebody asks whether its writer lives."""

_check = msgspec.json.Decoder(msgspec.Raw).decode

Event = dict[str, Any]


class Tail:
    """One client's way through one run folder."""

    def __init__(self, folder: Path, at: int, writer_lives: Callable[[], bool], why_ended: Callable[[], str]) -> None:
        self._folder = folder
        self._at = at
        self._writer_lives = writer_lives
        self._why_ended = why_ended

    async def events(self) -> AsyncIterator[Event]:
        """Every event until `end`. Whoever stops asking ends it; nothing stays open between two looks."""
        quiet = 0
        over = False
        while True:
            lines, wrong = await run_in_threadpool(self._read)
            for first in range(0, len(lines), BATCH):
                yield self._batch(lines[first : first + BATCH])
            if wrong:
                yield self._end(wrong)
                return
            if lines:
                quiet = 0
                continue
            if over:
                yield self._end()
                return
            quiet += 1
            # A verdict is written last. Whatever was written before it, or before the writer ended, is read once more.
            over = self._verdict() is not None
            if not over and quiet % ASK_EVERY == 1:
                over = not await run_in_threadpool(self._writer_lives)
            if not over:
                await pause_here(LOOK_EVERY)

    def _read(self) -> tuple[list[bytes], str]:
        """The whole lines that follow, as much as one piece holds; and what is wrong, when no more can be read."""
        try:
            file = open_plain(self._folder / "history.jsonl")
        except FileNotFoundError:
            return [], ""
        except OSError as error:
            return [], _("The history of this run cannot be read: {error}.").format(error=error.strerror)
        try:
            return _whole_lines(file, self._at)
        finally:
            os.close(file)

    def _batch(self, lines: list[bytes]) -> Event:
        self._at += sum(len(line) + 1 for line in lines)
        return {"event": "lines", "id": str(self._at), "data": f"[{b','.join(lines).decode()}]"}

    def _verdict(self) -> Any:
        """The object of verdict.json; None while it is not there, or not written to its end."""
        try:
            with os.fdopen(open_plain(self._folder / "verdict.json"), "rb") as file:
                return msgspec.json.decode(file.read())
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
            return None

    def _end(self, wrong: str = "") -> Event:
        verdict = self._verdict()
        why = wrong or ("" if verdict is not None else self._why_ended())
        data = msgspec.json.encode({"verdict": verdict, "why": why}).decode()
        return {"event": "end", "id": str(self._at), "data": data}


def open_plain(path: Path) -> int:
    """A file of a run folder, open for reading; OSError for a link: it might lead anywhere."""
    return os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)


def _whole_lines(file: int, at: int) -> tuple[list[bytes], str]:
    """What `_read` returns, of an open file from a byte on. A line that is not ended yet is not there yet."""
    size = PIECE
    while True:
        data = os.pread(file, size, at)
        end = data.rfind(b"\n") + 1
        if end or len(data) < size:
            break
        if size >= LONGEST:
            return [], _("The history of this run holds a line that is too long to be one.")
        size *= 4
    lines = data[:end].split(b"\n")[:-1]
    for number, line in enumerate(lines):
        try:
            _check(line)
            line.decode()
        except (msgspec.MsgspecError, UnicodeDecodeError):
            wrong = _("The history of this run cannot be read on: byte {byte} begins no line of a history.")
            return lines[:number], wrong.format(byte=at + sum(len(line) + 1 for line in lines[:number]))
    return lines, ""
