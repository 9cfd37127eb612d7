"""What a child process makes of a run folder: what there is to say of it, and its report.

The page of a run (run.py) asks for the first once the run has ended; the second is the page of `lab report`. Both
import the scenarios, so neither may happen in the console's own process (told.py).
"""

import asyncio
import sys
from pathlib import Path

import msgspec

from lab.words import _

AT_ONCE = 2
"""Children that may judge at the same time: each wants a processor."""
KEPT = 64
PATIENCE = 300.0
"""Seconds that a child may take; a million lines of history take about ten."""


class Tellings:
    """Asks children, a few at a time, and keeps what they said of a folder until its history changes."""

    def __init__(self) -> None:
        self._turn = asyncio.Semaphore(AT_ONCE)
        self._kept: dict[tuple[str, int, int, str], bytes] = {}

    async def told(self, folder: Path, root: Path, language: str) -> bytes:
        """JSON: lab/told.py's contents, or {"error": sentence}."""
        try:
            seen = (folder / "history.jsonl").stat()
        except OSError:
            return _error(_("This run has no history."))
        key = (str(folder), seen.st_mtime_ns, seen.st_size, language)
        async with self._turn:
            if key not in self._kept:
                code, said, complaint = await said_by(root, "lab.console.told", str(folder), language)
                if code:
                    return said if said.startswith(b'{"error"') else _error(_last_line(complaint))
                while len(self._kept) >= KEPT:
                    del self._kept[next(iter(self._kept))]
                self._kept[key] = said
        return self._kept[key]

    async def report(self, folder: Path, root: Path, language: str, file: Path) -> str:
        """Write the report into a file; returns why that cannot be done, or nothing."""
        words = ("lab", "--lang", language, "report", str(folder), "--output", str(file))
        async with self._turn:
            code, _said, complaint = await said_by(root, *words)
        return complaint.decode(errors="replace").removeprefix("lab: ").strip() if code else ""


async def said_by(root: Path, *arguments: str) -> tuple[int, bytes, bytes]:
    """Exit code and both outputs of `python -m ARGUMENTS`. It is ended when nobody waits for it any more."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", *arguments, cwd=root,
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        out, err = await asyncio.wait_for(child.communicate(), PATIENCE)
    except TimeoutError:
        return 70, b"", _("It took too long.").encode()
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    return child.returncode or 0, out, err


def _last_line(complaint: bytes) -> str:
    """Of a traceback: what went wrong."""
    lines = complaint.decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else _("The process that should tell it ended without a word.")


def _error(sentence: str) -> bytes:
    return msgspec.json.encode({"error": sentence})
