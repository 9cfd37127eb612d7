"""How the relay and the traffic are ended: by an event that a signal sets, so that what is in hand is finished."""

import signal
from threading import Event


def stopped_by_signals() -> Event:
    """Set by SIGTERM and Ctrl-C; a second signal ends the process the hard way."""
    stop = Event()

    def on_signal(number: int, _: object) -> None:
        signal.signal(number, signal.SIG_DFL)
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, on_signal)
    return stop
