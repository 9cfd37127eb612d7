"""`python -m rabbitmq_demo`: the service on the command line; docker-compose.yml starts its parts with it.

Exit codes: 0 done, 1 model and broker disagree, 64 wrong usage, 69 no broker answers (see `errors`), 130 Ctrl-C.
"""

import argparse
import itertools
import sys
import time
from collections import Counter
from collections.abc import Callable
from typing import NoReturn

from rabbitmq_demo import settings
from rabbitmq_demo.broker import connect, hang_up
from rabbitmq_demo.consumers import Consumers
from rabbitmq_demo.errors import RabbitDemoError
from rabbitmq_demo.explain import compare, header, lines
from rabbitmq_demo.handover import Handover
from rabbitmq_demo.router import Router
from rabbitmq_demo.service import serve
from rabbitmq_demo.topology import HUB, TOPOLOGY, declare
from rabbitmq_demo.trickle import Trickle


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        options.verb(options)
    except RabbitDemoError as error:
        print(f"rabbitmq_demo: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    return 0


def route(options: argparse.Namespace) -> None:
    """Say which queues of the hub a message with this key reaches, and why; by our model, then by the real broker."""
    connection = connect("rabbitmq_demo route")
    try:
        routed, verdict = compare(connection, options.key, dict(options.header), options.exchange)
    finally:
        hang_up(connection)
    print("\n".join([*lines(routed), verdict]))


def topology(options: argparse.Namespace) -> None:
    """Declare the hub's topology, or see that it is there, and print its bindings."""
    connection = connect("rabbitmq_demo topology")
    try:
        declare(TOPOLOGY, connection)
    finally:
        hang_up(connection)
    print("\n".join(str(binding) for binding in TOPOLOGY.bindings))


def router(options: argparse.Namespace) -> None:
    """Take notifications from the inbox and hand them to the hub, until SIGTERM or Ctrl-C."""
    counts: Counter[str] = Counter()
    serve("router", lambda connection, careful: Router(connection, careful, counts))


def consumers(options: argparse.Namespace) -> None:
    """Take from every queue of the hub, print one line a message and hand it to its worker, until SIGTERM or Ctrl-C."""
    tasks = settings.read().tasks
    handover = Handover(tasks) if tasks else None
    serve("consumers", lambda connection, careful: Consumers(connection, careful, handover))


def trickle(options: argparse.Namespace) -> None:
    """Send a steady trickle of notifications, until SIGTERM or Ctrl-C."""
    run = f"t{time.time_ns() // 1_000_000_000 % 1_000_000:x}"
    numbers = itertools.count(1)
    serve("trickle", lambda connection, careful: Trickle(connection, options.per_second, run, numbers))


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(64, f"{self.prog}: {message}; see {self.prog} --help\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python -m rabbitmq_demo",
        description="A small RabbitMQ service: a topology, a router, consumers that say why they got what.",
        epilog="RABBITMQ_URL names the broker; without it the port of the lab's stack is used.",
    )
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    asked = _add(verbs, "route", route)
    asked.add_argument("key", metavar="KEY", help="a routing key, for example feed.north.urgent")
    asked.add_argument(
        "--header", action="append", default=[], type=_header, metavar="k=v", help="may be given more than once"
    )
    asked.add_argument(
        "--exchange", default=HUB, choices=[exchange.name for exchange in TOPOLOGY.exchanges], help=f"default {HUB}"
    )
    for verb, run in (("topology", topology), ("router", router), ("consumers", consumers)):
        _add(verbs, verb, run)
    _add(verbs, "trickle", trickle).add_argument(
        "--per-second", type=_rate, default=0.5, metavar="R", help="notifications a second (default 0.5)"
    )
    return parser


def _add(verbs: "argparse._SubParsersAction[_Parser]", verb: str, run: Callable[..., None]) -> argparse.ArgumentParser:
    parser = verbs.add_parser(verb, help=run.__doc__, description=run.__doc__)
    parser.set_defaults(verb=run)
    return parser


def _header(text: str) -> tuple[str, object]:
    try:
        return header(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _rate(text: str) -> float:
    try:
        rate = float(text)
    except ValueError:
        rate = 0.0
    if not 0 < rate <= 1000:
        raise argparse.ArgumentTypeError(f"{text!r} is not a rate above 0 and up to 1000")
    return rate


if __name__ == "__main__":
    sys.exit(main())
