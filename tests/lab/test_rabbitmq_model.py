"""Where the model says that a message goes: the rules that people trip over, and what must hold for any topology."""

import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rabbitmq_demo.consumers import told
from rabbitmq_demo.explain import header, lines
from rabbitmq_demo.grid import CASES, GRID, WAYS, changed_by_hand, generate, unbound
from rabbitmq_demo.model import headers_match, route, topic_match
from rabbitmq_demo.topology import HUB, TOPOLOGY
from rabbitmq_demo.wiring import Binding, Exchange, Queue, Topology

words = st.lists(st.sampled_from(["a", "b", ""]), max_size=5).map(".".join)
patterns = st.lists(st.sampled_from(["a", "b", "*", "#", ""]), max_size=5).map(".".join)


@pytest.mark.parametrize(
    ("pattern", "key", "matches"),
    [
        ("a.#", "a", True),
        ("#.z", "z", True),
        ("a.#.c", "a.c", True),
        ("#", "", True),
        ("*", "", False),
        ("a.*", "a", False),
        ("a.*", "a.b.c", False),
        ("a..b", "a..b", True),
        ("a.*.b", "a..b", True),
        ("#.b.#", "b", True),
        ("A", "a", False),
    ],
)
def test_a_topic_pattern_takes_words_as_the_rules_say(pattern: str, key: str, matches: bool) -> None:
    assert topic_match(pattern, key)[0] is matches


@given(patterns, words)
def test_a_topic_pattern_takes_what_an_equal_regular_expression_takes(pattern: str, key: str) -> None:
    """Each word with its dot behind it, so that `#` may stand for no word without a dot too many."""
    parts = [r"(?:[^.]*\.)*" if word == "#" else r"[^.]*\." if word == "*" else re.escape(word) + r"\."
             for word in (pattern.split(".") if pattern else [])]  # fmt: skip
    assert topic_match(pattern, key)[0] is bool(re.fullmatch("".join(parts), f"{key}." if key else ""))


@pytest.mark.parametrize(
    ("asked", "headers", "matches"),
    [
        ({}, {}, True),
        ({"x-match": "any"}, {"a": 1}, False),
        ({"x-match": "all", "a": 1}, {"a": "1"}, False),
        ({"x-match": "all", "a": 1}, {"a": True}, False),
        ({"x-match": "any", "a": 1, "b": 2}, {"b": 2}, True),
        ({"x-match": "all", "x-a": 1}, {}, True),
        ({"x-match": "all-with-x", "x-a": 1}, {}, False),
        ({"a": None}, {"a": "anything"}, True),
        ({"a": None}, {}, False),
    ],
)
def test_a_headers_binding_asks_as_the_rules_say(asked: dict, headers: dict, matches: bool) -> None:
    assert headers_match(asked, headers)[0] is matches


def test_whether_1_is_1_point_0_depends_on_the_release() -> None:
    assert headers_match({"size": 1.0}, {"size": 1}, release=(3, 10))[0]
    assert not headers_match({"size": 1.0}, {"size": 1}, release=(4, 0))[0]


def test_an_alternate_exchange_is_asked_only_when_no_binding_of_its_own_exchange_matched() -> None:
    nowhere = Binding("x", "dead end", "k", to="exchange")
    for bindings, reached in (((), {"lost"}), ((nowhere,), set())):
        topology = Topology(
            (Exchange("x", "direct", alternate="alt"), Exchange("alt", "fanout"), Exchange("dead end", "fanout")),
            (Queue("lost"),),
            (Binding("alt", "lost"), *bindings),
        )
        assert route(topology, "x", "k").queues == reached


def test_a_queue_gets_one_copy_and_a_circle_of_exchanges_ends() -> None:
    topology = Topology(
        (Exchange("x", "fanout"), Exchange("y", "fanout")),
        (Queue("q"),),
        (Binding("x", "y", to="exchange"), Binding("y", "x", to="exchange"), Binding("x", "q"), Binding("y", "q")),
    )
    assert route(topology, "x", "").queues == {"q"}


def test_the_default_exchange_finds_a_queue_by_its_name() -> None:
    assert route(GRID, "", "behind").queues == {"behind"}
    assert route(GRID, "", "nobody").queues == frozenset()


@pytest.mark.parametrize(
    ("key", "headers", "queues"),
    [
        ("feed.north.normal", {}, {"feeds"}),
        ("video.south.urgent", {}, {"media", "pager", "dashboard"}),
        ("officialsnotification.north.urgent", {}, {"desk-north", "pager", "dashboard"}),
        ("officialsnotification.east.normal", {}, {"unrouted"}),
        ("gateway.north.normal", {"channel": "sms", "language": "ru"}, {"sms", "sms-ru"}),
        ("gateway.north.normal", {"channel": "sms", "flash": True}, {"sms", "calls"}),
        ("gateway.north.normal", {}, {"unrouted"}),
        ("telegram.north.normal", {}, {"unrouted"}),
    ],
)
def test_the_hub_sends_each_notification_where_it_belongs(key: str, headers: dict, queues: set[str]) -> None:
    routed = route(TOPOLOGY, HUB, key, headers)
    assert routed.queues == queues
    for queue in queues:
        assert told(routed, queue).startswith(f"{HUB} --")
        assert f"--> {queue}: " in told(routed, queue)
    assert len([line for line in lines(routed) if line.startswith(("+ ", "- "))]) == len(routed.steps)


def test_the_grid_tries_every_way_with_messages_that_arrive_and_messages_that_do_not() -> None:
    for way in set(WAYS) - {"alternate", "fanout"}:
        arrived = [bool(route(GRID, exchange, key, h).queues) for w, exchange, key, h in CASES if w == way]
        assert any(arrived), way
    assert not any(route(unbound(GRID), exchange, key, h).queues for w, exchange, key, h in CASES if w != "default")
    assert len(changed_by_hand(GRID).bindings) == len(GRID.bindings) - len({b.source for b in GRID.bindings})


@given(st.integers())
def test_a_generated_topology_is_whole_and_the_same_for_the_same_seed(seed: int) -> None:
    topology, cases = generate(random.Random(seed))
    assert (topology, cases) == generate(random.Random(seed))
    exchanges, queues = {x.name for x in topology.exchanges}, {q.name for q in topology.queues}
    assert {b.source for b in topology.bindings} <= exchanges
    assert all(b.destination in (queues if b.to == "queue" else exchanges) for b in topology.bindings)
    assert all(b.key.count("#") <= 2 for b in topology.bindings)
    for _, exchange, key, headers in cases:
        routed = route(topology, exchange, key, headers)
        assert routed.queues <= queues
        assert all(list(routed.why_in(queue)) for queue in routed.queues)


def test_a_renamed_topology_is_the_same_under_other_names() -> None:
    renamed = TOPOLOGY.renamed("r.")
    for key in ("feed.north.urgent", "officialsnotification.east.normal"):
        assert route(renamed, f"r.{HUB}", key).queues == {f"r.{q}" for q in route(TOPOLOGY, HUB, key).queues}
    assert all(queue.dead_letters in (None, "r.hub.dead") for queue in renamed.queues)


@pytest.mark.parametrize(
    ("text", "pair"),
    [("a=b", ("a", "b")), ("a=", ("a", "")), ("a=b=c", ("a", "b=c")), ("a=true", ("a", True)), ("a=-7", ("a", -7))],
)
def test_a_header_of_the_command_line_is_typed(text: str, pair: tuple[str, object]) -> None:
    assert header(text) == pair
    assert type(header(text)[1]) is type(pair[1])


@pytest.mark.parametrize("text", ["a", "=b", ""])
def test_a_header_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="name=value"):
        header(text)
