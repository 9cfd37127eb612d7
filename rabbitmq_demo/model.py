"""Where a message goes, said without a broker: our own reading of the rules, to hold the broker against.

`route` follows a message from an exchange through bindings, exchange-to-exchange bindings and alternate exchanges. It
shares nothing with `topology.declare` but the data in `wiring`. Consumers explain with it why something reached them;
`python -m rabbitmq_demo route` prints every step; scenarios and tests compare its queues with the broker's.

The rules: https://www.rabbitmq.com/docs/exchanges, https://www.rabbitmq.com/docs/ae, and our own runs on RabbitMQ
3.10, 4.0 and 4.3 where the pages say too little (typed header values, empty words, empty patterns).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from rabbitmq_demo.wiring import DEFAULT_EXCHANGE, Binding, Exchange, Topology


@dataclass(frozen=True, slots=True)
class Step:
    """One question that an exchange asked. `binding` is None for the default exchange, which looks for a name."""

    exchange: str
    binding: Binding | None
    matched: bool
    why: str


@dataclass(frozen=True, slots=True)
class Routed:
    """The queues that get one copy each, and every step on the way, in order."""

    queues: frozenset[str]
    steps: tuple[Step, ...]

    def why_in(self, queue: str) -> Iterator[Step]:
        """One way to a queue: the matched steps from the last one back to the first exchange."""
        wanted = queue
        for step in reversed(self.steps):
            if step.matched and (step.binding is None or step.binding.destination == wanted):
                yield step
                wanted = step.exchange


Release = tuple[int, int]
NEWEST: Release = (4, 3)


def route(
    topology: Topology, exchange: str, key: str, headers: Mapping[str, Any] | None = None, release: Release = NEWEST
) -> Routed:
    """Follow a message that is published to `exchange`. KeyError when the topology has no such exchange.

    release: the broker's, for the one rule that has changed (`headers_match`).
    """
    if exchange == DEFAULT_EXCHANGE:
        return _by_name(topology, key)
    queues: list[str] = []
    steps: list[Step] = []
    waiting, seen = [exchange], {exchange}
    while waiting:
        current = topology.exchange(waiting.pop(0))
        found = [
            (binding, *_asked(current, binding, key, headers or {}, release)) for binding in _of(topology, current)
        ]
        steps += [Step(current.name, binding, matched, why) for binding, matched, why in found]
        onward = [binding for binding, matched, _ in found if matched]
        queues += [binding.destination for binding in onward if binding.to == "queue"]
        next_exchanges = [binding.destination for binding in onward if binding.to == "exchange"]
        if not onward and current.alternate:
            why = f"nothing matched, so the alternate exchange {current.alternate} gets it"
            steps.append(Step(current.name, Binding(current.name, current.alternate, to="exchange"), True, why))
            next_exchanges = [current.alternate]
        for name in next_exchanges:
            if name not in seen:
                seen.add(name)
                waiting.append(name)
    return Routed(frozenset(queues), tuple(steps))


def _by_name(topology: Topology, key: str) -> Routed:
    if any(queue.name == key for queue in topology.queues):
        return Routed(frozenset([key]), (Step(DEFAULT_EXCHANGE, None, True, "the key is the queue's name"),))
    return Routed(frozenset(), (Step(DEFAULT_EXCHANGE, None, False, f"no queue is called {key!r}"),))


def _of(topology: Topology, exchange: Exchange) -> list[Binding]:
    return [binding for binding in topology.bindings if binding.source == exchange.name]


def _asked(
    exchange: Exchange, binding: Binding, key: str, headers: Mapping[str, Any], release: Release
) -> tuple[bool, str]:
    match exchange.type:
        case "fanout":
            return True, "a fanout exchange asks nothing"
        case "direct":
            same = key == binding.key
            return same, f"the key is {key!r}" if same else f"the key is {key!r}, not {binding.key!r}"
        case "topic":
            return topic_match(binding.key, key)
        case "headers":
            return headers_match(binding.headers or {}, headers, release)


def topic_match(pattern: str, key: str) -> tuple[bool, str]:
    """Whether a topic pattern takes a key, and why. `*` is exactly one word, `#` any number of them, also none.

    The empty key has no words at all, so `#` takes it and `*` does not; in `a..b` the middle word is empty, and is one.
    """
    wanted, words = _words(pattern), _words(key)
    taken = _lay_over(wanted, words)
    if taken is None:
        return False, _why_not(wanted, words)
    stand_for = [f"{sign} is {'.'.join(got)!r}" if got else f"{sign} is nothing" for sign, got in taken]
    return True, ", ".join(stand_for) if stand_for else f"the key is {key!r}"


def _words(text: str) -> list[str]:
    return text.split(".") if text else []


def _lay_over(wanted: list[str], words: list[str]) -> list[tuple[str, list[str]]] | None:
    """What each wildcard stands for, or None. Shortest first, so every key is found that any choice would find."""
    if not wanted:
        return None if words else []
    first, rest = wanted[0], wanted[1:]
    if first == "#":
        for length in range(len(words) + 1):
            if (after := _lay_over(rest, words[length:])) is not None:
                return [("#", words[:length]), *after]
        return None
    if not words or first not in ("*", words[0]):
        return None
    after = _lay_over(rest, words[1:])
    return None if after is None else ([("*", words[:1])] if first == "*" else []) + after


def _why_not(wanted: list[str], words: list[str]) -> str:
    for place, (want, word) in enumerate(zip(wanted, words, strict=False), 1):
        if want == "#":
            break
        if want not in ("*", word):
            return f"word {place} is {word!r}, not {want!r}"
    fixed = sum(want != "#" for want in wanted)
    if "#" not in wanted:
        return f"it takes exactly {fixed} words, the key has {len(words)}"
    if len(words) < fixed:
        return f"it takes at least {fixed} words, the key has {len(words)}"
    return f"the words behind # do not end as {'.'.join(wanted)!r} asks"


def headers_match(asked: Mapping[str, Any], headers: Mapping[str, Any], release: Release = NEWEST) -> tuple[bool, str]:
    """Whether a headers binding takes a message, and why.

    `x-match` is all (as when it is missing), any, or one of the two with `-with-x`; without that, keys that begin with
    `x-` are not looked at. A value of None asks only for presence. Values are typed: 1 is neither
    "1" nor True. RabbitMQ 3.10 takes 1 for 1.0, 4.0 and 4.3 do not (our own runs).
    """
    how = asked.get("x-match", "all")
    keys = [key for key in asked if key != "x-match" and (how.endswith("-with-x") or not key.startswith("x-"))]
    verdicts = {key: _why_not_value(key, asked[key], headers, release) for key in keys}
    met = [key for key, why_not in verdicts.items() if not why_not]
    if how.startswith("any"):
        if met:
            return True, f"{' and '.join(met)} {'is' if len(met) == 1 else 'are'} as asked, one is enough"
        return False, "; ".join(why for why in verdicts.values() if why) or "any of nothing is asked for"
    missed = [why for why in verdicts.values() if why]
    return not missed, missed[0] if missed else f"{', '.join(met) or 'nothing'} asked for, all of it is there"


def _why_not_value(key: str, want: Any, headers: Mapping[str, Any], release: Release) -> str | None:
    """None when the header is as wanted."""
    if key not in headers:
        return f"{key} is missing"
    have = headers[key]
    if want is None or _typed(have, release) == _typed(want, release):
        return None
    return f"{key} is {have!r}, not {want!r}"


def _typed(value: Any, release: Release) -> tuple[str, Any]:
    """A value beside its type as RabbitMQ compares it."""
    if isinstance(value, bool):
        return "boolean", value
    if isinstance(value, int | float):
        return "number" if release < (4, 0) else type(value).__name__, value
    if isinstance(value, str | bytes):
        return "text", value.encode() if isinstance(value, str) else value
    return type(value).__name__, value
