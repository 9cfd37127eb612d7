"""The hub in one look: `python -m lab.look` prints what every system says of itself, one JSON object a line.

    each demo's picture.py, lab/looking/services.py, each in a thread of its own --> one object --> stdout

A line comes once a second, and at once when something other than a count has changed. The console (lab/console/look.py)
and `lab watch` draw the same objects. A dead system makes its own part old ("age", "error") and holds up no other.

On stdin a reader may ask for more, one JSON object a line: {"follow": ID} adds to "followed" how far that notification
has come, until {"forget": ID}. The end of stdin means nothing; it ends with its parent, or when nobody reads it.
"""

import contextlib
import importlib
import json
import os
import sys
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, TextIO

from lab import settings as environment
from lab.looking.moved import moved
from lab.looking.part import Part, Seen
from lab.looking.services import Services

EVERY = 1.0
AT_LEAST_APART = 0.05
"""Seconds between two lines, however much changes."""
ASKED_EVERY = {"kafka": 0.3, "rabbitmq": 1.0, "celery": 1.0, "rest": 1.0, "channels": 1.0, "services": 0.3}
"""Seconds between two looks. Leaders and processes are what one waits to see; a look at them costs a millisecond."""
EMPTY: Mapping[str, Mapping[str, Any]] = {
    "kafka": {"topic": "freblogg", "brokers": [], "partitions": []},
    "rabbitmq": {"version": "", "exchanges": [], "bindings": [], "queues": []},
    "celery": {"workers": [], "queues": [], "started": 0, "ended": 0},
    "rest": {"balancer": False, "instances": [], "outbox": 0, "accepted": 0},
    "channels": {"servers": [], "groups": [], "events": 0, "shown": 0},
    "services": {"services": []},
}
"""What a part looks like that was never seen well."""


class Looker:
    """All parts, and when to tell of them."""

    def __init__(self, sources: Mapping[str, tuple[Callable[[], Seen], Callable[[str], Seen | None] | None]]) -> None:
        """sources: for each name in EMPTY its `look`, and its `follow` if it has one."""
        self._news = threading.Event()
        self.parts = {
            name: Part(look, ASKED_EVERY[name], self._news.set, EMPTY[name], follow)
            for name, (look, follow) in sources.items()
        }

    def start(self) -> None:
        """Begin to ask."""
        for part in self.parts.values():
            part.start()

    def seen(self) -> dict[str, Any]:
        """The object of this moment."""
        parts = {name: part.snapshot() for name, part in self.parts.items()}
        services = parts.pop("services")
        found: dict[str, Any] = {"at": round(time.time(), 3), "clock": round(time.monotonic(), 6), **parts}
        found["services"] = services["services"]
        found["services_error"] = services["error"]
        found["moved"] = moved(parts)
        followed: dict[str, dict[str, Any]] = {}
        for name, part in self.parts.items():
            for id, what in part.followed().items():
                followed.setdefault(id, {})[name] = what
        return {**found, "followed": followed}

    def await_news(self, within: float) -> None:
        """Return when something has changed, or after `within` seconds."""
        self._news.wait(within)
        self._news.clear()

    def obey(self, line: str) -> None:
        """One line of stdin; what makes no sense is nothing."""
        try:
            told = json.loads(line)
        except ValueError:
            return
        if isinstance(told, dict):
            for part in self.parts.values():
                if isinstance(id := told.get("follow"), str):
                    part.follow(id)
                if isinstance(id := told.get("forget"), str):
                    part.forget(id)


def sources() -> dict[str, tuple[Callable[[], Seen], Callable[[str], Seen | None] | None]]:
    """The demos' pictures, imported by name, and the services of the stack."""
    settings = environment.read()
    environment.share_with_demos(settings)
    found: dict[str, tuple[Callable[[], Seen], Callable[[str], Seen | None] | None]] = {}
    for name in EMPTY:
        if name != "services":
            picture = importlib.import_module(f"{name}_demo.picture")
            found[name] = (picture.look, getattr(picture, "follow", None))
    return {**found, "services": (Services(settings).look, None)}


def tell(looker: Looker, out: TextIO, parent: int) -> None:
    """Print until nobody reads, or until the parent is gone."""
    while os.getppid() == parent:
        began = time.monotonic()
        try:
            print(json.dumps(looker.seen(), ensure_ascii=False, separators=(",", ":")), file=out, flush=True)
        except BrokenPipeError:
            return
        threading.Event().wait(AT_LEAST_APART)
        looker.await_news(max(0.0, EVERY - (time.monotonic() - began)))


def listen(looker: Looker) -> None:
    """Obey stdin until it ends."""
    for line in sys.stdin:
        looker.obey(line)


def main() -> None:
    """See the module."""
    parent = os.getppid()
    looker = Looker(sources())
    looker.start()
    threading.Thread(target=listen, args=(looker,), daemon=True).start()
    with contextlib.suppress(KeyboardInterrupt):
        tell(looker, sys.stdout, parent)
    os._exit(0)  # a look may hang, and the clients' own threads with it


if __name__ == "__main__":
    main()
