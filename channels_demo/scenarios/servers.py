"""The servers of one run: the demo's application in Daphne or uvicorn, with options that no service of the stack has.

A scenario enters Servers with `lab.uses`, starts some, and connects its sockets to them; `lab.fault(killed, name,
of=servers.programs)` breaks one. Each has its own part of the stack's Redis (a prefix), so nobody else's events reach
its sockets; when the run ends the programs end, and the keys go.
"""

import json
import re
import sys
from dataclasses import asdict, replace
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

import psutil
import redis

from channels_demo import settings
from channels_demo.settings import Options
from lab.processes import Processes
from lab.script import Lab
from lab.waiting import wait_for

ROOT = Path(__file__).resolve().parents[2]
Server = Literal["daphne", "uvicorn"]
APPLICATION = "channels_demo.asgi:application"
COMMANDS: dict[Server, tuple[str, ...]] = {
    "daphne": ("-m", "daphne", "-b", "127.0.0.1", "-p", "0", "-v", "1"),
    "uvicorn": ("-m", "uvicorn", "--host", "127.0.0.1", "--port", "0"),
}
"""Port 0: one that is free; the log says which."""
_LISTENS = {
    "daphne": re.compile(r"Listening on TCP address 127\.0\.0\.1:(\d+)"),
    "uvicorn": re.compile(r"Uvicorn running on http://127\.0\.0\.1:(\d+)"),
}
_READY = {"daphne": "Listening on TCP address", "uvicorn": "Uvicorn running on"}


class Servers:
    """A context manager; leaving it ends the programs and removes their keys from Redis."""

    def __init__(self, run: str) -> None:
        """run: unlike any other; it stands in the prefix of every key."""
        self.run = run
        self.programs = Processes(ROOT)
        self.options: dict[str, Options] = {}
        self._kinds: dict[str, Server] = {}
        self.redis = redis.Redis.from_url(settings.read().redis, socket_timeout=10)

    def __enter__(self) -> Self:
        self.programs.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.programs.__exit__(kind, error, trace)
        with self.redis:
            for key in self.redis.scan_iter(f"{self.run}.*"):
                self.redis.delete(key)

    def start(self, name: str, server: Server = "daphne", *, application: str = APPLICATION, **options: Any) -> None:
        """Start one; it is ready only after `await_ready`. options: in what it differs, see settings.Options.

        Unless told otherwise any Origin may connect, and a slow client is never closed.
        """
        told = settings.read()
        mine = {"prefix": f"{self.run}.{name}", "origins": "off", "send_within": 600.0}
        self.options[name] = replace(told.options, **(mine | options))
        self._kinds[name] = server
        variables = {
            "CHANNELS_DEMO_DATABASE": told.database,
            "CHANNELS_DEMO_REDIS": told.redis,
            "CHANNELS_DEMO_SERVER": name,
            "CHANNELS_DEMO_HEALTH": "",
            "CHANNELS_DEMO_OPTIONS": json.dumps(asdict(self.options[name])),
            "PYTHONUNBUFFERED": "1",
        }
        self.programs.run(name, [sys.executable, *COMMANDS[server], application], variables, ready=_READY[server])

    def await_ready(self) -> None:
        """Wait until all of them listen. Raises LabError with the last words of one that does not."""
        for name in self.options:
            self.programs.await_ready(name)

    def url(self, name: str, path: str) -> str:
        """Where it listens now: after a new start that is another port."""
        kind = self._kinds[name]
        found = wait_for(f"{name} to listen", lambda: _LISTENS[kind].search(self.programs.log_text(name)), within=30)
        return f"ws://127.0.0.1:{found[1]}{path}"

    def memory(self, name: str) -> float:
        """Resident megabytes (10**6 bytes) of the program."""
        pid = self.programs.status_of(name).pid
        return round(psutil.Process(pid).memory_info().rss / 1e6, 1) if pid else 0.0

    def processor_seconds(self, name: str) -> float:
        """What the program has had of a processor since it began."""
        pid = self.programs.status_of(name).pid
        times = psutil.Process(pid).cpu_times() if pid else None
        return times.user + times.system if times else 0.0

    def note(self, lab: Lab) -> None:
        """Write down what runs."""
        server = self.redis.info("server")
        names = ("channels", "channels-redis", "daphne", "uvicorn")
        lab.note("versions", {name: version(name) for name in names} | {"redis": str(server["redis_version"])})
        for name, options in self.options.items():
            wanted = ("layer", "capacity", "send_within", "prefix")
            value = {"name": name, "server": self._kinds[name], **{key: getattr(options, key) for key in wanted}}
            lab.note("server", value)
