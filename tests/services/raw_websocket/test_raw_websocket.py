"""What no library would send, at Daphne and at uvicorn: each ends as recorded, and nobody else notices.

Three sockets of the live feed stand beside all of it, on each server, and must be answered after every case.
"""

import itertools
import json
from collections.abc import Callable, Iterator

import pytest

from channels_demo import close_codes
from channels_demo.scenarios.sockets import Socket, open_socket
from tests.conftest import Stack
from tests.services.raw_websocket.cases import CASES_OF, GOOD, HANDSHAKES_OF
from tests.services.raw_websocket.messages import ERRORS, QUERIES
from tests.services.raw_websocket.wire import BINARY, TEXT, Wire, frame, handshake

PORTS = {"channels-1": "LAB_CHANNELS_1_PORT", "channels-uvicorn": "LAB_CHANNELS_UVICORN_PORT"}
PATH = "/ws/feed/?region=raw"
BYSTANDERS = 3
SILENCE = 1.0
"""Seconds after which no answer is no answer, where none is recorded."""


class Server:
    """One server of the stack, and the sockets that must notice nothing."""

    def __init__(self, service: str, address: tuple[str, int]) -> None:
        self.service = service
        self._address = address
        self.host = f"{address[0]}:{address[1]}"
        self.origin = f"Origin: http://{self.host}"
        self.bystanders = [self.open(PATH) for _ in range(BYSTANDERS)]
        self._turn = itertools.cycle(self.bystanders)

    def open(self, path: str) -> Socket:
        return open_socket(f"ws://{self.host}{path}", origin=f"http://{self.host}")

    def connect(self, within: float = 20.0) -> Wire:
        return Wire(self._address, within)

    def socket(self, path: str = PATH) -> Wire:
        """A connection after its handshake and the feed's welcome."""
        wire = self.connect()
        wire.send(handshake(path, self.host, self.origin))
        assert wire.status() == "101"
        assert json.loads(wire.text())["type"] == "welcome"
        return wire

    def serves_the_others(self) -> None:
        """The server answers each, and the application one of them in turn: more often they may not ask."""
        for socket in self.bystanders:
            socket.ping()
        asking = next(self._turn)
        asking.send({"type": "ping"})
        assert asking.receive()["type"] == "pong"
        assert all(frame["type"] in ("welcome", "pong") for socket in self.bystanders for frame in socket.frames)


@pytest.fixture(scope="module")
def servers(stack: Stack) -> Iterator[Callable[[str], Server]]:
    """The server of a service; the sockets beside it stay open from its first case to the last."""
    found: dict[str, Server] = {}

    def server(service: str) -> Server:
        if service not in found:
            found[service] = Server(service, ("127.0.0.1", int(stack.settings.variables[PORTS[service]])))
            for socket in found[service].bystanders:
                assert socket.receive()["type"] == "welcome"
        return found[service]

    yield server
    for one in found.values():
        for socket in one.bystanders:
            socket.close()


@pytest.mark.parametrize(("service", "case"), [(one, case) for one, cases in CASES_OF.items() for case in cases])
def test_bytes_end_as_recorded_and_the_others_are_served(
    servers: Callable[[str], Server], service: str, case: str
) -> None:
    server = servers(service)
    sends, predicted = CASES_OF[service][case]
    with server.socket() as wire:
        wire.send(sends)
        found = wire.alive(text_comes="text" in predicted) if predicted.endswith("alive") else wire.end()
        assert found == predicted
    server.serves_the_others()


@pytest.mark.parametrize(("service", "case"), [(one, case) for one, cases in HANDSHAKES_OF.items() for case in cases])
def test_a_handshake_ends_as_recorded_and_the_others_are_served(
    servers: Callable[[str], Server], service: str, case: str
) -> None:
    server = servers(service)
    sends, predicted = HANDSHAKES_OF[service][case]
    with server.connect(SILENCE if predicted == "waits" else 20.0) as wire:
        wire.send(sends(PATH, server.host).replace(b"\r\n\r\n", f"\r\n{server.origin}\r\n\r\n".encode(), 1))
        assert wire.status() == predicted
    server.serves_the_others()


@pytest.mark.parametrize("service", PORTS)
def test_a_message_that_makes_no_sense_is_answered_with_the_reason(
    servers: Callable[[str], Server], service: str
) -> None:
    server = servers(service)
    for name, (message, code) in ERRORS.items():
        with server.socket() as wire:
            content = message if isinstance(message, bytes) else message.encode()
            wire.send(frame(BINARY if isinstance(message, bytes) else TEXT, content))
            answer = json.loads(wire.text())
            assert (answer["type"], answer["code"]) == ("error", code), name
            assert answer["detail"]
            wire.send(frame(TEXT, GOOD))
            assert json.loads(wire.text())["type"] == "pong", name
        server.serves_the_others()


@pytest.mark.parametrize("service", PORTS)
def test_a_query_that_makes_no_sense_is_closed_with_the_reason(servers: Callable[[str], Server], service: str) -> None:
    server = servers(service)
    for name, (query, code) in QUERIES.items():
        with server.open(f"/ws/feed/?{query}") as socket:
            assert socket.outcome() == f"close {code}", name
    with server.open("/ws/no/such/path") as socket:
        assert socket.outcome() == f"close {close_codes.NO_SUCH_PATH}"
    server.serves_the_others()


@pytest.mark.parametrize("service", PORTS)
def test_who_goes_on_making_no_sense_is_closed(servers: Callable[[str], Server], service: str) -> None:
    server = servers(service)
    with server.socket() as wire:
        wire.send(frame(TEXT, b"no") * 40)
        assert wire.end().endswith(f", close {close_codes.MALFORMED}")
    server.serves_the_others()


@pytest.mark.parametrize("service", PORTS)
def test_who_floods_is_closed(servers: Callable[[str], Server], service: str) -> None:
    server = servers(service)
    with server.socket() as wire:
        wire.send(frame(TEXT, GOOD) * 1000)
        came = wire.end()
        assert came.endswith(f", close {close_codes.FLOODING}")
        assert 0 < came.count("text") < 200
    server.serves_the_others()


@pytest.mark.parametrize("service", PORTS)
def test_connections_that_say_nothing_or_end_in_the_middle_take_no_place_from_others(
    servers: Callable[[str], Server], service: str
) -> None:
    server = servers(service)
    silent = [server.connect() for _ in range(50)]
    for number, wire in enumerate(silent):
        wire.send(handshake(PATH, server.host)[: number * 3])
    for _ in range(20):
        with server.socket() as wire:
            wire.send(frame(TEXT, GOOD)[:9])
    server.serves_the_others()
    for wire in silent:
        wire.close()
    server.serves_the_others()
