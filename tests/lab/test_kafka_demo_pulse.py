"""The pulse of one broker, felt against a small server that answers, freezes, or goes away."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

import pytest

from kafka_demo.pulse import LENGTH, QUESTION, Pulse
from lab.waiting import pause, wait_for


class Broker:
    """Answers each question with four bytes, as long as `answering` is set."""

    def __init__(self, port: int = 0) -> None:
        self.answering = Event()
        self.answering.set()
        self._connections: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", port))
        self.port: int = self._listener.getsockname()[1]
        self._threads = [Thread(target=self._accept)]
        self._threads[0].start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._connections.append(connection)
            self._threads.append(Thread(target=self._answer, args=(connection,)))
            self._threads[-1].start()

    def _answer(self, connection: socket.socket) -> None:
        with connection:
            try:
                while connection.recv(1024) == QUESTION:
                    if self.answering.is_set():
                        connection.sendall(LENGTH.pack(4) + b"here")
            except OSError:
                return

    def die(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._threads[0].join()
        for connection in self._connections:
            if connection.fileno() >= 0:
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()


@contextmanager
def broker(port: int = 0) -> Iterator[Broker]:
    one = Broker(port)
    try:
        yield one
    finally:
        one.die()


@pytest.fixture
def stop() -> Iterator[Event]:
    one = Event()
    yield one
    one.set()


def test_a_broker_that_answers_is_not_silent(stop: Event) -> None:
    with broker() as one:
        pulse = Pulse("127.0.0.1", one.port, stop, every=0.01)
        wait_for("an answer", lambda: pulse.last_answer, within=10)
        assert not pulse.silent
        assert pulse.answered_again is None


def test_a_broker_that_dies_is_silent_at_once_and_its_return_is_noticed(stop: Event) -> None:
    with broker() as one:
        pulse = Pulse("127.0.0.1", one.port, stop, every=0.01, patience=60)
        wait_for("an answer", lambda: pulse.last_answer, within=10)
    wait_for("its silence", lambda: pulse.silent, within=10)  # far less than its patience: the connection broke
    last = pulse.last_answer
    with broker(one.port):
        wait_for("its return", lambda: not pulse.silent, within=10)
        assert pulse.answered_again is not None
        assert last is not None
        assert pulse.answered_again > last


def test_a_frozen_broker_keeps_its_connection_and_is_silent_once_the_patience_is_over(stop: Event) -> None:
    with broker() as one:
        pulse = Pulse("127.0.0.1", one.port, stop, every=0.01, patience=0.2)
        wait_for("an answer", lambda: pulse.last_answer, within=10)
        one.answering.clear()
        wait_for("its silence", lambda: pulse.silent, within=10)
        one.answering.set()
        wait_for("its return", lambda: not pulse.silent, within=10)


def test_a_port_that_never_answered_is_unknown_and_not_silent(stop: Event) -> None:
    with broker() as one:
        one.answering.clear()
        pulse = Pulse("127.0.0.1", one.port, stop, every=0.01, patience=0.1)
        pause(0.5)
        assert (pulse.last_answer, pulse.silent) == (None, False)
