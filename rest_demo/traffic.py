"""A small steady stream of notifications through the balancer, so that there is something to see.

A client as anybody's: standard library only, an Idempotency-Key on each POST, and the same POST once more, with the
same key, when there was no answer or none to rely on.
"""

import itertools
import json
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from threading import Event
from typing import Any

from rest_demo import settings
from rest_demo.heartbeat import Heartbeat
from rest_demo.rules.versions import KINDS

REGIONS = ("north", "south", "east")
WAYS: tuple[dict[str, Any], ...] = (
    {"channel": "sms", "language": "ru"}, {"channel": "sms", "language": "en"}, {"channel": "voice"}, {},
)  # fmt: skip
TRIES = 3
PATIENCE = 6.0
"""Seconds for one answer: more than the balancer waits for an instance."""


def orders() -> Iterator[dict[str, Any]]:
    """Notifications of all kinds, for ever; every combination comes in turn."""
    for number in itertools.count(1):
        kind, region = KINDS[number % len(KINDS)], REGIONS[number % 5 % len(REGIONS)]
        order = {"kind": kind, "region": region, "contact": f"c-{number % 50:04d}", "text": f"{kind} for the {region}"}
        yield order | (WAYS[number // len(KINDS) % len(WAYS)] if kind == "gateway" else {})


def run(per_second: float, stop: Event) -> None:
    """Until `stop`. Says of each notification which instance took it, or that none did."""
    health = Heartbeat(settings.read().health)
    interval, due = 1 / per_second, time.monotonic()
    try:
        for order in orders():
            health.beat()
            print(post(order, stop), flush=True)
            due = max(due + interval, time.monotonic())
            while not stop.wait(min(5.0, max(0.0, due - time.monotonic()))) and time.monotonic() < due:
                health.beat()
            if stop.is_set():
                return
    finally:
        health.close()


def post(order: dict[str, Any], stop: Event) -> str:
    """Make one notification, whatever it takes within a few tries; returns the line that tells of it."""
    key = uuid.uuid4().hex
    line = ""
    for number in range(1, TRIES + 1):
        line, done = _try_once(order, key)
        if done or stop.wait(0.5 * number):
            break
    return line


def _try_once(order: dict[str, Any], key: str) -> tuple[str, bool]:
    headers = {"Content-Type": "application/json", "Idempotency-Key": key, "X-Client-Request": key}
    url = f"{settings.read().url}/api/notifications/"
    request = urllib.request.Request(url, json.dumps(order).encode(), headers)  # always http: settings.py says so
    what = f"{order['kind']}.{order['region']}"
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            found = json.load(answer)
            return f"{found['id']} {what} {answer.headers['X-Instance']} {answer.status}", True
    except urllib.error.HTTPError as error:
        error.close()
        again = error.code in (409, 429) or error.code >= 500
        return f"{key} {what} {error.headers.get('X-Instance', 'nginx')} {error.code}", not again
    except (OSError, ValueError) as error:
        return f"{key} {what} no answer: {' '.join(str(error).split())}", False
