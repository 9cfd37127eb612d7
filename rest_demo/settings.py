"""The only reader of the environment in this service; django_settings.py makes Django's settings of it.

REST_DEMO_DATABASE  postgresql://user:password@host:port/database; without it the port that docker-compose.yml publishes
REST_DEMO_CACHE     redis://host:port/1: the cache that all instances share
REST_DEMO_BROKER    amqp://user:password@host:port//, where notifications go
REST_DEMO_URL       http://host:port of the balancer, for those who are its clients
REST_DEMO_INSTANCE  the name of this instance; it stands in every answer as X-Instance
REST_DEMO_INSTANCES name=http://host:port,... of all instances, for picture.py; without it the published ports
REST_DEMO_HEALTH    host:port where the relay and the traffic answer GET / with their health; without it nowhere
REST_DEMO_SECRET    Django's SECRET_KEY; the same on all instances, or one's sessions are nothing to another
REST_DEMO_OPTIONS   what a scenario wants otherwise, as JSON: {"name": value}; see Options
"""

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cache

from rest_demo.errors import WrongUsage

_ADDRESS = re.compile(r"([\w.-]+):(\d{1,5})")


@dataclass(frozen=True, slots=True)
class Options:
    """In what an instance differs from the stack's own: a scenario starts such a one beside them."""

    import_storage: str = "cache"
    """Where an upload waits for its confirmation: "cache" (shared by all instances) or "folder" (this one's disk)."""
    import_resource: str = "strict"
    """How the API imports and exports contacts: "strict", or "default", as import-export does by itself."""
    outbox: bool = True
    """False: a notification is sent to RabbitMQ after the commit, by the request itself, and nowhere kept."""
    session_cookie_samesite: str = "Lax"
    csrf_trusted_origins: tuple[str, ...] = ()
    behind_tls_proxy: bool = False
    """True: X-Forwarded-Proto from the proxy says whether a request is secure (SECURE_PROXY_SSL_HEADER)."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the service was told by its environment."""

    database: str
    cache: str
    broker: str
    url: str
    published: Mapping[str, str]
    """Instance -> http://host:port at which it answers itself, past the balancer."""
    instance: str
    health: tuple[str, int] | None
    secret: str
    options: Options = field(default_factory=Options)


def point_django_here() -> None:
    """Tell Django which settings are ours, unless somebody has told it others. Before anything of Django is used."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rest_demo.django_settings")


@cache
def read() -> Settings:
    """Read once, at the first use. Raises WrongUsage when a variable makes no sense."""

    def port(name: str, default: int) -> str:
        return os.environ.get(f"LAB_{name}_PORT") or str(default)

    health = os.environ.get("REST_DEMO_HEALTH")
    return Settings(
        database=os.environ.get("REST_DEMO_DATABASE") or f"postgresql://lab:lab@127.0.0.1:{port('POSTGRES', 5442)}/lab",
        cache=os.environ.get("REST_DEMO_CACHE") or f"redis://127.0.0.1:{port('REDIS', 6389)}/1",
        broker=os.environ.get("REST_DEMO_BROKER") or f"amqp://lab:lab@127.0.0.1:{port('RABBITMQ', 5682)}//",
        url=os.environ.get("REST_DEMO_URL") or f"http://127.0.0.1:{port('HTTP', 8470)}",
        published=_instances(os.environ.get("REST_DEMO_INSTANCES"))
        or {f"rest-{n}": f"http://127.0.0.1:{port(f'REST_{n}', 8474 + n)}" for n in (1, 2, 3)},
        instance=os.environ.get("REST_DEMO_INSTANCE") or "rest",
        health=_host_and_port(health) if health else None,
        secret=os.environ.get("REST_DEMO_SECRET") or "not-a-secret: this lab listens on this machine only",
        options=_options(os.environ.get("REST_DEMO_OPTIONS") or "{}"),
    )


def _options(text: str) -> Options:
    known = {one.name for one in fields(Options)}
    try:
        told = json.loads(text)
        unknown = sorted(set(told) - known)
    except (ValueError, TypeError) as error:
        raise WrongUsage(f'REST_DEMO_OPTIONS is no JSON object: {error}; write {{"name": value}}') from error
    if unknown:
        raise WrongUsage(f"REST_DEMO_OPTIONS does not know {', '.join(unknown)}; it knows {', '.join(sorted(known))}")
    return Options(**{name: tuple(value) if isinstance(value, list) else value for name, value in told.items()})


def _instances(text: str | None) -> dict[str, str]:
    pairs = dict(one.strip().partition("=")[::2] for one in (text or "").split(",") if one.strip())
    for name, url in pairs.items():
        if not re.fullmatch(r"http://[\w.-]+:\d{1,5}", url):
            raise WrongUsage(f"REST_DEMO_INSTANCES: {name}={url}; write name=http://host:port, commas between them")
    return pairs


def _host_and_port(text: str) -> tuple[str, int]:
    match = _ADDRESS.fullmatch(text.strip())
    if not match or not 0 < int(match[2]) < 65536:
        raise WrongUsage(f"REST_DEMO_HEALTH is {text!r}; write it as host:port, for example 0.0.0.0:8090")
    return match[1], int(match[2])
