"""Answers whether this worker's own loop still turns: 200 while it does, 503 once it has hung for too long.

`worker.py` beats from the worker's event loop; the health check of docker-compose.yml asks here.
"""

import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from celery_demo.errors import WrongUsage

PATIENCE = 20.0
"""Seconds without a beat from which the worker counts as hung."""


class Health:
    """Healthy for PATIENCE seconds after each beat."""

    def __init__(self) -> None:
        self.beat()
        self._server: ThreadingHTTPServer | None = None

    def listen(self, address: tuple[str, int] | None) -> None:
        """Answer GET at the address, in a thread of its own; once. WrongUsage when that port is not to be had."""
        if not address or self._server:
            return
        try:
            self._server = ThreadingHTTPServer(address, _handler(self))
        except OSError as error:
            raise WrongUsage(
                f"CELERY_DEMO_HEALTH asks for {address[0]}:{address[1]}, which is not to be had: {error.strerror}"
            ) from error
        Thread(target=self._server.serve_forever, name="health", daemon=True).start()

    def forget(self) -> None:
        """In a forked child: it must not keep the port of its parent open."""
        if self._server:
            self._server.socket.close()

    def beat(self) -> None:
        self._latest = time.monotonic()

    def answer(self) -> tuple[int, str]:
        """The status code and a sentence."""
        age = time.monotonic() - self._latest
        return (200, f"the last turn was {age:.1f} s ago") if age < PATIENCE else (503, f"no turn for {age:.1f} s")


def _handler(health: Health) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            code, sentence = health.answer()
            body = f"{sentence}\n".encode()
            self.send_response(code)
            self.send_header("Content-Type", "text/plain; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """A probe every five seconds is no news."""

    return Handler
