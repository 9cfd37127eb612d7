"""What Celery needs on the broker: a virtual host of its own, since its queues have the notes' names, and its queues.

A worker makes its virtual host before it connects (`worker.py`); scenarios make one for each run and remove it with
everything in it. Only RabbitMQ has virtual hosts; for Redis there is nothing to do.
"""

import base64
import json
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import kombu
from celery import Celery

from celery_demo import settings
from celery_demo.errors import BrokerUnavailable

MOST_DEAD_LETTERS = 10_000


def make_virtual_host(app: Celery) -> None:
    """Make the virtual host of the application's broker; harmless when it is there. Raises BrokerUnavailable."""
    if (name := name_of(app.conf.broker_url)) not in (None, "/"):
        make(name)


def declare(app: Celery) -> None:
    """Every queue of the application, and the queues where rejected tasks end. Raises BrokerUnavailable.

    A worker declares only those that it takes from, and then cannot bind the others for delayed delivery; and a queue
    that dead letters are sent to need not exist, they are then lost without a word.
    """
    if name_of(app.conf.broker_url) is None:
        return
    connection = app.connection_for_write()
    try:
        with connection, connection.channel() as amqp_channel:
            for queue in app.conf.task_queues or ():
                queue(amqp_channel).declare()
                if dead := (queue.queue_arguments or {}).get("x-dead-letter-routing-key"):
                    kombu.Queue(dead, queue_arguments={"x-max-length": MOST_DEAD_LETTERS})(amqp_channel).queue_declare()
    except (OSError, *connection.connection_errors) as error:
        raise BrokerUnavailable(f"no broker answers: {error}") from error


def name_of(url: str) -> str | None:
    """The virtual host of an AMQP address; None for other brokers."""
    parts = urlsplit(url)
    return (unquote(parts.path[1:]) or "/") if parts.scheme in ("amqp", "amqps", "pyamqp") else None


def make(name: str) -> None:
    """Make a virtual host and let our user in. Raises BrokerUnavailable."""
    user = urlsplit(settings.read().management).username or ""
    _ask("PUT", f"/api/vhosts/{quote(name, safe='')}", {})
    rights = {"configure": ".*", "write": ".*", "read": ".*"}
    _ask("PUT", f"/api/permissions/{quote(name, safe='')}/{quote(user, safe='')}", rights)


def remove(name: str) -> None:
    """Remove a virtual host with everything in it; harmless when it is gone. Raises BrokerUnavailable."""
    _ask("DELETE", f"/api/vhosts/{quote(name, safe='')}", None)


def queue_names(virtual_host: str) -> list[str]:
    """Every queue that there is, from the management API. Raises BrokerUnavailable."""
    return [queue["name"] for queue in _ask("GET", f"/api/queues/{quote(virtual_host, safe='')}?columns=name", None)]


def _ask(method: str, path: str, body: object) -> Any:
    parts = urlsplit(settings.read().management)
    login = base64.b64encode(f"{parts.username}:{parts.password}".encode()).decode()
    request = urllib.request.Request(
        f"{parts.scheme}://{parts.hostname}:{parts.port}{path}",
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": f"Basic {login}", "Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.loads(answer.read() or b"null")
    except urllib.error.HTTPError as error:
        if not (method == "DELETE" and error.code == 404):
            raise BrokerUnavailable(f"RabbitMQ's management API says {error.code} to {method} {path}") from error
    except OSError as error:
        raise BrokerUnavailable(
            f"RabbitMQ's management API does not answer at {parts.hostname}:{parts.port}"
        ) from error
