"""The sending side: hands a task to the broker, or says in one sentence why not, before anything left this process.

`delay` and `apply_async` check arguments against the task's signature; names, sizes and queues are checked here.
"""

import difflib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from amqp.exceptions import AMQPError
from celery import Celery
from celery.exceptions import CeleryError
from celery.result import AsyncResult
from kombu.exceptions import KombuError, OperationalError

from celery_demo.errors import BrokerUnavailable, NotSent
from celery_demo.setup import LARGEST

RETRY = {"max_retries": 3, "interval_start": 0.1, "interval_step": 0.2, "interval_max": 0.5}
"""How often a publish that the broker did not confirm is tried again, and after how many seconds."""


def send(
    app: Celery, name: str, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None, **options: Any
) -> AsyncResult:
    """`apply_async` of the task of that name; options are countdown, eta, expires, queue, priority, task_id.

    Raises NotSent when the caller is wrong, BrokerUnavailable when the broker did not confirm.
    """
    if name not in app.tasks:
        near = difflib.get_close_matches(name, [known for known in app.tasks if not known.startswith("celery.")], n=2)
        raise NotSent(f"there is no task {name!r}" + (f"; did you mean {' or '.join(near)}?" if near else ""))
    try:
        size = len(json.dumps([list(args), dict(kwargs or {})]).encode())
    except (TypeError, ValueError) as error:
        raise NotSent(f"the arguments of {name} cannot travel as JSON: {error}") from error
    if size > LARGEST:
        raise NotSent(f"the arguments of {name} take {size} bytes, more than {LARGEST}; store it, and send where it is")
    try:
        return app.tasks[name].apply_async(args, kwargs, retry=True, retry_policy=RETRY, **options)
    except (TypeError, ValueError, CeleryError) as error:  # CeleryError: a queue that nobody declared
        raise NotSent(f"{name} was not sent: {error}") from error
    except (OperationalError, KombuError, AMQPError, OSError) as error:
        raise BrokerUnavailable(f"the broker did not confirm {name}: {error}") from error
