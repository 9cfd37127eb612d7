"""The live end as it is now, as plain values: servers, groups with their sockets, events. For whoever draws it.

servers --GET, connections kept--> look() <--backlog's numbers, the layer's groups-- Redis
"""

from functools import cache
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import urlsplit

from redis import Redis
from redis.exceptions import RedisError

from channels_demo import settings

ANSWERS_WITHIN = 1.0
GROUP = "region."
"""How groups.py begins the names of its groups; importing it would bring Django."""


class Door:
    """An HTTP address that is asked again and again, over one connection as long as it holds."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._http = HTTPConnection(parts.hostname or "", parts.port, timeout=ANSWERS_WITHIN)

    def is_alive(self) -> bool:
        """Whether it answers /livez. A kept connection may have ended since: one more try."""
        for _ in range(2):
            kept = self._http.sock is not None
            try:
                self._http.request("GET", "/livez")
                with self._http.getresponse() as answer:
                    answer.read()
                    return answer.status == 200
            except TimeoutError:
                self._http.close()
                return False
            except (OSError, HTTPException):
                self._http.close()
                if not kept:
                    return False
        return False


class Picture:
    """All connections for all looks. Not for several threads."""

    def __init__(self) -> None:
        told = settings.read()
        self._prefix = told.options.prefix
        self._doors = {name: Door(url) for name, url in told.servers.items()}
        self._redis = Redis.from_url(
            told.redis, decode_responses=True, socket_timeout=2, socket_connect_timeout=2, max_connections=1
        )
        self._last: dict[str, int] = {}
        self._sockets: dict[str, int] = {}
        self._shown = 0

    def look(self) -> dict[str, Any]:
        """{"servers": [{"name", "alive"}], "groups": [{"name", "sockets"}], "events": total, "shown": total}.

        events: numbered by the backlog, of all regions. shown: since the first look, once for each socket of the
        region. A killed server's sockets stay in their groups: the layer forgets them a day later. While Redis is away
        the numbers stand still, and "error" says so.
        """
        error = ""
        try:
            self._count()
        except (RedisError, OSError) as found:
            error = f"Redis does not answer: {' '.join(str(found).split())}"
        return {
            "servers": [{"name": name, "alive": door.is_alive()} for name, door in self._doors.items()],
            "groups": [{"name": name, "sockets": count} for name, count in sorted(self._sockets.items())],
            "events": sum(self._last.values()),
            "shown": self._shown,
            "error": error,
        }

    def _count(self) -> None:
        told: dict[Any, Any] = self._redis.hgetall(f"{self._prefix}:last")  # type: ignore[assignment]
        last = {region: int(number) for region, number in told.items()}
        with self._redis.pipeline(transaction=False) as pipeline:
            for region in last:
                pipeline.zcard(f"{self._prefix}.layer:group:{GROUP}{region}")
            sockets = dict(zip(last, pipeline.execute(), strict=True))
        if self._last:
            new = {region: max(0, number - self._last.get(region, 0)) for region, number in last.items()}
            self._shown += sum(count * sockets[region] for region, count in new.items())
        self._last, self._sockets = last, {f"{GROUP}{region}": count for region, count in sockets.items()}

    def number_of(self, id: str) -> dict[str, Any] | None:
        """{"region", "seq"} of an event in the backlog. Raises RedisError."""
        with self._redis.pipeline(transaction=False) as pipeline:
            for region in self._last:
                pipeline.zscore(f"{self._prefix}:ids:{region}", id)
            for region, seq in zip(self._last, pipeline.execute(), strict=True):
                if seq is not None:
                    return {"region": region, "seq": int(seq)}
        return None


@cache
def _picture() -> Picture:
    return Picture()


def look() -> dict[str, Any]:
    """See Picture.look."""
    return _picture().look()


def follow(id: str) -> dict[str, Any] | None:
    """Where an event stands in the backlog; None: the bridge has not brought it yet."""
    return _picture().number_of(id)
