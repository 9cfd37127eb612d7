"""Tasks for experiments: they take a given time, and one of them kills the process that runs it.

`probe.tasks.*` has no rule of its own, so whoever sends one names the queue.
"""

import os
import signal
from threading import Event

from celery import shared_task


@shared_task(name="probe.tasks.work")
def work(seconds: float = 0.0) -> None:
    """Take a while."""
    Event().wait(seconds)


@shared_task(name="probe.tasks.work_late", acks_late=True, reject_on_worker_lost=False)
def work_late(seconds: float = 0.0) -> None:
    """The same, acknowledged when it has ended."""
    Event().wait(seconds)


@shared_task(name="probe.tasks.work_late_reject", acks_late=True, reject_on_worker_lost=True)
def work_late_reject(seconds: float = 0.0) -> None:
    """The same, and given back when its process dies."""
    Event().wait(seconds)


@shared_task(name="probe.tasks.work_early", acks_late=False, reject_on_worker_lost=False)
def work_early(seconds: float = 0.0) -> None:
    """The same, acknowledged before it starts."""
    Event().wait(seconds)


@shared_task(name="probe.tasks.poison", acks_late=True, reject_on_worker_lost=True)
def poison() -> None:
    """Kill the process that runs this, as a crash in a C library or the out-of-memory killer would."""
    os.kill(os.getpid(), signal.SIGKILL)
