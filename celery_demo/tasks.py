"""The class task of the notes: one instance a process, so what it keeps on itself survives from call to call."""

import os
from typing import Any

from celery import Celery, Task


class AddTask(Task):
    """Adds, and counts how often this process was asked."""

    name = "tasks.add"

    def __init__(self) -> None:
        self.calls = 0

    def run(self, x: int, y: int) -> dict[str, Any]:
        self.calls += 1
        return {"sum": x + y, "calls": self.calls, "pid": os.getpid()}


def register(app: Celery) -> Task:
    """A class is not registered by itself, as a decorated function is."""
    return app.register_task(AddTask())
