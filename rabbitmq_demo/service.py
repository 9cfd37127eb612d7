"""The loop that every service of this demo runs in: connect, work, and start anew when the connection breaks.

    serve --> connect --> declare the topology --> part = make(connection, careful) --> part.turn(), part.turn(), ...
       ^                                                                            |
       +------------- the connection broke, perhaps over a message: careful --------+

A message can break a connection: one that the client library cannot decode (a timestamp in the year 9999999, say)
raises deep within it, as if the network had failed, and the broker hands it to us again. The queue's delivery limit
ends that, and since every message that we hold then counts a failed delivery too, a new part is made `careful`.
"""

import signal
from collections.abc import Callable
from threading import Event
from typing import Protocol

from kombu import Connection

from rabbitmq_demo import settings
from rabbitmq_demo.broker import BROKEN, connect, hang_up, plain
from rabbitmq_demo.errors import BrokerUnavailable
from rabbitmq_demo.health import Health
from rabbitmq_demo.terminal import say
from rabbitmq_demo.topology import TOPOLOGY, declare

AGAIN_AFTER = 0.5


class Part(Protocol):
    """The work of one service on one connection."""

    is_done: bool
    """It wants another connection, and a successor made for it."""

    def turn(self) -> None:
        """Do what there is to do, within a second. May raise what the client library raises."""
        ...


Make = Callable[[Connection, bool], Part]
"""Makes the part for a connection; told whether it shall be careful."""


def serve(name: str, make: Make, stop: Event | None = None) -> None:
    """Run until SIGTERM, Ctrl-C, or `stop`."""
    stop = stop or _stopped_by_signals()
    health = Health(settings.read().health)
    careful, said = False, ""

    def make_and_say(connection: Connection, careful: bool) -> Part:
        nonlocal said
        part = make(connection, careful)
        if said:
            say("connection", "there again")
        said = ""
        return part

    try:
        while not stop.is_set():
            health.beat()
            try:
                _work(name, make_and_say, stop, health, careful)
                careful = False
            except (BrokerUnavailable, *BROKEN) as error:
                careful = True
                if said != (said := plain(error)):
                    say("connection", f"{said}; trying again until it works")
                stop.wait(AGAIN_AFTER)
    finally:
        health.close()


def _work(name: str, make: Make, stop: Event, health: Health, careful: bool) -> None:
    """On one connection, until `stop` or until the part is done."""
    connection = connect(name, heartbeat=10)
    try:
        declare(TOPOLOGY, connection)
        part = make(connection, careful)
        while not (stop.is_set() or part.is_done):
            health.beat()
            part.turn()
            connection.heartbeat_check()
    finally:
        hang_up(connection)


def _stopped_by_signals() -> Event:
    """Set by SIGTERM and Ctrl-C; a second signal ends the process the hard way."""
    stop = Event()

    def on_signal(number: int, _: object) -> None:
        signal.signal(number, signal.SIG_DFL)
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, on_signal)
    return stop
