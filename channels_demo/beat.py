"""Answers whether the bridge still goes round: 200 while it does, 503 once it has hung for too long.

It beats in every turn, whatever Kafka and Redis do: their death is what it is there to survive, no illness of its own.
The health check of docker-compose.yml asks here.
"""

import json
import time
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from channels_demo.errors import WrongUsage

PATIENCE = 30.0
"""Seconds without a turn from which the process counts as hung."""


class Beat:
    """`counts` is shown to whoever asks."""

    def __init__(self, address: tuple[str, int] | None, counts: Callable[[], Mapping[str, int]]) -> None:
        """WrongUsage when that port is not to be had."""
        self._counts = counts
        self()
        if not address:
            return
        try:
            server = ThreadingHTTPServer(address, _handler(self))
        except OSError as error:
            raise WrongUsage(
                f"CHANNELS_DEMO_HEALTH asks for {address[0]}:{address[1]}, which is not to be had: {error.strerror}"
            ) from error
        Thread(target=server.serve_forever, name="health", daemon=True).start()

    def __call__(self) -> None:
        self._latest = time.monotonic()

    def answer(self) -> tuple[int, str]:
        """The status code, and as JSON the age of the last turn and what was counted."""
        age = time.monotonic() - self._latest
        return (200 if age < PATIENCE else 503), json.dumps({"last_turn": round(age, 1), **self._counts()})


def _handler(beat: Beat) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            code, text = beat.answer()
            body = f"{text}\n".encode()
            self.send_response(code)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """A probe every five seconds is no news."""

    return Handler
