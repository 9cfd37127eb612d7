"""What a worker of this demo does besides running tasks: it makes what it needs, keeps the ledger, says that it lives.

`celery.py` calls `equip` on its application. Celery's signals then come here: in the worker's main process when it
starts, in the process that runs the task around every execution.
"""

import json
import logging
import re
import time
from collections.abc import Mapping
from functools import partial
from threading import Event
from typing import Any

from celery import Celery, bootsteps, signals

from celery_demo import settings
from celery_demo.broker import declare, make_virtual_host
from celery_demo.errors import CeleryDemoError
from celery_demo.health import Health
from celery_demo.ledger import Ledger
from celery_demo.setup import SENT_AT

READY_WITHIN = 60.0
LONGEST_RESULT = 200
BROKEN_OFF = "broken off"
"""The outcome of an execution that the worker ended before the task did, as a cold shutdown does."""
_DELAYED = re.compile(r"^(?:[01]\.){28}")
"""What delayed delivery puts before a routing key: the countdown in binary digits."""

log = logging.getLogger("celery_demo")
ledger = Ledger()
health = Health()
_running: dict[str, int] = {}
"""The ledger's number of each execution that this process has under way."""


def equip(app: Celery) -> None:
    """Connect the signals, and let the worker's own loop say that it turns."""
    signals.worker_init.connect(_prepare)
    signals.worker_process_init.connect(_in_a_child)
    signals.task_prerun.connect(_starts)
    signals.task_postrun.connect(_ended)
    app.steps["consumer"].add(_Beat)


class _Beat(bootsteps.StartStopStep):
    """Beats in the worker's event loop: a worker that hangs, or has no connection, beats no more."""

    requires = ("celery.worker.consumer.tasks:Tasks",)

    def start(self, consumer: Any) -> None:
        health.listen(settings.read().health)
        health.beat()
        consumer.timer.call_repeatedly(2.0, health.beat)


def _prepare(sender: Any = None, **_: object) -> None:
    """Before the worker connects: wait for broker and ledger, and have what they lack made."""
    until = time.monotonic() + READY_WITHIN
    for make in (partial(make_virtual_host, sender.app), partial(declare, sender.app), ledger.make):
        while True:
            try:
                make()
                break
            except CeleryDemoError as error:
                if time.monotonic() > until:
                    raise SystemExit(f"celery_demo: {error}") from error
                log.warning("%s; trying again", error)
                Event().wait(1)
    ledger.close()  # the children make their own connections


def _in_a_child(**_: object) -> None:
    health.forget()


def _starts(task_id: str, task: Any, **_: object) -> None:
    about = task.request
    came = about.delivery_info or {}
    headers: Mapping[str, Any] = about.headers or {}
    _running[task_id] = ledger.started(
        task_id,
        task.name,
        about.retries or 0,
        bool(came.get("redelivered")),
        _DELAYED.sub("", str(came.get("routing_key") or "")),
        str(about.hostname),
        headers.get(SENT_AT),
    )


def _ended(task_id: str, state: str | None = None, retval: object = None, **_: object) -> None:
    if (number := _running.pop(task_id, None)) is not None:
        error = f"{type(retval).__name__}: {retval}" if isinstance(retval, Exception) else None
        result = json.dumps(retval)[:LONGEST_RESULT] if state == "SUCCESS" else None
        ledger.ended(number, (state or BROKEN_OFF).lower(), error, result)
