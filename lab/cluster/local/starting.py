"""`up`, once the supervisor is there: start what is not running, in parallel, and wait until each is healthy.

Each service goes from *waiting* (for what it depends on) to *started* to *done* (healthy, completed, or just running
when the file gives it no health check). A service that has the definition of now is left alone, or waked when paused.
"""

import signal
import time
from collections.abc import Collection, Mapping
from concurrent.futures import Future, ThreadPoolExecutor

from lab.cluster.local import programs
from lab.cluster.local.health import passes, what_is_missing
from lab.cluster.local.keeper import Keeper, Kept
from lab.cluster.local.layout import Layout
from lab.cluster.local.logs import last_lines
from lab.cluster.local.processes import ended, signal_all, states_of
from lab.cluster.local.programs import Prepared
from lab.cluster.target import StackUnavailable, Tell
from lab.waiting import TELL_EVERY, pause

WITHIN = 180.0
"""Seconds in which everything must be healthy. The slowest cold start of the whole stack that we saw took 28 s."""

_LOOK_EVERY = 0.1
_PROBE_EVERY = 0.25
_CRASHES_ALLOWED = 2
_WORTH_A_WORD = 3.0


class Start:
    """One `up`. `started` holds what it has spawned itself, for the caller to stop when it is interrupted."""

    def __init__(self, layout: Layout, keeper: Keeper, prepared: Mapping[str, Prepared], tell: Tell) -> None:
        self.started: set[str] = set()
        self._layout, self._keeper, self._prepared, self._tell = layout, keeper, prepared, tell
        self._services = layout.stack.services
        self._since: dict[str, float] = {}
        self._done: dict[str, str] = {}
        self._pids: dict[str, set[int]] = {}
        self._probes: dict[str, Future[bool]] = {}
        self._probe_next: dict[str, float] = {}

    def run(self, names: Collection[str]) -> None:
        """Start `names` and wait for all of them. StackUnavailable, with the log of the culprit, when one cannot be."""
        began = tell_next = time.monotonic()
        with ThreadPoolExecutor(max_workers=8, thread_name_prefix="health") as pool:
            while len(self._done) < len(names):
                kept = self._keeper.processes()
                for name in names:
                    if name in self._done:
                        continue
                    if name in self._since:
                        self._look_at(kept[name], pool)
                    elif self._may_start(name):
                        self._start(kept[name])
                now = time.monotonic()
                if now - began > WITHIN:
                    raise StackUnavailable(self._gave_up([name for name in names if name not in self._done]))
                if now - tell_next > TELL_EVERY:
                    tell_next = now
                    self._say_what_is_waited_for()
                pause(_LOOK_EVERY)

    def _may_start(self, name: str) -> bool:
        started, done = self._since.keys(), self._done.keys()
        return all(
            other in (started if condition == "service_started" else done)
            for other, condition in self._services[name].depends_on.items()
        )

    def _start(self, kept: Kept) -> None:
        name, prepared = kept.name, self._prepared[kept.name]
        if kept.state == "STOPPING" or (kept.pid and ended(kept.pid)):
            return  # supervisor has yet to notice the end; it would not start what it takes for running
        self._since[name] = time.monotonic()
        same = not programs.has_changed(self._layout, prepared)
        if kept.pid:
            if "T" in states_of(kept.pid).values():
                signal_all(kept.pid, signal.SIGCONT)
                self._tell(f"{name} was paused and goes on")
            return
        if same and self._services[name].one_shot and kept.state == "EXITED" and kept.exit_code == 0:
            self._done[name] = "completed"
            return
        programs.write(self._layout, prepared)
        self.started.add(name)
        self._keeper.start(name)

    def _look_at(self, kept: Kept, pool: ThreadPoolExecutor) -> None:
        name, service = kept.name, self._services[kept.name]
        pids = self._pids.setdefault(name, set())
        if kept.pid:
            pids.add(kept.pid)
        if kept.state in ("EXITED", "FATAL", "STOPPED", "UNKNOWN"):
            if service.one_shot and kept.state == "EXITED" and kept.exit_code == 0:
                self._finish(name, "completed")
                return
            raise StackUnavailable(self._has_ended(kept))
        if len(pids) > _CRASHES_ALLOWED:
            raise StackUnavailable(self._has_ended(kept, again=True))
        if service.healthcheck:
            self._probe(name, pool)
        elif not service.one_shot:
            self._finish(name, "running")

    def _probe(self, name: str, pool: ThreadPoolExecutor) -> None:
        now = time.monotonic()
        if name not in self._probes:
            if now >= self._probe_next.get(name, 0.0):
                self._probe_next[name] = now + _PROBE_EVERY
                self._probes[name] = pool.submit(passes, self._layout, self._services[name])
        elif self._probes[name].done() and self._probes.pop(name).result():
            self._finish(name, "healthy")

    def _finish(self, name: str, how: str) -> None:
        self._done[name] = how
        if name in self.started:
            verb = "has" if how == "completed" else "is"
            self._tell(f"{name} {verb} {how} after {time.monotonic() - self._since[name]:.1f} s")

    def _say_what_is_waited_for(self) -> None:
        for name, since in self._since.items():
            seconds = time.monotonic() - since
            if name not in self._done and seconds > _WORTH_A_WORD:
                self._tell(f"waiting for {name}: {what_is_missing(self._services[name])} ({seconds:.0f} s)")

    def _has_ended(self, kept: Kept, again: bool = False) -> str:
        how = "ended by a signal" if kept.exit_code < 0 else f"ended with exit code {kept.exit_code}"
        how = f"{how} again and again" if again else how
        return f"{kept.name} {how} while the stack was starting. {self._last_words(kept.name)}"

    def _gave_up(self, missing: list[str]) -> str:
        first = next((name for name in missing if name in self._since), missing[0])
        why = what_is_missing(self._services[first])
        return f"{', '.join(missing)} not ready after {WITHIN:.0f} s. {first}: {why}. {self._last_words(first)}"

    def _last_words(self, name: str) -> str:
        # Of a Java stack trace only the sentences: the frames would fill the screen and say nothing to a user.
        said = [line for line in last_lines(self._layout, name, 100) if not line.startswith("\tat ")]
        last = "\n  ".join(said[-8:]) or "(nothing)"
        return f"It printed last:\n  {last}\nThe whole log is {self._layout.log(name)}; then run `bin/lab up` again."
