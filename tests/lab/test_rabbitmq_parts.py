"""The parts of the RabbitMQ service that need no broker: what is acceptable, what is printed, how it is set up."""

import json
import urllib.error
import urllib.request
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab import demos
from rabbitmq_demo import health, settings
from rabbitmq_demo.__main__ import main
from rabbitmq_demo.errors import WrongUsage
from rabbitmq_demo.notification import MOST_BYTES, Unacceptable, read
from rabbitmq_demo.terminal import printable
from rabbitmq_demo.topology import KINDS, PRIORITIES
from rabbitmq_demo.trickle import notification

GOOD: dict[str, Any] = {"id": "n-1", "kind": "feed", "region": "north", "priority": "normal", "text": "hello"}


def body(**changed: Any) -> bytes:
    return json.dumps(GOOD | changed).encode()


def test_a_good_notification_is_read_with_its_key_and_headers() -> None:
    found = read(body(), {"flash": True, "channel": "sms", "x-death": [], "unknown": 1})
    assert (found.id, found.key, found.text) == ("n-1", "feed.north.normal", "hello")
    assert found.headers == {"flash": True, "channel": "sms"}


@pytest.mark.parametrize(
    ("sent", "headers", "reason"),
    [
        (b"", {}, "malformed"),
        (b"not json", {}, "malformed"),
        (b"[]", {}, "malformed"),
        (b"\xff\xfe", {}, "malformed"),
        (b"[" * 50_000, {}, "malformed"),
        (b'{"id": ' + b"9" * 10_000 + b"}", {}, "malformed"),
        (body(id=7), {}, "malformed"),
        (body(id="x" * 65), {}, "malformed"),
        (body(id="\ud800"), {}, "malformed"),
        (body(region="North"), {}, "malformed"),
        (body(region="north.east"), {}, "malformed"),
        (body(priority="soon"), {}, "malformed"),
        (body(text=["a"]), {}, "malformed"),
        (body(kind="telegram"), {}, "unknown kind"),
        (body(kind=["feed"]), {}, "unknown kind"),
        (body(text="x" * MOST_BYTES), {}, "too large"),
        (body(), {"flash": "true"}, "wrong header"),
        (body(), {"flash": 1}, "wrong header"),
        (body(), {"channel": b"sms"}, "wrong header"),
        (body(), {"language": None}, "wrong header"),
    ],
)
def test_what_is_not_acceptable_has_one_of_few_reasons(sent: bytes, headers: dict[str, Any], reason: str) -> None:
    with pytest.raises(Unacceptable) as refusal:
        read(sent, headers)
    assert refusal.value.reason == reason
    assert str(refusal.value)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)
bodies = st.binary() | st.fixed_dictionaries({}, optional=dict.fromkeys(GOOD, json_values)).map(
    lambda changed: json.dumps(GOOD | changed).encode()
)


@given(bodies, st.dictionaries(st.sampled_from(["flash", "channel", "language", "other"]), anything))
def test_nothing_that_is_sent_raises_anything_but_unacceptable(sent: bytes, headers: dict[str, Any]) -> None:
    try:
        found = read(sent, headers)
    except Unacceptable as refusal:
        reason = refusal.reason
    else:
        reason = None
        assert found.kind in KINDS
        assert found.priority in PRIORITIES
        assert found.key.count(".") == 2
    assert reason in (None, "malformed", "unknown kind", "too large", "wrong header")


def test_the_trickle_sends_what_the_router_takes_but_for_each_twentieth() -> None:
    for number in range(1, 200):
        sent, headers = notification(number)
        if number % 20:
            assert read(json.dumps({"id": f"t-{number}"} | sent).encode(), headers)
        else:
            with pytest.raises(Unacceptable, match="telegram"):
                read(json.dumps({"id": f"t-{number}"} | sent).encode(), headers)


@given(st.text())
def test_a_line_on_the_terminal_stays_one_line(text: str) -> None:
    shown = printable(text, at_most=80)
    assert len(shown) <= 80
    assert shown.isprintable()


@pytest.mark.parametrize(
    ("name", "value"),
    [("RABBITMQ_URL", "nonsense"), ("RABBITMQ_DEMO_HEALTH", "8090"), ("RABBITMQ_DEMO_HEALTH", "host:99999")],
)
def test_a_variable_that_makes_no_sense_is_named(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.read.cache_clear()
    monkeypatch.setenv(name, value)
    with pytest.raises(WrongUsage, match=name):
        settings.read()
    monkeypatch.undo()
    settings.read.cache_clear()


def test_without_a_broker_the_command_says_so_and_ends_with_69(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.read.cache_clear()
    monkeypatch.setenv("RABBITMQ_URL", "amqp://lab:secret@127.0.0.1:1//")
    assert main(["route", "feed.north.normal"]) == 69
    said = capsys.readouterr().err
    assert "127.0.0.1:1" in said
    assert "secret" not in said
    monkeypatch.undo()
    settings.read.cache_clear()


@pytest.mark.parametrize("line", ["", "nonsense", "route", "route k --header v", "trickle --per-second 0"])
def test_wrong_usage_ends_with_64(line: str) -> None:
    with pytest.raises(SystemExit) as ended:
        main(line.split())
    assert ended.value.code == 64


def test_health_is_503_once_no_turn_was_made_for_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    found = health.Health(("127.0.0.1", 0))
    assert found._server
    url = f"http://127.0.0.1:{found._server.server_address[1]}/"
    assert urllib.request.urlopen(url).status == 200
    monkeypatch.setattr(health, "PATIENCE", 0.0)
    with pytest.raises(urllib.error.HTTPError) as answer:
        urllib.request.urlopen(url)
    assert answer.value.code == 503
    answer.value.close()
    found.close()


def test_the_lab_finds_our_measurement_by_its_name() -> None:
    assert set(demos.benches()) >= {"rabbitmq-publish"}
