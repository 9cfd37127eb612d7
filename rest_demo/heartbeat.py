"""Answers whether this process still goes round: 200 while it does, 503 once it has hung for too long.

The relay and the traffic beat in every turn, also while they wait for somebody: that is no illness of theirs.
The health check of docker-compose.yml asks here.
"""

import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from rest_demo.errors import WrongUsage

PATIENCE = 20.0
"""Seconds without a turn from which the process counts as hung."""


class Heartbeat:
    """Healthy for PATIENCE seconds after each beat."""

    def __init__(self, address: tuple[str, int] | None = None) -> None:
        """With an address, answer GET there in a thread of its own; WrongUsage when that port is not to be had."""
        self.beat()
        self._server: ThreadingHTTPServer | None = None
        if address:
            try:
                self._server = ThreadingHTTPServer(address, _handler(self))
            except OSError as error:
                raise WrongUsage(
                    f"REST_DEMO_HEALTH asks for {address[0]}:{address[1]}, which is not to be had: {error.strerror}"
                ) from error
            Thread(target=self._server.serve_forever, name="health", daemon=True).start()

    def beat(self) -> None:
        self._latest = time.monotonic()

    def answer(self) -> tuple[int, str]:
        """The status code and a sentence."""
        age = time.monotonic() - self._latest
        return (200, f"the last turn was {age:.1f} s ago") if age < PATIENCE else (503, f"no turn for {age:.1f} s")

    def close(self) -> None:
        if self._server:
            self._server.shutdown()
            self._server.server_close()


def _handler(heartbeat: Heartbeat) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            code, sentence = heartbeat.answer()
            body = f"{sentence}\n".encode()
            self.send_response(code)
            self.send_header("Content-Type", "text/plain; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """A probe every five seconds is no news."""

    return Handler
