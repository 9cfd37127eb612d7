"""`python -m rest_demo`: the service on the command line; docker-compose.yml starts its parts with it.

Exit codes: 0 done, 64 wrong usage, 69 something that we need does not answer (see `errors`), 130 Ctrl-C.
"""

import argparse
import sys
from typing import NoReturn

import django

from rest_demo import settings
from rest_demo.errors import RestDemoError


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        options.verb(options)
    except RestDemoError as error:
        print(f"rest_demo: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    return 0


def migrate(options: argparse.Namespace) -> None:
    """Make the schema, its tables and the demo's user, or bring them up to date."""
    from rest_demo.migrate import migrate

    migrate()


def attacker(options: argparse.Namespace) -> None:
    """Serve the attacker's page, which sends requests to the server in the name of who is logged in there."""
    from rest_demo.csrf.attacker import serve

    serve(*options.listen, options.target)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(64, f"{self.prog}: {message}; see {self.prog} --help\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m rest_demo", description="A REST service on several instances.")
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    verbs.add_parser("migrate", help="make the tables and the demo's user").set_defaults(verb=migrate)
    hostile = verbs.add_parser("attacker", help="serve the attacker's page, for the pages about CSRF")
    hostile.add_argument("--listen", type=_address, default=("127.0.0.1", 8499), metavar="HOST:PORT")
    hostile.add_argument("--target", default="http://shop.localhost:8470", metavar="URL", help="the victim's server")
    hostile.set_defaults(verb=attacker)
    return parser


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not (host and port.isdigit() and int(port) < 65536):
        raise argparse.ArgumentTypeError(f"{text!r} is no HOST:PORT, for example 127.0.0.1:8499")
    return host, int(port)


if __name__ == "__main__":
    settings.point_django_here()
    django.setup()
    sys.exit(main())
