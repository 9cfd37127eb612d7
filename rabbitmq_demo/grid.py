"""Messages through every kind of exchange, for `rabbitmq-exchange-types` and for the tests: by hand, and at random.

The grid by hand holds the corners that people trip over; what is generated finds those that nobody thought of.
"""

import random
from collections.abc import Iterator
from typing import Any

from rabbitmq_demo.wiring import DEFAULT_EXCHANGE, Binding, Exchange, ExchangeType, Queue, Topology

WAYS = ("direct", "fanout", "topic", "headers", "default", "exchange to exchange", "alternate")
GENERATED = "generated"
Case = tuple[str, str, str, dict[str, Any]]
"""Way, exchange, routing key, headers."""

_TOPIC = ("#", "*", "a", "a.#", "#.z", "a.*", "*.b.*", "a.#.c", "#.b.#", "a..b")
_HEADERS: dict[str, dict[str, Any]] = {
    "all-of-two": {"x-match": "all", "colour": "red", "size": 1},
    "any-of-two": {"x-match": "any", "colour": "red", "size": 1},
    "unsaid": {"colour": "red"},
    "nothing": {},
    "text-one": {"x-match": "all", "size": "1"},
    "true": {"x-match": "all", "size": True},
    "broken-one": {"x-match": "all", "size": 1.0},
    "only-x": {"x-match": "all", "x-hidden": "yes"},
    "with-x": {"x-match": "all-with-x", "x-hidden": "yes"},
    "any-with-x": {"x-match": "any-with-x", "x-hidden": "yes", "colour": "red"},
    "present": {"x-match": "all", "colour": None},
}

GRID = Topology(
    exchanges=(
        Exchange("direct", "direct"),
        Exchange("fanout", "fanout"),
        Exchange("topic", "topic"),
        Exchange("headers", "headers"),
        Exchange("front", "topic"),
        Exchange("back", "direct"),
        Exchange("side", "fanout"),
        Exchange("watched", "direct", alternate="lost"),
        Exchange("lost", "fanout"),
    ),
    queues=(
        *(Queue(f"direct-{name}") for name in ("red", "both", "twice")),
        *(Queue(f"fanout-{name}") for name in ("1", "2")),
        *(Queue(f"topic-{number}") for number in range(len(_TOPIC))),
        *(Queue(f"headers-{name}") for name in _HEADERS),
        *(Queue(name) for name in ("behind", "beside", "taken", "captured")),
    ),
    bindings=(
        Binding("direct", "direct-red", "red"),
        Binding("direct", "direct-both", "red"),
        Binding("direct", "direct-both", "blue"),
        Binding("direct", "direct-twice", "red"),
        Binding("direct", "direct-twice", ""),
        Binding("fanout", "fanout-1"),
        Binding("fanout", "fanout-2", "ignored"),
        *(Binding("topic", f"topic-{number}", pattern) for number, pattern in enumerate(_TOPIC)),
        *(Binding("headers", f"headers-{name}", headers=asked) for name, asked in _HEADERS.items()),
        Binding("front", "back", "order.#", to="exchange"),
        Binding("front", "side", "#.urgent", to="exchange"),
        Binding("front", "behind", "order.north"),
        Binding("back", "behind", "order.north"),
        Binding("back", "front", "order.circle", to="exchange"),
        Binding("side", "beside"),
        Binding("side", "behind"),
        Binding("watched", "taken", "known"),
        Binding("lost", "captured"),
    ),
)

_KEYS = ("", "a", "z", "b", "a.b", "a.c", "a.z", "a.b.c", "x.b.y", "a.b.z", "a..b", "a.b.c.z", ".", "A")
_MESSAGES: tuple[dict[str, Any], ...] = (
    {},
    {"colour": "red"},
    {"colour": "red", "size": 1},
    {"colour": "blue", "size": 1},
    {"size": "1"},
    {"size": True},
    {"size": 1.0},
    {"x-hidden": "yes"},
    {"x-hidden": "no", "colour": "red"},
)

CASES: tuple[Case, ...] = (
    *(("direct", "direct", key, {}) for key in ("red", "blue", "green", "", "Red")),
    *(("fanout", "fanout", key, {}) for key in ("", "ignored", "anything")),
    *(("topic", "topic", key, {}) for key in _KEYS),
    *(("headers", "headers", "", headers) for headers in _MESSAGES),
    *(("default", DEFAULT_EXCHANGE, key, {}) for key in ("topic-0", "behind", "no such queue")),
    *(("exchange to exchange", "front", key, {}) for key in ("order.north", "order.urgent", "order.circle", "other")),
    *(("alternate", "watched", key, {}) for key in ("known", "unknown", "")),
)


def unbound(topology: Topology) -> Topology:
    """The same exchanges and queues, with nothing between them."""
    return Topology(topology.exchanges, topology.queues, ())


def changed_by_hand(topology: Topology) -> Topology:
    """As if somebody had removed a binding that the others do not know of: the first of each exchange."""
    first = {binding.source: binding for binding in reversed(topology.bindings)}
    kept = tuple(binding for binding in topology.bindings if binding is not first[binding.source])
    return Topology(topology.exchanges, topology.queues, kept)


def generate(draw: random.Random, messages: int = 10) -> tuple[Topology, list[Case]]:
    """A small topology of any shape, also with circles, and messages into it."""
    types: tuple[ExchangeType, ...] = ("direct", "fanout", "topic", "headers")
    names = [f"x{number}" for number in range(draw.randint(1, 5))]
    exchanges = tuple(
        Exchange(name, draw.choice(types), draw.choice(names) if draw.random() < 0.3 else None) for name in names
    )
    queues = tuple(Queue(f"q{number}") for number in range(draw.randint(1, 5)))
    bindings = tuple(dict.fromkeys(map(str, found := list(_bindings(draw, exchanges, queues)))))
    kept = tuple(next(binding for binding in found if str(binding) == text) for text in bindings)
    cases = [(GENERATED, draw.choice(names), _key(draw), _headers(draw)) for _ in range(messages)]
    return Topology(exchanges, queues, kept), cases


def _bindings(draw: random.Random, exchanges: tuple[Exchange, ...], queues: tuple[Queue, ...]) -> Iterator[Binding]:
    for _ in range(draw.randint(1, 12)):
        source = draw.choice(exchanges)
        key = _pattern(draw) if source.type == "topic" else _key(draw)
        headers = _headers(draw) | {"x-match": draw.choice(("all", "any"))} if source.type == "headers" else None
        if draw.random() < 0.3:
            yield Binding(source.name, draw.choice(exchanges).name, key, headers, to="exchange")
        else:
            yield Binding(source.name, draw.choice(queues).name, key, headers)


def _key(draw: random.Random) -> str:
    return ".".join(draw.choice(("a", "b", "c", "")) for _ in range(draw.choice((0, 1, 1, 2, 2, 3, 4))))


def _pattern(draw: random.Random) -> str:
    """At most two `#`: newer brokers refuse more."""
    words = [draw.choice(("a", "b", "c", "*", "*", "#", "")) for _ in range(draw.choice((0, 1, 1, 2, 2, 3, 4)))]
    return ".".join(word for place, word in enumerate(words) if word != "#" or words[:place].count("#") < 2)


def _headers(draw: random.Random) -> dict[str, Any]:
    values = ("r", "g", 1, "1", True, None)
    return {name: draw.choice(values) for name in ("colour", "size", "x-more") if draw.random() < 0.5}
