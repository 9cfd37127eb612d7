"""Programs that a run starts itself, and may break: workers with settings that no service of the stack has.

A scenario's own module starts them here; `lab.fault(killed, "worker-1", of=processes)` breaks them as it breaks a
service: journalled, proved, mended. They end when the run ends, however it ends: on leaving, or, when the lab itself is
killed, by their parent-death signal. So the journal lies in their own folder: nobody has to heal what is gone.

A node is a program by its name, or one process that it has started: `worker-1/4711`. Such a child is not started again
by us but by its program; it is mended when the program has as many as before.
"""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from lab.cluster.local.processes import signal_all, states_of
from lab.cluster.target import Ability, Health, LabError, Refused, ServiceStatus, State
from lab.journal import Journal
from lab.waiting import NotReached, wait_for

_DIE_WITH_PARENT = ("setpriv", "--pdeathsig", "KILL")
_ENDED_WITHIN = 10.0


@dataclass(slots=True)
class _Program:
    argv: list[str]
    log: Path
    ready: str
    process: subprocess.Popen[bytes] | None = None
    log_begins: int = 0
    """Where in the log its present life begins."""
    dead_children: dict[int, int] = field(default_factory=dict)
    """Each child that was killed: how many there should be again."""
    awaited: set[int] = field(default_factory=set)
    """Killed children whose successors are waited for."""


class Processes:
    """The programs of one run. A context manager; leaving it ends them all."""

    name = "run"
    abilities: frozenset[Ability] = frozenset({"kill", "stop", "pause"})

    def __init__(self, directory: Path) -> None:
        """directory: what the programs run in."""
        self._directory = directory
        self._programs: dict[str, _Program] = {}
        self._folder = Path(tempfile.mkdtemp(prefix="lab-run-"))
        self.journal = Journal(self._folder / "faults.jsonl")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for program in self._programs.values():
            if program.process:
                signal_all(program.process.pid, signal.SIGKILL)
        for name, program in self._programs.items():
            if program.process:
                program.process.wait()
                pid = program.process.pid
                wait_for(f"the end of all that {name} started", partial(_is_gone, pid), _ENDED_WITHIN)
        shutil.rmtree(self._folder, ignore_errors=True)

    def run(self, name: str, argv: Sequence[str], environment: Mapping[str, str], ready: str) -> None:
        """Start a program with these variables beside ours. It is healthy once its log says `ready`."""
        words = ["env", *(f"{key}={value}" for key, value in environment.items()), *_DIE_WITH_PARENT, *argv]
        self._programs[name] = _Program(words, self._folder / f"{name}.log", ready)
        self.start(name)

    def await_ready(self, name: str, within: float = 60.0) -> None:
        """Wait until it is healthy. Raises LabError, with its last words, when it is not, or ends."""

        def settled() -> bool:
            status = self.status_of(name)
            return status.health == "healthy" or status.state == "exited"

        try:
            wait_for(f"{name} to be ready", settled, within, every=0.05)
        except NotReached as error:
            raise LabError(f"{error}. {self._last_words(name)}") from error
        if self.status_of(name).state == "exited":
            raise LabError(f"{name} ended before it was ready. {self._last_words(name)}")

    def children(self, name: str) -> list[int]:
        """The processes that the program itself has started, oldest first, without those that have ended."""
        process = self._program(name).process
        if process is None or not states_of(process.pid):
            return []
        try:
            found = psutil.Process(process.pid).children()
            return [
                one.pid for one in sorted(found, key=lambda one: one.create_time()) if one.pid in states_of(one.pid)
            ]
        except psutil.NoSuchProcess:
            return []

    def exit_code(self, name: str) -> int | None:
        """None while it runs; negative: the signal that ended it."""
        process = self._program(name).process
        return process.poll() if process else None

    def signal(self, name: str, number: signal.Signals) -> None:
        """Send a signal to the program alone, as a supervisor does."""
        self._living(name).send_signal(number)

    def why_not(self, ability: Ability) -> str:
        return (
            "a program of the run shares this machine's network" if ability == "cut_off" else "it cannot be done here"
        )

    def status_of(self, node: str) -> ServiceStatus:
        name, _, child = node.partition("/")
        program = self._program(name)
        if child:
            return self._status_of_child(program, name, int(child))
        states = set(states_of(program.process.pid).values()) if program.process else set()
        if program.process is None or program.process.poll() is not None or not states:
            return ServiceStatus(node, "exited", "unhealthy", self.exit_code(name))
        state: State = "paused" if states == {"T"} else "running"
        health: Health = "healthy" if state == "running" and program.ready in self.log_text(name) else "unhealthy"
        return ServiceStatus(node, state, health, pid=program.process.pid)

    def kill(self, node: str) -> None:
        name, _, child = node.partition("/")
        program = self._program(name)
        if not child:
            signal_all(self._living(name).pid, signal.SIGKILL)
            return
        if int(child) not in (children := self.children(name)):
            raise Refused(f"{name} has no process {child}. It has: {', '.join(map(str, children)) or 'none'}.")
        program.dead_children[int(child)] = len(children)
        os.kill(int(child), signal.SIGKILL)

    def stop(self, node: str) -> None:
        self.signal(node, signal.SIGTERM)

    def start(self, node: str) -> None:
        name, _, child = node.partition("/")
        program = self._program(name)
        if child:
            program.awaited.add(int(child))
            return
        if program.process:
            program.process.wait(_ENDED_WITHIN)
            _end_what_is_left_of(program.process.pid)
        program.log_begins = program.log.stat().st_size if program.log.exists() else 0
        with program.log.open("ab") as log:
            program.process = subprocess.Popen(
                program.argv,
                cwd=self._directory,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def pause(self, node: str) -> None:
        signal_all(self._living(node).pid, signal.SIGSTOP)

    def unpause(self, node: str) -> None:
        if (process := self._program(node).process) and process.poll() is None:
            signal_all(process.pid, signal.SIGCONT)

    def cut_off(self, node: str) -> None:
        raise Refused(f"{node} cannot be cut off, because {self.why_not('cut_off')}.")

    def rejoin(self, node: str) -> None:
        """Nothing was cut off."""

    def log_lines(self, node: str, last: int = 20) -> list[str]:
        return self.log_text(node.partition("/")[0]).splitlines()[-last:]

    def log_text(self, name: str) -> str:
        """What it has printed since it was last started."""
        program = self._program(name)
        with program.log.open("rb") as log:
            log.seek(program.log_begins)
            return log.read().decode(errors="replace")

    def _status_of_child(self, program: _Program, name: str, pid: int) -> ServiceStatus:
        children = self.children(name)
        if pid in children:
            return ServiceStatus(f"{name}/{pid}", "running", "healthy", pid=pid)
        if pid in program.awaited and len(children) >= program.dead_children[pid]:
            return ServiceStatus(f"{name}/{pid}", "running", "healthy", pid=children[-1])
        return ServiceStatus(f"{name}/{pid}", "exited", "unhealthy")

    def _program(self, name: str) -> _Program:
        if name not in self._programs:
            raise Refused(f"This run has started no {name!r}. It has: {', '.join(self._programs) or 'nothing'}.")
        return self._programs[name]

    def _living(self, name: str) -> subprocess.Popen[bytes]:
        process = self._program(name).process
        if process is None or process.poll() is not None:
            raise Refused(f"{name} does not run.")
        return process

    def _last_words(self, name: str) -> str:
        return "It printed last:\n  " + "\n  ".join(self.log_lines(name, 8))


def _end_what_is_left_of(pid: int) -> None:
    """What a program has left behind that ended, as it would end with its container."""
    if states_of(pid):
        signal_all(pid, signal.SIGKILL)


def _is_gone(pid: int) -> bool:
    return not states_of(pid)
