"""The only reader of the environment in this service; everybody who makes a Kafka client comes here for its settings.

KAFKA_BOOTSTRAP      host:port,host:port of the brokers; without it the ports that docker-compose.yml publishes here
KAFKA_DEMO_HEALTH    host:port where `watch` and `traffic` answer GET / with their health; without it nowhere
"""

import os
import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from kafka_demo.errors import WrongUsage

_ADDRESS = re.compile(r"([\w.-]+|\[[0-9a-fA-F:.]+\]):(\d{1,5})")


@dataclass(frozen=True, slots=True)
class Settings:
    """What the service was told by its environment."""

    bootstrap: str
    """host:port,host:port: any of these tells where all the others are."""
    health: tuple[str, int] | None
    """Where to listen for questions about our health."""


@cache
def read() -> Settings:
    """Read once, at the first use. Raises WrongUsage when a variable makes no sense."""
    published = ",".join(
        f"127.0.0.1:{os.environ.get(name) or port}"
        for name, port in (("LAB_KAFKA_1_PORT", "19092"), ("LAB_KAFKA_2_PORT", "29092"))
    )
    bootstrap = os.environ.get("KAFKA_BOOTSTRAP") or published
    for address in bootstrap.split(","):
        _host_and_port("KAFKA_BOOTSTRAP", address)
    health = os.environ.get("KAFKA_DEMO_HEALTH")
    return Settings(bootstrap, _host_and_port("KAFKA_DEMO_HEALTH", health) if health else None)


def client(**more: Any) -> dict[str, Any]:
    """The settings that all our clients share, and `more` with underscores for dots (linger_ms=...)."""
    return {
        "bootstrap.servers": read().bootstrap,
        # A broker that comes back is found again at once; the library's own 100 ms to 10 s would hide its return.
        "reconnect.backoff.ms": 50,
        "reconnect.backoff.max.ms": 200,
        # While a dead leader is still in the list of brokers, the client asks only once a second who leads now, which
        # adds up to 1.8 s to a failover (measured; so 0.3 s). The pause that we measure shall be Kafka's own.
        "topic.metadata.refresh.interval.ms": 200,
        "retry.backoff.max.ms": 200,
        # A frozen broker keeps its connections open: only this ends the wait for its answer (60 s by default).
        "socket.timeout.ms": 3000,
        # A broken connection is our subject, not news for the terminal: whoever waits for an answer says what happened.
        "log_level": 1,
        "error_cb": lambda error: None,
    } | {name if name.endswith("_cb") else name.replace("_", "."): value for name, value in more.items()}


def _host_and_port(variable: str, text: str) -> tuple[str, int]:
    match = _ADDRESS.fullmatch(text.strip())
    if not match or not 0 < int(match[2]) < 65536:
        raise WrongUsage(
            f"{variable} names {text.strip()!r}; an address is written host:port, for example kafka-1:9092"
        )
    return match[1].strip("[]"), int(match[2])
