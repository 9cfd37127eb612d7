"""Counts an address's requests in the cache that all instances share: three of them are not three times the limit."""

from functools import cache
from typing import Any

from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from rest_demo import settings


@cache
def _redis() -> Redis:
    """Its connections, shared by the threads; a command is tried twice: one that was kept may have died unnoticed."""
    url, retry = settings.read().cache, Retry(NoBackoff(), 1)
    return Redis.from_url(url, socket_connect_timeout=1, socket_timeout=1, retry=retry)


class SearchThrottle(BaseThrottle):
    """A search counts, a plain listing does not. The window begins with the first one of an address."""

    most, seconds = 30, 60

    def allow_request(self, request: Request, view: Any) -> bool:
        if request.method != "GET" or "search" not in request.query_params:
            return True
        key = f"rest:searches:{address(request)}"
        with _redis().pipeline(transaction=True) as pipe:
            _, count, self._left = (
                pipe.set(key, 0, ex=self.seconds, nx=True).incr(key).ttl(key).execute()
            )  # one round trip, and no moment at which a counter has no end
        return int(count) <= self.most

    def wait(self) -> float:
        return max(1.0, float(self._left))


def address(request: Request) -> str:
    """The client's: behind nginx it stands last in X-Forwarded-For, where nginx wrote what it saw."""
    told = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")[-1].strip()
    return (told or request.META.get("REMOTE_ADDR", ""))[:64]


def ping() -> None:
    """Raises RedisError when the cache does not answer."""
    _redis().ping()
