"""What the hub looks like now, for every page that is open: the newest object of one child, `python -m lab.look`.

    lab.look --a line a look--> Look --server-sent events--> static/hub.js

The child talks to the systems under test, so that this process needs none of their clients. It starts with the first
reader, is started again when it dies, and ends some time after the last reader has left.
"""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from typing import Any

from lab.settings import Settings
from lab.words import _

AGAIN_AFTER = 1.0
IDLE_FOR = 30.0
"""Seconds without a reader after which the child ends."""
LONGEST_LINE = 4_000_000
COMMAND = (sys.executable, "-m", "lab.look")


class Look:
    """One child for all readers. Belongs to the event loop that first reads."""

    def __init__(self, settings: Settings, command: Sequence[str] = COMMAND) -> None:
        self._root, self._command = settings.root, command
        self._environment = settings.environment
        self._line = ""
        self._trouble = ""
        self._turn = 0
        self._changed: asyncio.Condition | None = None
        self._task: asyncio.Task[None] | None = None
        self._child: Process | None = None
        self._readers = 0
        self._idle: asyncio.TimerHandle | None = None
        self._followed: list[str] = []

    @property
    def newest(self) -> dict[str, Any]:
        """The latest object, as lab/look.py describes it; empty before the first."""
        found: dict[str, Any] = json.loads(self._line) if self._line else {}
        return found

    async def events(self) -> AsyncIterator[tuple[str, str]]:
        """("look", JSON) at once and with each new object; ("trouble", sentence) when none can be had."""
        self._begin()
        assert self._changed
        told = 0
        try:
            while True:
                async with self._changed:
                    while self._turn <= told:
                        await self._changed.wait()
                    told, trouble, line = self._turn, self._trouble, self._line
                yield ("trouble", trouble) if trouble else ("look", line)
        finally:
            self._end()

    def follow(self, id: str) -> None:
        """Let the objects say under "followed" where this notification is."""
        self._followed = [*self._followed[-4:], id]
        self._write({"follow": id})

    def forget(self, id: str) -> None:
        """It need not be followed any longer."""
        self._followed = [one for one in self._followed if one != id]
        self._write({"forget": id})

    def _begin(self) -> None:
        self._readers += 1
        if self._idle:
            self._idle.cancel()
            self._idle = None
        if self._task is None or self._task.done():
            self._changed = asyncio.Condition()
            self._task = asyncio.create_task(self._run())

    def _end(self) -> None:
        self._readers -= 1
        if not self._readers and self._task:
            self._idle = asyncio.get_running_loop().call_later(IDLE_FOR, self._task.cancel)

    async def _run(self) -> None:
        """Keep a child until cancelled. What it says on stderr is why it died."""
        while True:
            process = await asyncio.create_subprocess_exec(
                *self._command,
                cwd=self._root,
                env=self._environment,
                stdin=PIPE,
                stdout=PIPE,
                stderr=PIPE,
                limit=LONGEST_LINE,
            )
            self._child = process
            said = asyncio.create_task(_last_line(process))
            for id in self._followed:
                self._write({"follow": id})
            try:
                await self._read(process)
                why = await said
            finally:
                said.cancel()
                self._child = None
                with suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
            await self._tell(trouble=_("Nothing looks at the hub: {why}").format(why=why or _("the watcher ended")))
            with suppress(TimeoutError):
                await asyncio.wait_for(asyncio.Event().wait(), AGAIN_AFTER)

    async def _read(self, process: Process) -> None:
        assert process.stdout
        async for line in process.stdout:
            await self._tell(line=line.decode(errors="replace").strip())

    async def _tell(self, line: str = "", trouble: str = "") -> None:
        assert self._changed
        async with self._changed:
            self._line, self._trouble = line or self._line, trouble
            self._turn += 1
            self._changed.notify_all()

    def _write(self, told: dict[str, str]) -> None:
        if self._child and self._child.stdin and not self._child.stdin.is_closing():
            self._child.stdin.write(json.dumps(told).encode() + b"\n")


async def _last_line(process: Process) -> str:
    assert process.stderr
    last = ""
    async for line in process.stderr:
        last = line.decode(errors="replace").strip() or last
    return last
