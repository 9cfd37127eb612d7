"""The console as the tests of its pages have it: served in this process on a free port, and a run that goes on.

No stack is needed for either: the lines of the run are written here, as `lab run` would write them.
"""

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import uvicorn
from playwright.sync_api import Page

from lab.console.app import application
from lab.console.desk import Desk
from lab.history import History, Recorder
from lab.runner import Result, judged, only_run
from lab.settings import Settings
from lab.waiting import wait_for
from tests.lab.run_folders import SCENARIO

PATIENT = 120_000.0
"""Milliseconds for what another process does: a child that judges a history, on a machine that is busy."""


@contextmanager
def served(desk: Desk) -> Iterator[str]:
    """The console's address, as http://host:port."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(application(desk), log_level="warning", timeout_graceful_shutdown=1))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        wait_for("the console to serve", lambda: server.started, within=60)
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(30)


class Recording:
    """A run that goes on, written by this process."""

    def __init__(self, folder: Path, predicted: str | None = None) -> None:
        self.folder = folder
        folder.mkdir()
        self._recorder = Recorder(folder / "history.jsonl")
        about = {"scenario": SCENARIO.name, "variant": "main", "pace": "quick", "target": "local", "seed": 0}
        self.add("note", "run", about | {"predicted": predicted, "parameters": {}, "versions": {}})

    def add(self, kind: str, op: str, value: object = None, id: str | None = None) -> None:
        """One line of the lab, now."""
        self._recorder.add("lab", kind, op, id, value)  # type: ignore[arg-type]

    def end(self) -> Result:
        """Write the last line and the verdict, as the runner does."""
        self.add("note", "end")
        self._recorder.close()
        result = judged(History.load(self.folder / "history.jsonl"), SCENARIO, self.folder)
        (self.folder / "verdict.json").write_bytes(msgspec.json.encode(result))
        return result

    def stop_writing(self) -> None:
        """Be gone without a word, as a process that is killed."""
        self._recorder.close()


@contextmanager
def recording(settings: Settings, predicted: str | None = None) -> Iterator[Recording]:
    """A run that holds the stack's lock, as one in a terminal does."""
    with only_run(settings):
        run = Recording(settings.runs / f"20260301-120000-{SCENARIO.name}-main", predicted)
        assert (settings.state / "run.lock").read_text() == str(os.getpid())
        try:
            yield run
        finally:
            run.stop_writing()


def wait_until(page: Page, condition: str, within: float = PATIENT) -> None:
    """Wait for a condition in JavaScript. The pages' own policy forbids Playwright's way, which is eval."""
    page.evaluate(
        f"""async (within) => {{
          for (const began = performance.now(); !({condition}); ) {{
            if (performance.now() - began > within) throw new Error("waited in vain");
            await new Promise((next) => setTimeout(next, 20));
          }}
        }}""",
        within,
    )
