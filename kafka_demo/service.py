"""How a part of this service runs until it is told to stop, and meanwhile says that it is well. `__main__` uses it."""

import signal
from collections.abc import Callable
from threading import Event

from kafka_demo import settings
from kafka_demo.errors import ClusterUnavailable
from kafka_demo.health import Health
from kafka_demo.terminal import say
from kafka_demo.topic import Topic, find_topic


def serve(run: Callable[[Event, Callable[[], None]], None]) -> None:
    """Run until a signal says stop; a second signal ends the process the hard way."""
    stop = Event()

    def on_signal(number: int, _: object) -> None:
        signal.signal(number, signal.SIG_DFL)
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, on_signal)
    health = Health(settings.read().health)
    try:
        run(stop, health.beat)
    finally:
        health.close()


def await_topic(name: str, stop: Event, turn: Callable[[], None]) -> Topic | None:
    """The topic, as soon as some broker answers; None when we are stopped before."""
    said = False
    while not stop.is_set():
        turn()
        try:
            return find_topic(name, within=2)
        except ClusterUnavailable as error:
            if not said:
                say("waiting", str(error))
                said = True
    return None
