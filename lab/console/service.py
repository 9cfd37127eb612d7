"""The console as a service of the stack, which shows everything and changes nothing.

    python -m lab.console.service --listen 0.0.0.0:8478

It needs the code, and the folder of runs in LAB_RUNS; no checkout, no stack's state, no docker command. Its name in
docker-compose.yml is a name that it answers to, so that a health check may ask it.
"""

import argparse
import signal

from lab import settings as environment
from lab.console import server
from lab.console.desk import Desk


def main() -> None:
    """Serve until SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m lab.console.service")
    parser.add_argument("--listen", default="127.0.0.1:8478", metavar="ADDRESS:PORT")
    parser.add_argument("--name", action="append", default=["console"], help="A name that it answers to.")
    told = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a stop is no crash
    address, _, port = told.listen.rpartition(":")
    desk = Desk(environment.read(), read_only=server.ONLY_SHOWS, names=tuple(told.name))
    listening = server.take(address, int(port))
    server.serve(desk, listening, lambda: print(f"console at {server.address_of(address, int(port))}", flush=True))


if __name__ == "__main__":
    main()
