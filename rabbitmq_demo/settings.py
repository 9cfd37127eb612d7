"""The only reader of the environment in this service.

RABBITMQ_URL           amqp://user:password@host:port/vhost; without it the port that docker-compose.yml publishes here
RABBITMQ_DEMO_TASKS    amqp://user:password@host:port/vhost where Celery's workers take their tasks; without it the
                       consumers only print, and nobody is handed anything
RABBITMQ_DEMO_REDIS    redis://host:port/number, for `virtual.py` alone; without it the port that the file publishes
RABBITMQ_DEMO_HEALTH   host:port where a running service answers GET / with its health; without it nowhere
"""

import os
import re
from dataclasses import dataclass
from functools import cache

from rabbitmq_demo.errors import WrongUsage

_ADDRESS = re.compile(r"([\w.-]+|\[[0-9a-fA-F:.]+\]):(\d{1,5})")
_URL = re.compile(r"amqps?://\S+")


@dataclass(frozen=True, slots=True)
class Settings:
    """What the service was told by its environment."""

    url: str
    tasks: str | None
    redis: str
    health: tuple[str, int] | None
    """Where to listen for questions about our health."""


@cache
def read() -> Settings:
    """Read once, at the first use. Raises WrongUsage when a variable makes no sense."""
    published = f"amqp://lab:lab@127.0.0.1:{os.environ.get('LAB_RABBITMQ_PORT') or '5682'}//"
    url = os.environ.get("RABBITMQ_URL") or published
    tasks = os.environ.get("RABBITMQ_DEMO_TASKS") or None
    for name, value in (("RABBITMQ_URL", url), ("RABBITMQ_DEMO_TASKS", tasks)):
        if value and not _URL.fullmatch(value):
            raise WrongUsage(f"{name} is no address of a broker; write it as amqp://user:password@host:5672//")
    health = os.environ.get("RABBITMQ_DEMO_HEALTH")
    return Settings(
        url=url,
        tasks=tasks,
        redis=os.environ.get("RABBITMQ_DEMO_REDIS")
        or f"redis://127.0.0.1:{os.environ.get('LAB_REDIS_PORT') or 6389}/9",
        health=_host_and_port(health) if health else None,
    )


def _host_and_port(text: str) -> tuple[str, int]:
    match = _ADDRESS.fullmatch(text.strip())
    if not match or not 0 < int(match[2]) < 65536:
        raise WrongUsage(f"RABBITMQ_DEMO_HEALTH is {text!r}; write it as host:port, for example 0.0.0.0:8090")
    return match[1].strip("[]"), int(match[2])
