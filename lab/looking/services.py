"""The services of the stack for the picture: their state several times a second, their health in turn.

`Target.status` runs every health check each time, which is too much for a picture that is drawn all day. Where the
stack is local, a process is looked at in /proc; elsewhere `status` is asked, and not as often.
"""

import threading
import time
from pathlib import Path
from typing import Any, Protocol

from lab.cluster.local.health import passes
from lab.cluster.local.keeper import Keeper, Kept
from lab.cluster.local.layout import Layout
from lab.cluster.local.target import LocalTarget
from lab.cluster.stack import Service
from lab.cluster.target import Health, LabError, ServiceStatus, State, Target
from lab.cluster.targets import open_target, target_in_force
from lab.journal import OpenFault, journal_of
from lab.settings import Settings

LISTED_EVERY = 5.0
"""Seconds between two questions to supervisor while nothing has ended; ELSE_EVERY when something has."""
ELSE_EVERY = 0.5
PROBED_EVERY = 2.0
"""Seconds between two health checks: one service at a time, first those whose health is not known."""
STATUS_EVERY = 3.0
NEW_FOR = 60.0
"""Seconds for which a process counts as starting until its health check has passed. What has run for longer and was
not probed here yet has the health "none"."""


class Eye(Protocol):
    """Looks at the services of one target."""

    def statuses(self) -> list[ServiceStatus]: ...


class Services:
    """{"services": [{"name", "state", "health", "broken"}]} of whatever stack is up; none where none is."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._target: str | None = None
        self._eye: Eye | None = None
        self._journal = journal_of(settings)
        self._journal_file = settings.state / "faults.jsonl"
        self._journal_read: tuple[int, int] | None = None
        self._faults: list[OpenFault] = []

    def look(self) -> dict[str, Any]:
        """Raises LabError."""
        name = self._settings.target or target_in_force(self._settings)
        if name != self._target or self._eye is None:
            self._eye = _eye(open_target(name, self._settings)) if name else None
            self._target = name
        broken = {fault.node: fault.fault for fault in self._open_faults()}
        statuses = self._eye.statuses() if self._eye else []
        return {
            "services": [
                {"name": one.name, "state": one.state, "health": one.health, "broken": broken.get(one.name)}
                for one in statuses
            ]
        }

    def _open_faults(self) -> list[OpenFault]:
        """Read again only when the journal has grown."""
        try:
            stat = self._journal_file.stat()
        except OSError:
            self._journal_read = None
            return []
        if (stat.st_mtime_ns, stat.st_size) != self._journal_read:
            self._journal_read = (stat.st_mtime_ns, stat.st_size)
            self._faults = self._journal.open_faults()
        return self._faults


def _eye(target: Target) -> Eye:
    return LocalEye(target) if isinstance(target, LocalTarget) else SlowEye(target)


class SlowEye:
    """Asks the target itself, every few seconds."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._found: list[ServiceStatus] = []
        self._ask_next = 0.0

    def statuses(self) -> list[ServiceStatus]:
        """Raises LabError."""
        if time.monotonic() >= self._ask_next:
            self._found = self._target.status()
            self._ask_next = time.monotonic() + STATUS_EVERY
        return self._found


class LocalEye:
    """Reads the state of each service's first process; supervisor says which process that is."""

    def __init__(self, target: LocalTarget) -> None:
        self._services = target.stack.services
        self._layout = Layout(target.settings, target.stack)
        self._keeper = Keeper(self._layout)
        self._kept: dict[str, Kept] = {}
        self._listed = -LISTED_EVERY
        self._health: dict[tuple[str, int], Health] = {}
        """By service and process: another process has to show its health anew."""
        self._probing = threading.Event()
        self._probe_next = 0.0
        self._turn: list[str] = []

    def statuses(self) -> list[ServiceStatus]:
        """Never raises: without a supervisor every service is absent."""
        letters = self._letters()
        age = time.monotonic() - self._listed
        whole = all(letters.get(name) for name, kept in self._kept.items() if kept.pid)
        if age > LISTED_EVERY or (age > ELSE_EVERY and not (whole and self._is_settled())):
            self._list()
            letters = self._letters()
        self._probe(letters)
        return [self._status(service, letters.get(name, "")) for name, service in self._services.items()]

    def _list(self) -> None:
        try:
            self._kept = self._keeper.processes()
        except LabError:
            self._kept = {}
        self._listed = time.monotonic()

    def _is_settled(self) -> bool:
        """Nothing is expected to start: what has ended is a one-shot service that did its work."""
        return bool(self._kept) and all(
            kept.pid or (name in self._services and self._services[name].one_shot and kept.exit_code == 0)
            for name, kept in self._kept.items()
        )

    def _letters(self) -> dict[str, str]:
        """The state letter (man 5 proc) of each service's first process; none where there is no such process."""
        found = {}
        for name, kept in self._kept.items():
            if kept.pid:
                try:
                    letter = Path("/proc", str(kept.pid), "stat").read_text().rpartition(") ")[2][:1]
                except OSError:
                    continue
                if letter not in "ZX":
                    found[name] = letter
        return found

    def _status(self, service: Service, letter: str) -> ServiceStatus:
        kept = self._kept.get(service.name)
        if kept is None or kept.began == 0:
            return ServiceStatus(service.name, "absent", "none")
        if letter:
            state: State = "paused" if letter == "T" else "running"
            health = self._health.get((service.name, kept.pid), "none")
            if health != "healthy" and service.healthcheck and time.time() - kept.began < NEW_FOR:
                health = "starting"
            return ServiceStatus(service.name, state, "unhealthy" if state == "paused" else health)
        if kept.state in ("STARTING", "BACKOFF"):
            return ServiceStatus(service.name, "starting", "starting")
        done = service.one_shot and kept.exit_code == 0
        return ServiceStatus(service.name, "exited", "completed" if done else "unhealthy")

    def _probe(self, letters: dict[str, str]) -> None:
        """Run one health check beside the looks: whose health is unknown comes first, then each in turn."""
        if self._probing.is_set() or time.monotonic() < self._probe_next:
            return
        alive = [name for name, letter in letters.items() if letter != "T" and name in self._services]
        alive = [name for name in alive if self._services[name].healthcheck]
        if not alive:
            return
        unknown = [name for name in alive if self._health.get((name, self._kept[name].pid)) != "healthy"]
        self._turn = [name for name in self._turn if name in alive] or list(alive)
        name = unknown[0] if unknown else self._turn.pop(0)
        if unknown:  # several that wait take turns too
            self._turn = [one for one in self._turn if one != name]
        self._probe_next = time.monotonic() + (ELSE_EVERY if unknown else PROBED_EVERY)
        self._probing.set()
        threading.Thread(target=self._probe_one, args=(name, self._kept[name].pid), daemon=True).start()

    def _probe_one(self, name: str, pid: int) -> None:
        try:
            healthy = passes(self._layout, self._services[name])
            self._health = {
                **{key: one for key, one in self._health.items() if key[0] != name},
                (name, pid): "healthy" if healthy else "unhealthy",
            }
        except OSError:
            return  # the stack is being taken down
        finally:
            self._probing.clear()
