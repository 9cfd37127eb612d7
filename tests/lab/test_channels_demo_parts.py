"""The parts of the Channels demo that need neither Django nor Redis: what they take, and what nothing makes them do."""

import contextlib
import json

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as of_hypothesis
from hypothesis import strategies as st

from channels_demo import close_codes, notification, settings, wanted
from channels_demo.errors import WrongUsage
from channels_demo.noted import Noted
from channels_demo.origin import FullOriginValidator, parse
from channels_demo.sent import MOST, Sent

patient = of_hypothesis(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""A busy machine is no fault of ours."""

ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


@patient
@given(st.integers(0, 30), st.lists(st.integers(0, 60), max_size=80))
def test_a_number_is_sent_once_and_nothing_live_from_before_the_socket(floor: int, numbers: list[int]) -> None:
    sent, model = Sent(floor), set()
    for number in numbers:
        expected = number > floor and number not in model
        assert sent.live(number) is expected
        if expected:
            model.add(number)


@patient
@given(st.permutations(range(1, 40)))
def test_numbers_in_any_order_are_each_new_once(numbers: list[int]) -> None:
    sent = Sent(0)
    assert [sent.add(number) for number in numbers] == [True] * len(numbers)
    assert [sent.add(number) for number in numbers] == [False] * len(numbers)


def test_a_socket_full_of_holes_forgets_the_oldest_and_rather_sends_twice() -> None:
    sent = Sent(0)
    numbers = range(2, 2 * (MOST + 10), 2)
    assert all(sent.add(number) for number in numbers)
    assert sent.add(2)
    assert not sent.add(numbers[-1])


def test_regions_and_the_last_number_are_read_from_the_query() -> None:
    assert wanted.feed(b"region=north&region=south&region=north") == wanted.Feed(("north", "south"))
    assert wanted.feed(b"region=north&after=12") == wanted.Feed(("north",), 12)
    assert wanted.feed(b"region=north&region=south&after=north:3&after=south:4&after=east:5") == wanted.Feed(
        ("north", "south"), {"north": 3, "south": 4}
    )


@pytest.mark.parametrize(
    "query",
    [b"", b"region=", b"region=North", b"region=a b", b"region=north&after=x", b"region=north&after=-1",
     b"region=north&after=", b"region=north&after=1&after=2x", b"region=north&after=%D9%A3", b"region=" + b"a" * 40,
     b"&".join(b"region=r%d" % number for number in range(21))],
)  # fmt: skip
def test_a_query_that_makes_no_sense_is_refused(query: bytes) -> None:
    with pytest.raises(wanted.Refused):
        wanted.feed(query)


@patient
@given(st.binary(max_size=200))
def test_no_query_raises_anything_else(query: bytes) -> None:
    with contextlib.suppress(wanted.Refused):
        assert wanted.feed(query).regions


@patient
@given(ANY_JSON)
def test_no_frame_of_json_raises_anything_but_refused(content: object) -> None:
    for told in (content, {"type": "resume", "after": content}, {"type": content}):
        with contextlib.suppress(wanted.Refused):
            assert wanted.frame(json.dumps(told), None)["type"] in ("ping", "resume")


@pytest.mark.parametrize(
    ("text", "content", "code"),
    [
        (None, b"x", "binary"),
        ("x" * (wanted.MOST_BYTES + 1), None, "too_long"),
        ("\u00e9" * wanted.MOST_BYTES, None, "too_long"),
        ("", None, "malformed"),
        ("{", None, "malformed"),
        ("[" * 60_000, None, "malformed"),
        ("[]", None, "malformed"),
        ('{"type": "shout"}', None, "unknown_type"),
        ('{"type": "resume"}', None, "wrong_after"),
        ('{"type": "resume", "after": true}', None, "wrong_after"),
        ('{"type": "resume", "after": 1e30}', None, "wrong_after"),
        ('{"type": "resume", "after": {"north": -1}}', None, "wrong_after"),
    ],
)
def test_a_frame_that_makes_no_sense_is_refused_with_its_reason(text: str, content: bytes, code: str) -> None:
    with pytest.raises(wanted.Refused) as caught:
        wanted.frame(text, content)
    assert caught.value.code == code


def test_a_result_is_read_with_its_notification_region_and_way() -> None:
    told = {"contact": "C-1", "kind": "web", "html": "<p>", "notification": "n-1", "region": "north", "trace": ["a@1"]}
    result = notification.read(json.dumps(told).encode(), 3, 7)
    assert (result.id, result.region, result.trace) == ("n-1", "north", ["a@1"])
    assert result.body == {"contact": "C-1", "kind": "web", "html": "<p>"}


def test_a_result_of_no_notification_is_named_by_its_place() -> None:
    result = notification.read(b'{"contact": "C-1", "kind": "sms"}', 3, 7)
    assert (result.id, result.region, result.trace) == ("3/7", notification.EVERYWHERE, [])


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (None, "empty"),
        (b"traffic-1 0f3a", "no JSON"),
        (b"[]", "no result"),
        (b'{"region": "north"}', "no result"),
        (b'{"kind": "web", "region": "No!"}', "wrong region"),
        (b'{"kind": "web", "region": "private-ada"}', "wrong region"),
        (b'{"kind": "' + b"x" * notification.MOST_BYTES + b'"}', "too large"),
    ],
)
def test_what_is_no_result_is_counted_by_its_reason(value: bytes, reason: str) -> None:
    with pytest.raises(notification.NotOurs) as caught:
        notification.read(value, 0, 0)
    assert caught.value.reason == reason


@patient
@given(st.binary(max_size=100) | ANY_JSON.map(lambda told: json.dumps(told).encode()))
def test_no_record_raises_anything_but_not_ours(value: bytes) -> None:
    with contextlib.suppress(notification.NotOurs):
        assert notification.read(value, 0, 0).region


@pytest.mark.parametrize(
    ("origin", "parsed"),
    [
        ("http://localhost", ("http", "localhost", 80)),
        ("https://LOCALHOST:8471", ("https", "localhost", 8471)),
        ("http://[::1]:8471", ("http", "::1", 8471)),
        ("null", None),
        ("file://", None),
        ("http://localhost:99999", None),
        ("http://localhost/path", None),
        ("http://user@localhost", None),
        ("", None),
    ],
)
def test_an_origin_is_scheme_host_and_port_or_nothing(origin: str, parsed: object) -> None:
    assert parse(origin) == parsed


HERE = [(b"host", b"127.0.0.1:8471")]


@pytest.mark.parametrize(
    ("origins", "allowed"),
    [
        ([b"http://127.0.0.1:8471"], True),
        ([b"https://127.0.0.1:8471"], False),
        ([b"http://127.0.0.1:8470"], False),
        ([b"http://127.0.0.1"], False),
        ([b"http://localhost:8471"], False),
        ([b"http://127.0.0.1.evil.example:8471"], False),
        ([b"http://evil.example"], False),
        ([b"http://trusted.example"], True),
        ([b"null"], False),
        ([], False),
        ([b"http://127.0.0.1:8471", b"http://evil.example"], False),
    ],
)
def test_only_our_own_origin_and_those_allowed_get_in(origins: list[bytes], allowed: bool) -> None:
    check = FullOriginValidator(None, ["http://trusted.example"], ["127.0.0.1"])
    assert check.allows({"headers": [*HERE, *((b"origin", origin) for origin in origins)]}) is allowed


def test_a_page_whose_name_merely_points_to_us_does_not_get_in() -> None:
    check = FullOriginValidator(None, [], ["127.0.0.1"])
    rebound = [(b"host", b"evil.example:8471"), (b"origin", b"http://evil.example:8471")]
    assert not check.allows({"headers": rebound})


def test_behind_tls_the_origin_must_be_https() -> None:
    check = FullOriginValidator(None, [], ["127.0.0.1"])
    for scheme, allowed in ((b"https", True), (b"http", False)):
        headers = [*HERE, (b"origin", scheme + b"://127.0.0.1:8471")]
        assert check.allows({"scheme": "wss", "headers": headers}) is allowed


def test_whoever_put_a_key_there_first_is_noted() -> None:
    import asyncio

    seen = {}

    async def application(scope: dict[str, object], receive: object, send: object) -> None:
        seen.update(scope)

    async def middleware(scope: dict[str, object], receive: object, send: object) -> None:
        await Noted("middleware", application)({**scope, "path": "changed", "user": None}, receive, send)

    asyncio.run(Noted("server", middleware)({"path": "/", "type": "websocket"}, None, None))
    assert seen["put_by"] == {"path": "server", "type": "server", "user": "middleware"}


def test_every_close_code_is_an_applications_own_and_has_a_meaning() -> None:
    codes = {name: code for name, code in vars(close_codes).items() if name.isupper() and isinstance(code, int)}
    assert set(codes.values()) == set(close_codes.MEANING)
    assert all(4000 <= code < 5000 for code in codes.values())
    assert all(0 < len(meaning.encode()) <= 123 for meaning in close_codes.MEANING.values())


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setattr(settings, "read", settings.read.__wrapped__)
    return monkeypatch


@pytest.mark.parametrize(
    "text", ["[]x", "7", '["layer"]', '{"layers": "core"}', '{"layer": "carrier pigeon"}', '{"origins": "maybe"}']
)
def test_options_that_make_no_sense_are_refused(environment: pytest.MonkeyPatch, text: str) -> None:
    environment.setenv("CHANNELS_DEMO_OPTIONS", text)
    with pytest.raises(WrongUsage):
        settings.read()


def test_options_are_read_and_the_rest_stays_as_it_is(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("CHANNELS_DEMO_OPTIONS", json.dumps({"layer": "pubsub", "allowed_origins": ["http://a"]}))
    options = settings.read().options
    assert (options.layer, options.allowed_origins, options.capacity) == ("pubsub", ("http://a",), 100)


@pytest.mark.parametrize("address", ["8090", "here:0", "here:70000", ":1", "a b:1"])
def test_an_address_that_is_none_is_refused(environment: pytest.MonkeyPatch, address: str) -> None:
    environment.setenv("CHANNELS_DEMO_HEALTH", address)
    with pytest.raises(WrongUsage):
        settings.read()
