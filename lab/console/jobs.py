"""Runs that are started from a page: each is `lab run` as a child in a session of its own, one at a time.

The stack's own lock decides who may run, so a run from a terminal and one from a page keep out of each other's way. The
child writes its words into files and not into a pipe: when the console ends, the run goes on and nothing is lost. Notes
about it stand beside them, so that the next console, or another, knows the run as one of a page and can stop it.
"""

import os
import secrets
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import msgspec

from lab.cluster.targets import target_in_force
from lab.console.catalogue import Catalogue
from lab.console.children import spawn
from lab.console.ends import how_it_ended, refusal_of, why_not_judged
from lab.console.orders import Order, check
from lab.console.records import record_of
from lab.console.refusals import Refusal
from lab.console.writers import Holder, holder_of
from lab.settings import Settings
from lab.waiting import pause_here
from lab.words import _

COMMAND = (sys.executable, "-m", "lab", "run")
BEGINS_WITHIN = 180.0
"""Seconds until a child has its run folder: it imports the clients of every system first."""
LOOK_EVERY = 0.1
LET_GO_WITHIN = 20.0
"""Seconds for whoever holds the stack and records nothing: it keeps logs, breaks or mends, and will soon be gone."""
KEPT = 50
"""Notes of jobs that have ended."""


class Job(msgspec.Struct):
    """One run of a page, as its note says."""

    id: str
    pid: int
    scenario: str
    variant: str
    run: str = ""
    stopped: bool = False


class Jobs:
    """The runs of one stack. Every method may be called in any console of that stack."""

    def __init__(self, settings: Settings, catalogue: Catalogue) -> None:
        self._settings = settings
        self._catalogue = catalogue
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._starting = threading.Lock()

    async def start(self, order: Order) -> Job:
        """Start a run; returns once its folder exists. Raises Refusal when it may not, or cannot, begin."""
        await check(order, self._catalogue)
        self.refuse_without_stack()
        if not self._starting.acquire(blocking=False):
            raise Refusal(409, _("Another run is just being started."), _("Wait for it to end, or stop it."))
        try:
            await self._wait_for_the_stack()
            job = self._spawn(order)
            return await self._begun(job)
        finally:
            self._starting.release()

    def refuse_without_stack(self) -> None:
        """Raises Refusal (503) while there is nothing to drive."""
        if not (self._settings.target or target_in_force(self._settings)):
            raise Refusal(503, _("No stack is up."), "bin/lab up")

    def current(self) -> dict[str, Any] | None:
        """The run that holds the stack: {"job", "run", "scenario", "variant"}, and "elsewhere" when it is no page's."""
        for child in self._children.values():
            child.poll()
        holder = self.holder()
        if not holder or not holder.run:
            return None
        record = record_of(self._settings.runs, holder.run)
        found = {
            "run": holder.run,
            "scenario": record.scenario if record else "",
            "variant": record.variant if record else "",
        }
        job = next((job for job in self._notes() if job.pid == holder.pid), None)
        if job:
            return {"job": job.id, **found}
        return {"job": f"process-{holder.pid}", **found, "elsewhere": True}

    def stop(self, id: str) -> Job:
        """End a run as Ctrl-C would: it mends and is judged. Raises Refusal when it cannot be ended from here."""
        job = next((job for job in self._notes() if job.id == id), None)
        holder = self.holder()
        if not job:
            if holder and id == f"process-{holder.pid}":
                sentence = _("This run was started in a terminal (process {pid}).").format(pid=holder.pid)
                raise Refusal(409, sentence, _("Ctrl-C there ends it."))
            raise Refusal(404, _("There is no such run."))
        child = self._children.get(id)
        if not (holder and holder.pid == job.pid) and (child is None or child.poll() is not None):
            raise Refusal(409, _("This run has ended already."))
        if not job.stopped:
            # Once only: a second signal would end the mending too. SIGTERM is what the lab takes for Ctrl-C, and unlike
            # SIGINT it cannot have been switched off by the shell that started us in the background.
            job.stopped = True
            self._note(job)
            os.kill(job.pid, signal.SIGTERM)
        return job

    def holder(self) -> Holder | None:
        """The process that holds the stack."""
        return holder_of(self._settings.state / "run.lock", self._settings.runs)

    def going_on(self) -> bool:
        """Whether a run of a page goes on."""
        return any(child.poll() is None for child in self._children.values())

    def why_ended(self, run: str) -> str:
        """Why a run that nobody writes any more has no verdict, as a sentence with what to do."""
        job = next((job for job in self._notes() if job.run == run), None)
        child = self._children.get(job.id) if job else None
        how = how_it_ended(child.poll() if child else None, self._file(job.id, "err")) if job else ""
        return why_not_judged(how, run, self._settings)

    async def _wait_for_the_stack(self) -> None:
        waited = 0.0
        while holder := self.holder():
            if holder.run or waited > LET_GO_WITHIN:
                sentence = _("Another run (process {pid}) is using this stack.").format(pid=holder.pid)
                raise Refusal(409, sentence, _("Wait for it to end, or stop it."))
            await pause_here(LOOK_EVERY)
            waited += LOOK_EVERY

    def _spawn(self, order: Order) -> Job:
        self._forget_old()
        id = secrets.token_hex(6)
        command = [*COMMAND, *order.arguments(), "--json", "--announce"]
        try:
            self._file(id, "").mkdir(parents=True)
            with self._file(id, "out").open("wb") as out, self._file(id, "err").open("wb") as err:
                child = spawn(self._settings, command, out, err)
        except OSError as error:
            sentence = _("The run cannot be started: {error}.").format(error=error)
            raise Refusal(503, sentence, _("Make room, or set LAB_STATE_ROOT.")) from error
        self._children[id] = child
        job = Job(id, child.pid, order.scenario, order.variant)
        self._note(job)
        return job

    async def _begun(self, job: Job) -> Job:
        child = self._children[job.id]
        waited = 0.0
        while True:
            ended = child.poll() is not None
            if run := _announced(self._file(job.id, "out")):
                job.run = run
                self._note(job)
                return job
            if ended:
                raise refusal_of(child.returncode, self._file(job.id, "err"), busy=self.holder() is not None)
            if waited > BEGINS_WITHIN:
                child.terminate()
                sentence = _("The run did not begin within {seconds:.0f} s.").format(seconds=BEGINS_WITHIN)
                raise Refusal(503, sentence, "bin/lab status")
            await pause_here(LOOK_EVERY)
            waited += LOOK_EVERY

    def _file(self, id: str, name: str) -> Path:
        return self._settings.state / "jobs" / id / name

    def _note(self, job: Job) -> None:
        file, new = self._file(job.id, "job.json"), self._file(job.id, "job.new")
        new.write_bytes(msgspec.json.encode(job))
        new.replace(file)

    def _notes(self) -> list[Job]:
        """The newest first."""
        found: list[tuple[float, Job]] = []
        for file in (self._settings.state / "jobs").glob("*/job.json"):
            try:
                found.append((file.stat().st_mtime, msgspec.json.decode(file.read_bytes(), type=Job)))
            except (OSError, msgspec.MsgspecError):
                continue
        return [job for _when, job in sorted(found, key=lambda pair: pair[0], reverse=True)]

    def _forget_old(self) -> None:
        for job in self._notes()[KEPT:]:
            child = self._children.get(job.id)
            if child is None or child.poll() is not None:
                self._children.pop(job.id, None)
                shutil.rmtree(self._file(job.id, ""), ignore_errors=True)


def _announced(out: Path) -> str:
    """The folder's name, once the child has printed its line."""
    line, newline, _rest = out.read_bytes().partition(b"\n")
    return str(msgspec.json.decode(line)["began"]) if newline else ""
