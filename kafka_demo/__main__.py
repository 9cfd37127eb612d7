"""`python -m kafka_demo`: the service on the command line; docker-compose.yml starts its parts with it.

Exit codes: 0 done, 64 wrong usage, 69 no broker answers (see `errors`), 130 Ctrl-C.
"""

import argparse
import sys
import time
from collections.abc import Callable
from threading import Event
from typing import NoReturn

from kafka_demo import settings
from kafka_demo.changes import state
from kafka_demo.errors import KafkaDemoError, TopicExists, UnknownTopic
from kafka_demo.service import await_topic, serve
from kafka_demo.topic import create_topic, find_topic
from kafka_demo.traffic import Traffic
from kafka_demo.watcher import Watcher

PATIENCE = 120.0
"""Seconds in which `create-topic` wants an answer: brokers that start beside it need some of them."""


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        options.verb(options)
    except KafkaDemoError as error:
        print(f"kafka_demo: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    return 0


def create(options: argparse.Namespace) -> None:
    """Make the topic, or see that it is there and as it should be."""
    wanted = {
        "partitions": options.partitions,
        "replication_factor": options.replication_factor,
        "min_in_sync_replicas": options.min_in_sync_replicas,
    }
    print(f"asking {settings.read().bootstrap} for topic {options.name}, for {PATIENCE:g} s at most", file=sys.stderr)
    deadline = time.monotonic() + PATIENCE
    try:
        topic, made = find_topic(options.name, within=PATIENCE), False
    except UnknownTopic:
        topic, made = create_topic(options.name, **wanted, within=deadline - time.monotonic()), True
    found = {key: value for key, value in topic.describe().items() if key in wanted}
    if found != wanted:
        different = ", ".join(f"{key} {found[key]} (not {wanted[key]})" for key in wanted if found[key] != wanted[key])
        raise TopicExists(
            f"topic {options.name!r} is there already and differs: {different}; ask for what it is, or delete it first"
        )
    done = "made, every copy is in sync" if made else "was there already"
    print(f"{options.name}: {options.partitions} partitions, {options.replication_factor} copies of each; {done}")


def describe(options: argparse.Namespace) -> None:
    """Print the topic as it is now."""
    topic = find_topic(options.name)
    made, look = topic.describe(), topic.cluster()
    print(
        f"{topic.name}: {made['partitions']} partitions, {made['replication_factor']} copies of each, "
        f"acks=all needs {made['min_in_sync_replicas']} in sync; session timeout {topic.session_timeout():g} s"
    )
    print(f"{'partition':<9}  {'leader':<10}  {'replicas (preferred leader first)':<33}  in sync")
    for number, one in look["partitions"].items():
        replicas, in_sync = " ".join(one["replicas"]), " ".join(one["in_sync"])
        print(f"{number:<9}  {one['leader'] or 'nobody':<10}  {replicas:<33}  {in_sync}")


def elect(options: argparse.Namespace) -> None:
    """Give each partition back to its preferred leader."""
    topic = find_topic(options.name)
    topic.elect_preferred_leaders()
    for label, sentence in state(topic.cluster()):
        print(f"{label}: {sentence}")


def watch(options: argparse.Namespace) -> None:
    """Print every change of leaders and in-sync sets until SIGTERM or Ctrl-C."""
    serve(lambda stop, turn: Watcher(options.name, stop, turn=turn).run())


def traffic(options: argparse.Namespace) -> None:
    """Write and read numbered records until SIGTERM or Ctrl-C, and count."""

    def run(stop: Event, turn: Callable[[], None]) -> None:
        topic = await_topic(options.name, stop, turn)
        if topic:
            Traffic(topic, options.per_second, stop, turn=turn).run()

    serve(run)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(64, f"{self.prog}: {message}; see {self.prog} --help\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python -m kafka_demo",
        description="A small Kafka service: a topic with copies, a watcher, steady traffic.",
        epilog="KAFKA_BOOTSTRAP names the brokers (host:port,...); without it the ports of the lab's stack are used.",
    )
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    for verb, run in (("create-topic", create), ("describe", describe), ("elect", elect), ("watch", watch)):
        _add(verbs, verb, run)
    made = verbs.choices["create-topic"]
    made.add_argument("--partitions", type=_count, default=6, metavar="N", help="how many (default 6)")
    made.add_argument("--replication-factor", type=_count, default=2, metavar="N", help="copies of each (default 2)")
    made.add_argument(
        "--min-in-sync-replicas", type=_count, default=1, metavar="N", help="copies that acks=all needs (default 1)"
    )
    _add(verbs, "traffic", traffic).add_argument(
        "--per-second", type=_rate, default=5.0, metavar="R", help="records a second (default 5)"
    )
    return parser


def _add(verbs: "argparse._SubParsersAction[_Parser]", verb: str, run: Callable[..., None]) -> argparse.ArgumentParser:
    parser = verbs.add_parser(verb, help=run.__doc__, description=run.__doc__)
    parser.add_argument("name", metavar="TOPIC", help="for example freblogg")
    parser.set_defaults(verb=run)
    return parser


def _count(text: str) -> int:
    if not (text.isdigit() and 0 < int(text) < 1000):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 to 999")
    return int(text)


def _rate(text: str) -> float:
    try:
        rate = float(text)
    except ValueError:
        rate = 0.0
    if not 0 < rate <= 10_000:
        raise argparse.ArgumentTypeError(f"{text!r} is not a rate above 0 and up to 10000")
    return rate


if __name__ == "__main__":
    sys.exit(main())
