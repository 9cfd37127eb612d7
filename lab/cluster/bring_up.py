"""Starts the stack on Docker and waits until it is healthy; ComposeTarget.up hands over, with the node states before.

    images -> `docker compose up -d` beside us -> a sentence for each service as it becomes healthy -> done, or why not

`docker compose up --wait` would do, but it is silent for as long as it takes, and it calls a container that has just
been unpaused unhealthy.
"""

import re
import tempfile
import time
from collections.abc import Sequence
from typing import IO, Protocol

from lab.cluster.docker import Docker, complaint
from lab.cluster.fields import Port
from lab.cluster.local.ports import holder
from lab.cluster.stack import Stack
from lab.cluster.target import LabError, ServiceStatus, StackUnavailable, Tell
from lab.waiting import NotReached, wait_for

HEALTHY_WITHIN = 300.0
"""Seconds; the whole stack needs 10 to 25 s on 2 cores (our own runs)."""
GIVEN_UP_AFTER = 5
"""Restarts by the engine, which waits longer before each. A service may need one or two, until a broker knows it."""
STOPPED_WITHIN = 180.0
"""Seconds; each wave of services that others depend on may use its grace period of 30 s."""
_PORT_TAKEN = re.compile(r"already allocated|already in use|ports are not available", re.IGNORECASE)


class Containers(Protocol):
    """What is needed of the target: how each service is, how often it ended, what it said last."""

    def status(self) -> list[ServiceStatus]: ...

    def log_lines(self, node: str, last: int = 20) -> list[str]: ...

    def restarts(self, node: str) -> int: ...


class BringUp:
    """One `up`: of `names` and all that they depend on, in this order of the file."""

    def __init__(self, docker: Docker, stack: Stack, names: Sequence[str], containers: Containers, tell: Tell) -> None:
        self._docker, self._stack, self._containers, self._tell = docker, stack, containers, tell
        self._asked_for = list(names)
        self._wanted = stack.with_dependencies(names)
        self._began = time.monotonic()
        self._ready: set[str] = set()
        self._told: set[str] = set()
        self._restarts_before: dict[str, int] = {}

    def run(self) -> None:
        """Raises StackUnavailable in one sentence; on Ctrl-C stops what this call has started, and lets it through."""
        before = self._containers.status()
        self._ready = {status.name for status in before if self._is_ready(status)}
        try:
            self._start_and_wait()
        except KeyboardInterrupt:
            ran = {status.name for status in before if status.state in ("running", "starting")}
            if started := [name for name in self._wanted if name not in ran]:
                self._tell("Interrupted: stopping what was started.")
                self._docker.compose("stop", "--timeout", "5", *started, within=STOPPED_WITHIN)
            raise

    def _start_and_wait(self) -> None:
        with tempfile.TemporaryFile("w+", errors="replace") as output:
            with self._docker.composing("up", "-d", *self._asked_for, output=output) as process:
                try:
                    wait_for(
                        "every service to be healthy",
                        lambda: process.poll() not in (None, 0) or self._all_ready(process.poll() == 0),
                        within=HEALTHY_WITHIN,
                        every=0.5,
                    )
                except NotReached as error:
                    raise StackUnavailable(f"{error}. {self._last_words()}") from error
            if process.returncode != 0:
                raise self._failure(_text(output))

    def _all_ready(self, all_started: bool) -> bool:
        """Tell of each service that has become healthy. Raises StackUnavailable for one that will not.

        One that was healthy before is told of last: until all are started, its container may yet be replaced.
        """
        statuses = {status.name: status for status in self._containers.status()}
        for status in (statuses[name] for name in self._wanted):
            ready, was_ready = self._is_ready(status), status.name in self._ready
            if not ready:
                self._ready.discard(status.name)
            elif status.name not in self._told and (all_started or not was_ready):
                self._told.add(status.name)
                done = "has done its work" if status.health == "completed" else "is healthy"
                self._tell(f"{status.name} {done} ({time.monotonic() - self._began:.1f} s)")
            if all_started and status.state == "exited" and not ready:
                raise StackUnavailable(f"{status.name} ended with exit code {status.exit_code}. {self._last_words()}")
            if status.state == "starting" and self._restarts(status.name) >= GIVEN_UP_AFTER:
                raise StackUnavailable(f"{status.name} has ended {GIVEN_UP_AFTER} times. {self._last_words()}")
        return all_started and all(self._is_ready(statuses[name]) for name in self._wanted)

    def _is_ready(self, status: ServiceStatus) -> bool:
        if self._stack.services[status.name].one_shot:
            return status.health == "completed"
        return status.state == "running" and status.health in ("healthy", "none")

    def _restarts(self, name: str) -> int:
        """Since this call first saw the container at it: an old one may have gone on so for hours."""
        now = self._containers.restarts(name)
        return now - self._restarts_before.setdefault(name, now)

    def _failure(self, output: str) -> LabError:
        """Why `docker compose up` failed, with what to do about it."""
        if found := taken_port(self._stack, output):
            name, port = found
            other = f"choose another: {port.variable}={port.host + 1}" if port.variable else "change docker-compose.yml"
            return StackUnavailable(
                f"{name} cannot publish {port.host_ip}:{port.host}: the port is taken by "
                f"{holder(port.host_ip, port.host)}. End that, or {other}."
            )
        return StackUnavailable(f"`docker compose up` failed: {complaint(output)} {self._last_words()}".rstrip())

    def _last_words(self) -> str:
        """What the first service that is not healthy said last."""
        for status in self._containers.status():
            if status.name in self._wanted and status.state != "absent" and not self._is_ready(status):
                lines = "\n  ".join(self._containers.log_lines(status.name, 8))
                return f"The last words of {status.name} ({status.state}, {status.health}):\n  {lines}"
        return ""


def taken_port(stack: Stack, output: str) -> tuple[str, Port] | None:
    """The service and its published port that docker says is taken, in any of its ways to say so."""
    complaints = [line for line in output.splitlines() if _PORT_TAKEN.search(line)]
    for service in stack.services.values():
        for port in service.ports:
            if any(re.search(rf"{re.escape(port.host_ip)}:{port.host}\b", line) for line in complaints):
                return service.name, port
    return None


def _text(output: IO[str]) -> str:
    output.seek(0)
    return output.read()
