"""`python -m rest_demo`: the service on the command line; docker-compose.yml starts its parts with it.

Exit codes: 0 done, 1 rows or a whole file were refused, 64 wrong usage, 69 something that we need does not answer (see
`errors`), 130 Ctrl-C.
"""

import argparse
import sys
from pathlib import Path
from typing import NoReturn

from rest_demo import settings
from rest_demo.contacts.choices import ENCODINGS, FORMATS, MODES
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
    _set_django_up()
    from rest_demo.migrate import migrate

    migrate()


def release(options: argparse.Namespace) -> None:
    """Let an instance run this version of the rule from its next start on."""
    _set_django_up()
    from rest_demo.rules.release import release

    release(options.instance, options.version)
    print(f"{options.instance} takes up version {options.version} when it starts next")


def relay(options: argparse.Namespace) -> None:
    """Send what stands in the outbox, until SIGTERM or Ctrl-C."""
    from rest_demo.relay import Relay
    from rest_demo.stopping import stopped_by_signals

    Relay(stopped_by_signals()).run()


def traffic(options: argparse.Namespace) -> None:
    """Post a steady trickle of notifications through the balancer, until SIGTERM or Ctrl-C."""
    from rest_demo.stopping import stopped_by_signals
    from rest_demo.traffic import run

    run(options.per_second, stopped_by_signals())


def attacker(options: argparse.Namespace) -> None:
    """Serve the attacker's page, which sends requests to the server in the name of who is logged in there."""
    from rest_demo.csrf.attacker import serve

    serve(*options.listen, options.target)


def import_contacts(options: argparse.Namespace) -> None:
    """Import contacts from a csv, xlsx or JSON file."""
    _set_django_up()
    from rest_demo.contacts.command import import_file

    import_file(
        options.file, options.mode,
        dry_run=options.dry_run, kind=options.format, encoding=options.encoding, as_json=options.json,
    )  # fmt: skip


def export_contacts(options: argparse.Namespace) -> None:
    """Export contacts to a csv, xlsx or JSON file."""
    _set_django_up()
    from rest_demo.contacts.command import export_file

    export_file(options.file, options.format, options.prefix)


def _set_django_up() -> None:
    """Only for verbs that need it: the relay and the traffic do without Django, and are the smaller for it."""
    import django

    settings.point_django_here()
    django.setup()


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(64, f"{self.prog}: {message}; see {self.prog} --help\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m rest_demo", description="A REST service on several instances.")
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    verbs.add_parser("migrate", help="make the tables and the demo's user").set_defaults(verb=migrate)
    released = verbs.add_parser("release", help="let an instance run another version of the rule")
    released.add_argument("instance", metavar="INSTANCE", help="for example rest-1")
    released.add_argument("version", type=int, metavar="VERSION", help="1 or 2; taken up at the instance's next start")
    released.set_defaults(verb=release)
    verbs.add_parser("relay", help="send what stands in the outbox").set_defaults(verb=relay)
    taken = verbs.add_parser("import", help="import contacts from a csv, xlsx or JSON file")
    taken.add_argument("file", type=Path, metavar="FILE")
    taken.add_argument("--mode", choices=MODES, default=MODES[0], help=f"(default {MODES[0]})")
    taken.add_argument("--dry-run", action="store_true", help="say what would be done, and do nothing")
    taken.add_argument("--format", choices=FORMATS, help="without it the file's name says it")
    taken.add_argument("--encoding", choices=ENCODINGS, help="of csv and json (default utf-8)")
    taken.add_argument("--json", action="store_true", help="the report as one JSON object")
    taken.set_defaults(verb=import_contacts)
    given = verbs.add_parser("export", help="export contacts to a csv, xlsx or JSON file")
    given.add_argument("file", type=Path, metavar="FILE")
    given.add_argument("--format", choices=FORMATS, help="without it the file's name says it")
    given.add_argument("--prefix", default="", metavar="CODE", help="only those whose code begins so")
    given.set_defaults(verb=export_contacts)
    steady = verbs.add_parser("traffic", help="post a steady trickle of notifications")
    steady.add_argument("--per-second", type=_rate, default=0.5, metavar="R", help="(default 0.5)")
    steady.set_defaults(verb=traffic)
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
