"""/livez: this process turns. /readyz: what it needs answers too, and it is not about to end."""

import os
import time
from collections.abc import Callable, Mapping
from functools import cache

import psycopg
from django.http import HttpRequest, HttpResponse, JsonResponse
from redis.exceptions import RedisError

from rest_demo import draining, problems, settings, throttling
from rest_demo.broker import BROKEN, connected


def live(request: HttpRequest) -> JsonResponse:
    """200, without asking anybody, and which life of this process answers: another one says something else."""
    return JsonResponse({"live": True, "process": _life()})


@cache
def _life() -> str:
    return f"{os.getpid()} asked first at {time.time():.3f}"


def ready(request: HttpRequest) -> HttpResponse:
    """200 when every neighbour answers; else 503 with the names of those that do not."""
    if draining.begun():
        return problems.response(request, 503, "This instance is about to end.", name="draining")
    missing = [name for name, check in _CHECKS.items() if not check()]
    if missing:
        detail = f"No answer from: {', '.join(missing)}."
        return problems.response(
            request, 503, detail, name="not-ready", errors={name: ["no answer"] for name in missing}
        )
    return JsonResponse({"ready": True})


def _database() -> bool:
    try:  # a connection of its own, with a deadline: one that is kept could wait for a frozen server for ever
        with psycopg.connect(settings.read().database, connect_timeout=2) as connection:
            connection.execute("select 1")
    except psycopg.OperationalError:
        return False
    return True


def _cache() -> bool:
    try:
        throttling.ping()
    except RedisError:
        return False
    return True


def _broker() -> bool:
    try:
        with connected(settings.read().broker, patience=1.0):
            return True
    except BROKEN:
        return False


_CHECKS: Mapping[str, Callable[[], bool]] = {"database": _database, "cache": _cache, "broker": _broker}
