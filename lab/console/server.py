"""Serves the console: takes the port and runs until Ctrl-C. The verb `lab console` and service.py call it.

Ctrl-C and SIGTERM end it at once: sse-starlette ends the event streams, and whatever the pages have started is a child
in a session of its own and goes on.
"""

import contextlib
import errno
import socket
import threading
from collections.abc import Callable

import uvicorn

from lab.cluster.local.ports import holder
from lab.cluster.target import LabError, StackUnavailable
from lab.console.app import application
from lab.console.desk import Desk
from lab.words import _, later

PORT = 8479
ENDS_WITHIN = 3
"""Seconds for requests that are being answered when the console ends."""
ONLY_SHOWS = later("This console only shows. One that can run, break and heal: `bin/lab console`.")
EXTERNAL = later("This stack is somebody else's: break it by hand, and run scenarios with `bin/lab run`.")
LOOPBACK = ("127.0.0.1", "::1", "localhost")


def take(address: str, port: int) -> socket.socket:
    """A socket that is bound. Raises StackUnavailable, naming who has the port, when it is taken."""
    try:
        family, kind, _proto, _name, place = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM)[0]
        taken = socket.socket(family, kind)
    except OSError as error:
        raise StackUnavailable(
            _("Cannot listen on {address}: {error}.").format(address=address, error=error)
        ) from error
    try:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(place)
    except OSError as error:
        taken.close()
        if error.errno == errno.EADDRINUSE:
            sentence = _("Port {port} is taken by {holder}. End that, or choose another: `lab console --port {other}`.")
            raise StackUnavailable(
                sentence.format(port=port, holder=holder(address, port), other=port + 1 if port < 65535 else port - 1)
            ) from error
        sentence = _("Cannot listen on {address}:{port}: {error}.")
        raise StackUnavailable(sentence.format(address=address, port=port, error=error.strerror)) from error
    return taken


def address_of(listen: str, port: int) -> str:
    """What to open in a browser on this machine."""
    name = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(listen, f"[{listen}]" if ":" in listen else listen)
    return f"http://{name}:{port}/"


def serve(desk: Desk, listening: socket.socket, ready: Callable[[], None]) -> None:
    """Serve until Ctrl-C or SIGTERM. `ready` is called once the port is open."""
    threading.Thread(target=_read_ahead, args=(desk,), daemon=True).start()
    config = uvicorn.Config(
        application(desk),
        log_level="warning",
        access_log=False,
        lifespan="off",
        ws="none",
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=ENDS_WITHIN,
    )
    listening.listen(128)
    ready()
    with contextlib.suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[listening])


def _read_ahead(desk: Desk) -> None:
    """The first page should not wait for the scenarios. Whoever asks for them is told the error, if there is one."""
    with contextlib.suppress(LabError):
        desk.catalogue.read()
