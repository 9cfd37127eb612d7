"""The hub's rule for price and priority, in its two versions: pure functions on plain data.

The server asks here (`api.py`); a thick client that holds the rule itself gets the same data from /api/rules/ and asks
here too, so that both decide alike, until the server's version is another one than the client was built with.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

KINDS = ("feed", "web", "video", "image", "gateway", "officialsnotification")
PRIORITIES = ("normal", "urgent")
ELSEWHERE = "elsewhere"
REGIONS = (
    "north", "south", "east", "west", "centre", "coast", "hills", "islands", "lakes", "plains", "valley", ELSEWHERE,
)  # fmt: skip
MOST_RECIPIENTS = 1_000_000

_CENT = Decimal("0.01")
_BASE = dict(zip(KINDS, map(Decimal, ("0.10", "0.12", "0.45", "0.30", "0.60", "0.05")), strict=True))


@dataclass(frozen=True, slots=True)
class Tariff:
    """What one kind costs in one region, for each recipient, and how many recipients make it urgent."""

    kind: str
    region: str
    price: Decimal
    urgent_from: int


@dataclass(frozen=True, slots=True)
class Rule:
    """Everything that a decision depends on."""

    version: int
    tariffs: Mapping[tuple[str, str], Tariff]
    urgent_kinds: tuple[str, ...]
    discount_from: int
    """From so many recipients on `discount_percent` is taken off."""
    discount_percent: int


@dataclass(frozen=True, slots=True)
class Decision:
    priority: str
    price: Decimal
    rule_version: int


def decide(rule: Rule, kind: str, region: str, recipients: int = 1) -> Decision:
    """A region that has no tariff of its own is `elsewhere`. KeyError for a kind that does not exist."""
    tariff = rule.tariffs.get((kind, region)) or rule.tariffs[kind, ELSEWHERE]
    urgent = kind in rule.urgent_kinds or recipients >= tariff.urgent_from
    price = tariff.price * recipients
    if recipients >= rule.discount_from:
        price = price * (100 - rule.discount_percent) / 100
    return Decision("urgent" if urgent else "normal", price.quantize(_CENT, ROUND_HALF_UP), rule.version)


def rule_of(pages: Iterable[Mapping[str, Any]]) -> Rule:
    """The rule again, from all pages of /api/rules/: what a thick client does with them."""
    tariffs: dict[tuple[str, str], Tariff] = {}
    first: Mapping[str, Any] = {}
    for page in pages:
        first = first or page
        for row in page["results"]:
            found = Tariff(row["kind"], row["region"], Decimal(row["price"]), row["urgent_from"])
            tariffs[found.kind, found.region] = found
    return Rule(
        first["rule_version"], tariffs, tuple(first["urgent_kinds"]), first["discount_from"], first["discount_percent"]
    )


def _tariffs(percent: int, urgent_from: int) -> Iterator[tuple[tuple[str, str], Tariff]]:
    for kind, base in _BASE.items():
        for number, region in enumerate(REGIONS):
            price = (base * (100 + 5 * number) * percent / 10_000).quantize(Decimal("0.0001"))
            yield (kind, region), Tariff(kind, region, price, urgent_from + 100 * number)


RULES: Mapping[int, Rule] = {
    1: Rule(1, dict(_tariffs(100, 1000)), ("officialsnotification",), discount_from=500, discount_percent=10),
    2: Rule(2, dict(_tariffs(110, 200)), ("officialsnotification", "gateway"), discount_from=50, discount_percent=20),
}
"""The second is dearer, urgent sooner, and gives more off: an answer tells at a glance which one made it."""
