"""`lab watch`: the hub on a terminal, as it happens. A picture that redraws itself, or plain lines where none can be.

    python -m lab.look (a child) --one object a line--> looks() --> Watch --> rich

The child is what the console draws from, too. It talks to the systems under test; this process only draws.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.live import Live
from rich.text import Text

from lab.cluster.target import LabError
from lab.looking.news import SYSTEMS, Look, news
from lab.looking.picture import condition, picture
from lab.settings import Settings
from lab.words import _

COMMAND = (sys.executable, "-m", "lab.look")
RATE_OVER = 5.0
"""Seconds over which what moves is counted."""
LINES = 6
"""Of news under the picture."""
SETTLES_WITHIN = 5.0
"""Seconds in which every part should have been seen; until then lines are not begun, or a part would look like news."""
ENDS_WITHIN = 5.0


@contextmanager
def looks(settings: Settings, command: Sequence[str] = COMMAND) -> Iterator[Iterator[Look]]:
    """The objects of lab/look.py from a child of its own, which is ended on leaving.

    Iterating raises LabError, with what the child said last, when it ends by itself.
    """
    environment = {**settings.variables, "LAB_BLOCK": str(settings.block)}
    with tempfile.TemporaryFile() as complaint:
        # A session of its own: Ctrl-C is meant for the view, which then ends the child.
        child = subprocess.Popen(
            command, cwd=settings.root, env=environment, start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=complaint,
        )  # fmt: skip
        try:
            yield _read(child, complaint)
        finally:
            child.terminate()
            try:
                child.wait(ENDS_WITHIN)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
            if child.stdout:
                child.stdout.close()


def _read(child: subprocess.Popen[bytes], complaint: Any) -> Iterator[Look]:
    assert child.stdout
    for line in child.stdout:
        yield json.loads(line)
    child.wait()
    complaint.seek(0)
    said = complaint.read().decode(errors="replace").strip().splitlines()
    raise LabError(_("Nothing looks at the hub: {why}").format(why=said[-1] if said else _("the watcher ended")))


class Watch:
    """What has been seen so far: the newest look, how much moves, and the last news."""

    def __init__(self) -> None:
        self.look: Look | None = None
        self.lines: deque[str] = deque(maxlen=LINES)
        self._moved: deque[tuple[float, Mapping[str, int]]] = deque()

    def take(self, look: Look) -> list[str]:
        """One more look; returns what is new, each with the time of day."""
        fresh = news(self.look, look) if self.look else []
        self.look = look
        told = [f"{time.strftime('%H:%M:%S', time.localtime(look['at']))}  {sentence}" for sentence in fresh]
        self.lines.extend(told)
        self._moved.append((look["clock"], look["moved"]))
        while self._moved[-1][0] - self._moved[0][0] > RATE_OVER:
            self._moved.popleft()
        return told

    def rates(self) -> dict[str, float]:
        """Per second, by link, of the links whose two ends were seen; empty at the beginning."""
        if len(self._moved) < 2:
            return {}
        (began, first), (ended, last) = self._moved[0], self._moved[-1]
        over = ended - began
        return {link: max(0, last[link] - first[link]) / over for link in last if over > 0}


def show(seen: Iterable[Look], console: Console) -> None:
    """Draw until the looks end or Ctrl-C comes: a picture on a terminal, else a line for each change."""
    if console.is_terminal:
        _draw(seen, console)
    else:
        _tell(seen, console)


def _draw(seen: Iterable[Look], console: Console) -> None:
    watch = Watch()
    first = Text(_("Looking at the hub for the first time."))
    with Live(first, console=console, auto_refresh=False, screen=True, vertical_overflow="crop") as live:
        for look in seen:
            watch.take(look)
            live.update(picture(look, watch.rates(), list(watch.lines)), refresh=True)


def _tell(seen: Iterable[Look], console: Console) -> None:
    watch, began = Watch(), None
    for look in seen:
        if began is None:
            began = look["clock"]
        if not watch.look and not settled(look) and look["clock"] - began < SETTLES_WITHIN:
            continue
        if not watch.look:
            console.print(condition(look))
        for sentence in watch.take(look):
            console.print(sentence, markup=False)


def settled(look: Look) -> bool:
    """Whether every part has been asked and has answered well."""
    return not look["services_error"] and not any(look[part]["error"] for part in SYSTEMS)
