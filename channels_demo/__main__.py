"""`python -m channels_demo`: the service on the command line; docker-compose.yml starts its parts with it.

The servers themselves are Daphne and uvicorn: `daphne channels_demo.asgi:application`.
Exit codes: 0 done, 64 wrong usage, 69 something that we need does not answer (see `errors`), 130 Ctrl-C.
"""

import argparse
import asyncio
import sys
from typing import NoReturn

import django

from channels_demo import settings
from channels_demo.errors import ChannelsDemoError
from channels_demo.wanted import REGION


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        settings.point_django_here()
        django.setup()
        options.verb(options)
    except ChannelsDemoError as error:
        print(f"channels_demo: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    return 0


def migrate(options: argparse.Namespace) -> None:
    """Make the schema, its tables and the demo's users, or bring them up to date."""
    from channels_demo.migrate import migrate

    migrate()


def bridge(options: argparse.Namespace) -> None:
    """Carry the results on `freblogg` to the pages, until SIGTERM or Ctrl-C."""
    from channels_demo.bridge import Bridge

    async def run() -> None:
        await Bridge().run()

    asyncio.run(run())


def publish(options: argparse.Namespace) -> None:
    """Send made-up events to a region, and print their numbers."""
    from channels_demo.publish import publish

    sent = asyncio.run(publish(options.region, options.count))
    print(f"{len(sent)} events to {options.region}, numbers {sent[0]['seq']} to {sent[-1]['seq']}")


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(64, f"{self.prog}: {message}; see {self.prog} --help\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m channels_demo", description="Sockets of Django Channels, fed from Kafka.")
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    verbs.add_parser("migrate", help="make the tables and the demo's users").set_defaults(verb=migrate)
    verbs.add_parser("bridge", help="carry results from Kafka to the pages").set_defaults(verb=bridge)
    asked = verbs.add_parser("publish", help="send made-up events to a region")
    asked.add_argument("--region", type=_region, default="north")
    asked.add_argument("--count", type=_count, default=1, metavar="N", help="1 to 100000 (default 1)")
    asked.set_defaults(verb=publish)
    return parser


def _region(text: str) -> str:
    if not REGION.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no name of a region; write it in small letters, e.g. north")
    return text


def _count(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) <= 100_000:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 to 100000")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
