"""A small steady stream of notifications into the inbox, so that there is something to see.

Of every twenty one is of a kind that nobody knows, and ends among the dead letters; those for the east, where no desk
is open, end in `unrouted`.
"""

import json
import time
from collections.abc import Iterator

from kombu import Connection

from rabbitmq_demo.publisher import Publisher
from rabbitmq_demo.terminal import say
from rabbitmq_demo.topology import INBOX, KINDS, ROUTING_KEY_IN

REGIONS = ("north", "south", "east")
TEXTS = {
    "feed": "a new study about {region} is out",
    "web": "the page of clinic {number} has changed",
    "video": "a film of {number} seconds is ready",
    "image": "picture {number} was taken in the {region}",
    "gateway": "your appointment is at {number} o'clock",
    "officialsnotification": "{number} new cases in the {region}",
}
WAYS = ({"channel": "sms", "language": "ru"}, {"channel": "sms", "language": "en"}, {"channel": "voice"}, {})


class Trickle:
    """Sends `per_second` on one connection, and says when one was not taken."""

    is_done = False

    def __init__(self, connection: Connection, per_second: float, run: str, numbers: Iterator[int]) -> None:
        """`numbers` outlive the connection: no two notifications of a run have the same id."""
        self._publisher = Publisher(connection, window=10)
        self._interval, self._run, self._numbers = 1 / per_second, run, numbers
        self._due = time.monotonic()

    def turn(self) -> None:
        """Send what is due, hear the answers."""
        if time.monotonic() >= self._due:
            self._due = max(self._due + self._interval, time.monotonic())
            self._send(next(self._numbers))
        self._publisher.hear(min(0.5, max(0.01, self._due - time.monotonic())))

    def _send(self, number: int) -> None:
        id = f"{self._run}-{number:06d}"
        found, headers = notification(number)

        def done(outcome: str, value: object, error: str | None) -> None:
            if outcome != "ok":
                say("not sent", f"{id}: {error}")

        body = json.dumps({"id": id} | found).encode()
        self._publisher.publish(INBOX, ROUTING_KEY_IN, body, done, id=id, headers=headers, mandatory=True)


def notification(number: int) -> tuple[dict[str, str], dict[str, str | bool]]:
    """Body and headers of the notification of that number; every combination comes in turn."""
    kind, region = KINDS[number % len(KINDS)], REGIONS[number % 5 % len(REGIONS)]
    text = TEXTS[kind].format(region=region, number=number % 24)
    body = {"kind": kind, "region": region, "priority": "urgent" if number % 7 == 0 else "normal", "text": text}
    if number % 20 == 0:
        return body | {"kind": "telegram", "text": "of a kind that nobody knows, on purpose"}, {}
    return body, dict(WAYS[number // len(KINDS) % len(WAYS)]) if kind == "gateway" else {}
