"""`python -m celery_demo`: the service on the command line. Workers are Celery's own: `celery -A celery_demo worker`.

Exit codes: 0 done, 1 model and broker disagree, 64 wrong usage, 69 no broker or ledger answers, 130 Ctrl-C.
"""

import argparse
import json
import sys
from collections.abc import Callable
from typing import Any, NoReturn

from celery_demo.errors import CeleryDemoError
from celery_demo.ledger import Execution, Ledger
from celery_demo.routing import ORDERED, Route, explain


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        return options.verb(options) or 0
    except CeleryDemoError as error:
        print(f"celery_demo: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return 130


def route(options: argparse.Namespace) -> int:
    """Say which queue a task's name goes to and which rule decided, then send it for real and compare."""
    from celery_demo.observed import where_it_goes
    from celery_demo.setup import HUB

    model = explain(options.task, ORDERED, HUB.default)
    print("\n".join(lines(model)))
    seen = where_it_goes(HUB, options.task)
    agree = seen == [model.queue]
    print(f"really went to: {', '.join(seen) or 'no queue'}" + ("" if agree else "   NOT as predicted"))
    return 0 if agree else 1


def lines(found: Route) -> list[str]:
    """What `route` prints before it asks the broker."""
    looked = [
        f"  {'decides ' if rule.matched else 'passed  '}  {rule.kind:<9} {rule.rule}"
        + (f" -> {rule.queue}" if rule.matched else "")
        for rule in found.looked
    ]
    return [f"{found.task} -> {found.queue}", *looked]


def ledger(options: argparse.Namespace) -> None:
    """Print the executions that the ledger holds, the newest last; what a crash left has no end."""
    found = Ledger().executions(options.ids, options.last)
    if options.json:
        print(json.dumps([{name: getattr(one, name) for name in one.__dataclass_fields__} for one in found]))
        return
    print(f"{'task id':<38} {'task':<34} {'queue':<12} {'worker':<22} {'pid':>7}  ended")
    for one in found:
        print(
            f"{one.task_id:<38.38} {one.task:<34.34} {one.queue:<12.12} {one.worker:<22.22} {one.pid:>7}  {_end(one)}"
        )


def send(options: argparse.Namespace) -> None:
    """Hand one task to the broker, as `apply_async` does; arguments are a JSON list."""
    from celery_demo.celery import app
    from celery_demo.dispatch import send as send_task

    given = {name: getattr(options, name) for name in ("countdown", "expires", "queue", "priority")}
    sent = send_task(
        app, options.task, options.args, **{name: value for name, value in given.items() if value is not None}
    )
    print(sent.id)


def _end(one: Execution) -> str:
    if one.ended is None:
        return "started, never ended"
    return f"{one.outcome} after {one.ended - one.started:.3f} s" + (f": {one.error}" if one.error else "")


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(64, f"{self.prog}: {message}; see {self.prog} --help\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python -m celery_demo",
        description="A small Celery service: routes, tasks, and a ledger of executions.",
        epilog="Workers: celery -A celery_demo worker -Q feeds",
    )
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    _add(verbs, "route", route).add_argument("task", metavar="TASK_NAME", help="for example feed.tasks.render")
    shown = _add(verbs, "ledger", ledger)
    shown.add_argument("ids", nargs="?", default="", help="only task ids that begin so")
    shown.add_argument("--last", type=int, default=50, metavar="N", help="at most so many (default 50)")
    shown.add_argument("--json", action="store_true", help="as a JSON list")
    sent = _add(verbs, "send", send)
    sent.add_argument("task", metavar="TASK_NAME")
    sent.add_argument(
        "args", nargs="?", type=_list, default=[], metavar="JSON", help='for example \'["anna", "hello"]\''
    )
    sent.add_argument("--countdown", type=float, metavar="S", help="seconds to wait before it runs")
    sent.add_argument("--expires", type=float, metavar="S", help="seconds after which it is not run any more")
    sent.add_argument("--queue", metavar="NAME", help="wins over every route")
    sent.add_argument("--priority", type=int, metavar="N")
    return parser


def _add(verbs: "argparse._SubParsersAction[_Parser]", verb: str, run: Callable[..., Any]) -> argparse.ArgumentParser:
    parser = verbs.add_parser(verb, help=run.__doc__, description=run.__doc__)
    parser.set_defaults(verb=run)
    return parser


def _list(text: str) -> list[Any]:
    try:
        found = json.loads(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no JSON: {error}") from error
    if not isinstance(found, list):
        raise argparse.ArgumentTypeError(f"{text!r} is not a JSON list")
    return found


if __name__ == "__main__":
    sys.exit(main())
