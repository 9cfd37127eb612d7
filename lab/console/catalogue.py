"""The scenarios as the pages know them. Read once by a child (lessons.py) and kept in memory."""

import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import msgspec
from starlette.concurrency import run_in_threadpool

from lab.cluster.target import LabError

ROOT = Path(__file__).resolve().parent.parent.parent
LESSONS = "lab.console.lessons"
READ_WITHIN = 180.0
"""Seconds for the child: it imports five demos, which takes 2 s on an idle machine and far longer on a busy one."""


class CatalogueError(LabError):
    """The scenarios could not be read; a mistake in a demo, mostly."""

    exit_code = 70


class Choice(msgspec.Struct, frozen=True):
    """One prediction to choose."""

    choice: str
    says: str


class Parameter(msgspec.Struct, frozen=True):
    """One parameter of a script: its default, and the only values that it takes, when there are such."""

    default: Any
    choices: list[Any] | None = None


class Known(msgspec.Struct, frozen=True):
    """A scenario in plain values; its sentences in English, as written, for `_` to say in another language."""

    name: str
    demo: str
    claim: str
    question: str
    lesson: str
    predictions: list[Choice]
    notes: list[str]
    nodes: list[str]
    needs: list[str]
    seconds: int
    parameters: dict[str, Parameter]
    breaks_with: dict[str, Any]
    breaks: list[str]
    spoken_by: dict[str, str] = {}
    """For each of `notes` the check that speaks about it."""


class Lessons(msgspec.Struct, frozen=True):
    """What the child prints."""

    scenarios: list[Known]
    roles: list[str]
    """Words such as `kafka-leader` that stand for a node, with a colon and an argument: `kafka-leader:freblogg/0`."""


class Catalogue:
    """Asked from any thread or task; the first who asks waits for the child, and so does whoever comes meanwhile."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._lessons: Lessons | None = None

    async def scenarios(self) -> list[Known]:
        """All scenarios, in the order of the demos. Raises CatalogueError."""
        return (await self.lessons()).scenarios

    async def scenario(self, name: str) -> Known | None:
        """The scenario of that name."""
        return next((known for known in await self.scenarios() if known.name == name), None)

    async def lessons(self) -> Lessons:
        """Scenarios and roles. Raises CatalogueError."""
        return await run_in_threadpool(self.read)

    def read(self) -> Lessons:
        """The same for a thread that may wait."""
        with self._lock:
            found = self._lessons
            if found is None:
                found = self._read()
                self._lessons = found
            return found

    def _read(self) -> Lessons:
        command = [sys.executable, "-m", LESSONS]
        try:
            done = subprocess.run(
                command,
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=READ_WITHIN,
                check=True,
                start_new_session=True,
            )
            return msgspec.json.decode(done.stdout, type=Lessons)
        except subprocess.CalledProcessError as error:
            last = error.stderr.decode(errors="replace").strip().splitlines() or ["it said nothing"]
            raise CatalogueError(f"The scenarios cannot be read: {last[-1]}. `lab list` shows more.") from error
        except (subprocess.TimeoutExpired, OSError, msgspec.MsgspecError) as error:
            raise CatalogueError(f"The scenarios cannot be read: {error}. `lab list` shows more.") from error
