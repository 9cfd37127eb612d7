"""The only reader of the environment in this service.

CELERY_BROKER_URL       amqp://user:password@host:port/vhost; without it the port that docker-compose.yml publishes here
CELERY_DEMO_MANAGEMENT  http://user:password@host:port of RabbitMQ's management API, which makes the virtual host
CELERY_DEMO_LEDGER      postgresql://user:password@host:port/database
CELERY_DEMO_REDIS       redis://host:port/0, for those who want Redis as the broker
CELERY_DEMO_HEALTH      host:port where a running worker answers GET / with its health; without it nowhere
CELERY_DEMO_GATEWAY     how the stand-in for the SMS gateway behaves: fine, fail, or slow:SECONDS
CELERY_DEMO_SETUP       another set-up than the hub's, as JSON (see setup.py); scenarios start their workers with it
KAFKA_BOOTSTRAP         where results are published; without it nowhere
"""

import os
import re
from dataclasses import dataclass
from functools import cache

from celery_demo.errors import WrongUsage

_ADDRESS = re.compile(r"([\w.-]+|\[[0-9a-fA-F:.]+\]):(\d{1,5})")
_GATEWAY = re.compile(r"fine|fail|slow:(\d+(?:\.\d+)?)")


@dataclass(frozen=True, slots=True)
class Settings:
    """What the service was told by its environment."""

    broker: str
    management: str
    ledger: str
    redis: str
    health: tuple[str, int] | None
    gateway_fails: bool
    gateway_seconds: float
    """How long the gateway takes for one message."""
    setup: str | None
    kafka: str | None


@cache
def read() -> Settings:
    """Read once, at the first use. Raises WrongUsage when a variable makes no sense."""

    def port(name: str, default: int) -> str:
        return os.environ.get(f"LAB_{name}_PORT") or str(default)

    gateway = _GATEWAY.fullmatch(told := os.environ.get("CELERY_DEMO_GATEWAY") or "fine")
    if not gateway:
        raise WrongUsage(f"CELERY_DEMO_GATEWAY is {told!r}; write fine, fail, or slow:SECONDS")
    broker = os.environ.get("CELERY_BROKER_URL") or f"amqp://lab:lab@127.0.0.1:{port('RABBITMQ', 5682)}/celery"
    if not re.fullmatch(r"(amqps?|rediss?)://\S+", broker):
        raise WrongUsage("CELERY_BROKER_URL is no address of a broker; write amqp://user:password@host:5672/vhost")
    health = os.environ.get("CELERY_DEMO_HEALTH")
    return Settings(
        broker=broker,
        management=os.environ.get("CELERY_DEMO_MANAGEMENT")
        or f"http://lab:lab@127.0.0.1:{port('RABBITMQ_MANAGEMENT', 15682)}",
        ledger=os.environ.get("CELERY_DEMO_LEDGER") or f"postgresql://lab:lab@127.0.0.1:{port('POSTGRES', 5442)}/lab",
        redis=os.environ.get("CELERY_DEMO_REDIS") or f"redis://127.0.0.1:{port('REDIS', 6389)}/0",
        health=_host_and_port(health) if health else None,
        gateway_fails=told == "fail",
        gateway_seconds=float(gateway[1] or 0),
        setup=os.environ.get("CELERY_DEMO_SETUP"),
        kafka=os.environ.get("KAFKA_BOOTSTRAP") or None,
    )


def _host_and_port(text: str) -> tuple[str, int]:
    match = _ADDRESS.fullmatch(text.strip())
    if not match or not 0 < int(match[2]) < 65536:
        raise WrongUsage(f"CELERY_DEMO_HEALTH is {text!r}; write it as host:port, for example 0.0.0.0:8090")
    return match[1].strip("[]"), int(match[2])
