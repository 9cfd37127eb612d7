"""The connection to the broker, and what its errors mean; everybody who talks to RabbitMQ comes here for it."""

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from typing import Any

from amqp.exceptions import AMQPError, PreconditionFailed
from kombu import Connection

from rabbitmq_demo import settings
from rabbitmq_demo.errors import BrokerUnavailable, TopologyDiffers

UNREADABLE = (ValueError, OverflowError, TypeError, IndexError, struct.error)
"""What py-amqp raises over a message that it cannot decode (`amqp/serialization.py`), when it is not an OSError."""
BROKEN = (AMQPError, OSError)
"""What py-amqp raises when the connection breaks or the broker closes it; the TimeoutError of a wait is one of them."""


def connect(
    name: str, *, url: str | None = None, heartbeat: int = 0, patience: float = 5.0, **transport: Any
) -> Connection:
    """An open connection, named so that the management page shows who it is. Raises BrokerUnavailable.

    url: another broker or virtual host than that of the settings. heartbeat: seconds of silence after which either side
    takes the other for dead; whoever asks for one must call `heartbeat_check`. A write to a frozen broker gives up
    after `patience` seconds. transport: more options of py-amqp.
    """
    options = {"client_properties": {"connection_name": name}, "write_timeout": patience} | transport
    connection = Connection(
        url or settings.read().url, heartbeat=heartbeat, connect_timeout=patience, transport_options=options
    )
    try:
        connection.connect()
    except BROKEN as error:
        raise BrokerUnavailable(f"no broker answers at {connection.as_uri()}: {plain(error)}") from error
    # py-amqp would look for news of a blocked connection before each publish: messages would be delivered in the middle
    # of publishing, and it costs two system calls. We hear that news with everything else, in `drain`.
    connection.connection.client_properties["capabilities"]["connection.blocked"] = False
    return connection


def drain(connection: Connection, seconds: float) -> None:
    """Wait for one event and let it be handled. TimeoutError when there was none; else what BROKEN lists.

    A message that cannot be decoded is BrokerUnavailable: the connection is of no use after it.
    """
    try:
        connection.drain_events(timeout=seconds)
    except UNREADABLE as error:
        raise BrokerUnavailable(f"a message cannot be decoded: {type(error).__name__}: {error}") from error


@contextmanager
def connected(name: str, patience: float = 5.0, **transport: Any) -> Iterator[Connection]:
    """An open connection for the length of the body."""
    connection = connect(name, patience=patience, **transport)
    try:
        yield connection
    finally:
        hang_up(connection)


def versions(connection: Connection) -> dict[str, str]:
    """Who is talking to whom: RabbitMQ, its Erlang, kombu, py-amqp."""
    told = connection.connection.server_properties
    return {
        "rabbitmq": told["version"],
        "erlang": told["platform"].removeprefix("Erlang/OTP "),
        "kombu": version("kombu"),
        "py-amqp": version("amqp"),
    }


def release(connection: Connection) -> tuple[int, int]:
    """The broker's release as numbers, e.g. (4, 3): some behaviours differ between them."""
    major, minor = versions(connection)["rabbitmq"].split(".")[:2]
    return int(major), int(minor)


@contextmanager
def errors_told(what: str) -> Iterator[None]:
    """Turn the client library's errors into ours; `what` is a clause such as "declaring the hub's topology"."""
    try:
        yield
    except PreconditionFailed as error:
        raise TopologyDiffers(f"{what}: {plain(error)}; delete what is there, or give it another name") from error
    except BROKEN as error:
        raise BrokerUnavailable(f"{what}: {plain(error)}") from error


def hang_up(connection: Connection) -> None:
    """Close, also when there is nobody at the other end any more."""
    try:
        connection.release()
    except BROKEN:
        connection.collect()


def tear(connection: Connection) -> None:
    """End a connection as the death of this process would: the network's end goes, and AMQP says nothing."""
    if connection.connected:  # else kombu would make a new one to be torn
        connection.connection.transport.sock.close()
    connection.collect()


def plain(error: Exception) -> str:
    """An error in one line: RabbitMQ's own text where there is one."""
    text = getattr(error, "reply_text", None) or str(error) or type(error).__name__
    return " ".join(text.split())
