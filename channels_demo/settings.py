"""The only reader of the environment in this service; django_settings.py makes Django's settings of it.

CHANNELS_DEMO_DATABASE  postgresql://user:password@host:port/database: users and sessions
CHANNELS_DEMO_REDIS     redis://host:port/2: the channel layer, the backlog of each region, the tickets
CHANNELS_DEMO_SERVER    the name of this server; it stands in every answer and every welcome
CHANNELS_DEMO_SERVERS   name=http://host:port,... of all servers, for picture.py; without it the published ports
CHANNELS_DEMO_HEALTH    host:port where the bridge answers GET / with its health; without it nowhere
CHANNELS_DEMO_SECRET    Django's SECRET_KEY; the same on all servers, or one's sessions are nothing to another
CHANNELS_DEMO_OPTIONS   what a scenario wants otherwise, as JSON: {"name": value}; see Options
KAFKA_BOOTSTRAP         host:port,host:port of the brokers, for the bridge
"""

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cache

from channels_demo.errors import WrongUsage

_ADDRESS = re.compile(r"([\w.-]+):(\d{1,5})")


@dataclass(frozen=True, slots=True)
class Options:
    """In what a server differs from the stack's own: a scenario starts such a one beside them."""

    layer: str = "core"
    """The channel layer: "core" or "pubsub"; layers.py says what each of them loses."""
    capacity: int = 100
    """Messages that wait for one process (core layer) before new ones are dropped."""
    group_expiry: int = 86400
    """Seconds after which a socket's membership of a group is forgotten (core layer)."""
    origins: str = "full"
    """How a handshake's Origin is looked at: "full" (scheme, host and port), "hosts" (the host alone) or "off"."""
    allowed_origins: tuple[str, ...] = ()
    """Origins beside the server's own, as scheme://host:port; "full" only."""
    session_cookie_samesite: str = "Lax"
    recheck: float = 10.0
    """Seconds after which an open socket's login is looked at again; 0: never."""
    logout_closes: bool = True
    """Whether a logout closes the user's open sockets, through the user's own group."""
    ticket_seconds: float = 30.0
    send_within: float = 5.0
    """Seconds that a client has to take a frame from us before it is too slow."""
    backlog: int = 1000
    """Events that are kept for each region, for those who come back."""
    blocking: float = 0.5
    """Seconds that a handler of ws/blocking/ takes; 0: there are no such sockets."""
    prefix: str = "hub"
    """Before every key in Redis. With one of its own a server has a layer and a backlog of its own."""
    topic: str = "freblogg"
    consumer_group: str = "channels-bridge"


@dataclass(frozen=True, slots=True)
class Settings:
    """What the service was told by its environment."""

    database: str
    redis: str
    server: str
    servers: Mapping[str, str]
    """Server -> http://host:port at which it answers itself, past the balancer."""
    health: tuple[str, int] | None
    secret: str
    kafka: str
    options: Options = field(default_factory=Options)


def point_django_here() -> None:
    """Tell Django which settings are ours, unless somebody has told it others. Before anything of Django is used."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "channels_demo.django_settings")


@cache
def read() -> Settings:
    """Read once, at the first use. Raises WrongUsage when a variable makes no sense."""

    def port(name: str, default: int) -> str:
        return os.environ.get(f"LAB_{name}_PORT") or str(default)

    health = os.environ.get("CHANNELS_DEMO_HEALTH")
    published = f"127.0.0.1:{port('KAFKA_1', 19092)},127.0.0.1:{port('KAFKA_2', 29092)}"
    return Settings(
        database=os.environ.get("CHANNELS_DEMO_DATABASE")
        or f"postgresql://lab:lab@127.0.0.1:{port('POSTGRES', 5442)}/lab",
        redis=os.environ.get("CHANNELS_DEMO_REDIS") or f"redis://127.0.0.1:{port('REDIS', 6389)}/2",
        server=os.environ.get("CHANNELS_DEMO_SERVER") or "channels",
        servers=_servers(os.environ.get("CHANNELS_DEMO_SERVERS"))
        or {
            f"channels-{name}": f"http://127.0.0.1:{port(f'CHANNELS_{name.upper()}', default)}"
            for name, default in (("1", 8472), ("2", 8473), ("uvicorn", 8474))
        },
        health=_host_and_port(health) if health else None,
        secret=os.environ.get("CHANNELS_DEMO_SECRET") or "not-a-secret: this lab listens on this machine only",
        kafka=os.environ.get("KAFKA_BOOTSTRAP") or published,
        options=_options(os.environ.get("CHANNELS_DEMO_OPTIONS") or "{}"),
    )


_CHOICES = {"layer": ("core", "pubsub"), "origins": ("full", "hosts", "off")}


def _options(text: str) -> Options:
    known = {one.name for one in fields(Options)}
    try:
        told = dict(json.loads(text))
    except (ValueError, TypeError) as error:
        raise WrongUsage(f'CHANNELS_DEMO_OPTIONS is no JSON object: {error}; write {{"name": value}}') from error
    if unknown := sorted(set(told) - known):
        raise WrongUsage(
            f"CHANNELS_DEMO_OPTIONS does not know {', '.join(unknown)}; it knows {', '.join(sorted(known))}"
        )
    for name, choices in _CHOICES.items():
        if told.get(name, choices[0]) not in choices:
            raise WrongUsage(f"CHANNELS_DEMO_OPTIONS: {name} is {told[name]!r}; choose one of {', '.join(choices)}")
    return Options(**{name: tuple(value) if isinstance(value, list) else value for name, value in told.items()})


def _servers(text: str | None) -> dict[str, str]:
    pairs = dict(one.strip().partition("=")[::2] for one in (text or "").split(",") if one.strip())
    for name, url in pairs.items():
        if not re.fullmatch(r"http://[\w.-]+:\d{1,5}", url):
            raise WrongUsage(f"CHANNELS_DEMO_SERVERS: {name}={url}; write name=http://host:port, commas between them")
    return pairs


def _host_and_port(text: str) -> tuple[str, int]:
    match = _ADDRESS.fullmatch(text.strip())
    if not match or not 0 < int(match[2]) < 65536:
        raise WrongUsage(f"CHANNELS_DEMO_HEALTH is {text!r}; write it as host:port, for example 0.0.0.0:8090")
    return match[1], int(match[2])
