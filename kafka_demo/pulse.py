"""When did each broker last answer? Asked of every broker itself, ten times a second; `watcher` reads it.

The metadata cannot tell: a dead broker stays in it until its session times out, and a client that has an answer from
one broker has no reason to ask another. So each broker gets the smallest question that Kafka knows, on a connection of
its own: ApiVersions, which every broker answers to anybody, before any log-in (https://kafka.apache.org/protocol).
"""

import socket
import struct
import time
from threading import Event, Thread

# length of the rest, ApiVersions = 18, its version 0, a number for the answer, no client name
QUESTION = struct.pack(">ihhih", 10, 18, 0, 1, -1)
LENGTH = struct.Struct(">i")


class Pulse:
    """One broker's pulse, felt by a thread of its own until `stop`. A TLS port stays unknown: it never answers."""

    def __init__(self, host: str, port: int, stop: Event, every: float = 0.1, patience: float = 1.0) -> None:
        self._address = (host, port)
        self._stop = stop
        self._every = every
        self._patience = patience
        self.last_answer: float | None = None
        """Monotonic seconds; None: it has never answered."""
        self.answered_again: float | None = None
        """Monotonic seconds of the first answer after a silence; None: there was no silence."""
        self.silent = False
        """It answered once, and does not any more: the connection broke, or `patience` seconds went by."""
        Thread(target=self._run, name=f"pulse-{host}:{port}", daemon=True).start()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                with socket.create_connection(self._address, self._patience) as connection:
                    self._ask_on(connection)
            except OSError:
                self.silent = self.last_answer is not None
            self._stop.wait(self._every)

    def _ask_on(self, connection: socket.socket) -> None:
        """Ask and hear until the connection breaks, which raises OSError, or `stop`."""
        with connection.makefile("rb") as answers:
            while not self._stop.is_set():
                connection.sendall(QUESTION)
                length = answers.read(LENGTH.size)
                if len(length) < LENGTH.size or not answers.read(LENGTH.unpack(length)[0]):
                    raise ConnectionResetError("the broker closed the connection")
                now = time.monotonic()
                if self.silent:
                    self.answered_again, self.silent = now, False
                self.last_answer = now
                self._stop.wait(self._every)
