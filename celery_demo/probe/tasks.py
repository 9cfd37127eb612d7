"""Tasks for experiments: they take a given time, and one of them kills the process that runs it.

`again` is the time that they take when they come for the second time: an experiment that means to break the first
execution makes that one long, and needs no luck to be in time.

`probe.tasks.*` has no rule of its own, so whoever sends one names the queue.
"""

import os
import signal
from threading import Event

from celery import current_task, shared_task


@shared_task(name="probe.tasks.work")
def work(seconds: float = 0.0, again: float | None = None) -> None:
    """Take a while."""
    _take(seconds, again)


@shared_task(name="probe.tasks.work_late", acks_late=True, reject_on_worker_lost=False)
def work_late(seconds: float = 0.0, again: float | None = None) -> None:
    """The same, acknowledged when it has ended."""
    _take(seconds, again)


@shared_task(name="probe.tasks.work_late_reject", acks_late=True, reject_on_worker_lost=True)
def work_late_reject(seconds: float = 0.0, again: float | None = None) -> None:
    """The same, and given back when its process dies."""
    _take(seconds, again)


@shared_task(name="probe.tasks.work_early", acks_late=False, reject_on_worker_lost=False)
def work_early(seconds: float = 0.0, again: float | None = None) -> None:
    """The same, acknowledged before it starts."""
    _take(seconds, again)


@shared_task(name="probe.tasks.poison", acks_late=True, reject_on_worker_lost=True)
def poison() -> None:
    """Kill the process that runs this, as a crash in a C library or the out-of-memory killer would."""
    os.kill(os.getpid(), signal.SIGKILL)


def _take(seconds: float, again: float | None) -> None:
    came_before = (current_task.request.delivery_info or {}).get("redelivered")
    Event().wait(again if came_before and again is not None else seconds)
