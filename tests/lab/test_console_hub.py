"""The page Hub without a browser: what it hands out, its child that looks, and a notification's way through fakes."""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest

from lab.console.hub_words import hub_words
from lab.console.look import Look
from lab.console.post import Order, Posts
from lab.console.refusals import Refusal
from lab.settings import Settings
from tests.conftest import ROOT
from tests.lab.console_client import client_of, make_desk
from tests.lab.fake_hub import Hub
from tests.lab.run_folders import settings_for

STATIC = ROOT / "lab" / "console" / "static"
ORDER = {"kind": "feed", "region": "north", "text": "hello"}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_for(tmp_path)


def test_the_page_stands_without_a_stack_and_hands_its_words_to_the_scripts(tmp_path: Path) -> None:
    answer = client_of(make_desk(tmp_path)).get("/")
    assert answer.status_code == 200
    words = answer.text.partition('<script type="application/json" id="words">')[2].partition("</script>")[0]
    assert json.loads(words) == hub_words()
    facts = answer.text.partition('<script type="application/json" id="facts">')[2].partition("</script>")[0]
    assert json.loads(facts)["session_seconds"] == 9
    assert 'id="heal"' in answer.text
    assert "style=" not in answer.text


def test_a_console_that_only_shows_has_no_button_that_changes_something(tmp_path: Path) -> None:
    client = client_of(make_desk(tmp_path, read_only="Only <shown>."))
    text = client.get("/").text
    assert 'id="heal"' not in text
    assert "Break it</button>" not in text
    assert "Only &lt;shown&gt;." in text
    assert "curl http://127.0.0.1:8470/api/notifications/" in text
    refused = client.post("/api/notifications", json=ORDER)
    assert refused.status_code == 403
    assert refused.json() == {"error": "Only <shown>.", "do": refused.json()["do"]}
    assert "hello" in refused.json()["do"]


@pytest.mark.parametrize(
    "order",
    [
        {},
        {**ORDER, "kind": "telegram"},
        {**ORDER, "region": "nowhere"},
        {**ORDER, "text": ""},
        {**ORDER, "text": "x" * 201},
        {**ORDER, "more": 1},
    ],
)
def test_an_order_that_makes_no_sense_is_refused_before_anybody_is_asked(tmp_path: Path, order: dict[str, Any]) -> None:
    assert client_of(make_desk(tmp_path)).post("/api/notifications", json=order).status_code == 422


def test_a_notification_that_was_not_posted_here_has_no_way_to_show(tmp_path: Path) -> None:
    assert client_of(make_desk(tmp_path)).get("/api/notifications/n-1/events").status_code == 404


def test_every_word_that_the_scripts_ask_for_is_there() -> None:
    words, wanted = hub_words(), set()
    for script in STATIC.glob("hub*.js"):
        text = script.read_text()
        wanted |= {found for found in _literals(text) if found.split("_")[0] in PREFIXES and "_" in found}
    assert wanted - set(words) == set()
    for state in ("runs", "done", "starts", "ill", "frozen", "cut_off", "killed", "stopped", "ended", "absent"):
        assert f"state_{state}" in words
    for fault in ("kill", "stop", "pause", "cut-off"):
        assert {f"does_{fault}", f"fault_{fault}"} <= set(words)


PREFIXES = {"news", "condition", "then", "waits", "fact", "role", "part", "picture", "queue", "head", "caption"}


def _literals(text: str) -> set[str]:
    """Every string in double quotes."""
    return set(text.split('"')[1::2])


def child(body: str) -> tuple[str, ...]:
    """A command that does this instead of looking."""
    return (sys.executable, "-c", f"import sys, json, time\n{body}")


async def first(look: Look, wanted: Callable[[str, str], bool]) -> tuple[str, str]:
    """The first event of that kind."""
    async with aclosing(look.events()) as events:
        async for event, text in events:
            if wanted(event, text):
                return event, text
    raise AssertionError("no such event")


def run(work: Awaitable[Any]) -> Any:
    async def within() -> Any:
        async with asyncio.timeout(60):
            return await work

    return asyncio.run(within())


def test_every_reader_gets_the_newest_object_of_one_child(settings: Settings) -> None:
    look = Look(settings, child("for n in range(3): print(json.dumps({'n': n}), flush=True)\nsys.stdin.read()"))

    async def read() -> None:
        both = await asyncio.gather(*(first(look, lambda event, text: text == '{"n": 2}') for _ in range(2)))
        assert both == [("look", '{"n": 2}')] * 2
        assert look.newest == {"n": 2}
        late = await first(look, lambda event, text: event == "look")
        assert late == ("look", '{"n": 2}')

    run(read())


def test_a_child_that_dies_is_told_with_its_last_words_and_started_again(settings: Settings, tmp_path: Path) -> None:
    body = f"""
from pathlib import Path
lives = Path({str(tmp_path / "lives")!r})
life = int(lives.read_text()) + 1 if lives.exists() else 1
lives.write_text(str(life))
if life == 1: sys.exit("no module named <b>kafka</b>")
print(json.dumps({{"life": life}}), flush=True)
sys.stdin.read()
"""
    look = Look(settings, child(body))

    async def read() -> None:
        _event, text = await first(look, lambda event, text: event == "trouble")
        assert text == "Nothing looks at the hub: no module named <b>kafka</b>"
        assert await first(look, lambda event, text: event == "look") == ("look", '{"life": 2}')

    run(read())


def test_the_child_hears_what_to_follow(settings: Settings) -> None:
    look = Look(settings, child("print('{}', flush=True)\nfor line in sys.stdin: print(line.strip(), flush=True)"))

    async def read() -> None:
        await first(look, lambda event, text: event == "look")
        look.follow("n-1")
        assert await first(look, lambda event, text: "follow" in text) == ("look", '{"follow": "n-1"}')
        look.forget("n-1")
        await first(look, lambda event, text: text == '{"forget": "n-1"}')

    run(read())


def test_a_posted_notification_is_listened_for_before_it_is_sent_and_shown_when_it_comes(settings: Settings) -> None:
    hub = Hub()

    async def post() -> None:
        async with hub.served(settings) as posts:
            found = await posts.post(Order("gateway", "north", "hello"))
            assert (found["id"], found["instance"]) == ("n-1", "rest-2")
            assert hub.queries == ["region=north"]
            passage = posts.find("n-1")
            assert passage
            await passage.ended.wait()
            assert passage.shown == {
                "trace": ["rest_demo.api@1.5"], "server": "channels-1", "seq": 9, "region": "north",
                "at": passage.shown["at"],
            }  # fmt: skip
            assert passage.shown["at"] >= found["posted"]
            assert hub.posted == [
                {"kind": "gateway", "region": "north", "contact": "console", "text": "hello", "channel": "sms"}
            ]

    run(post())


def test_a_socket_that_ends_comes_back_and_asks_for_what_it_missed(settings: Settings) -> None:
    hub = Hub(tells=False)

    async def post() -> None:
        async with hub.served(settings) as posts:
            await posts.post(Order("feed", "north", "hello"))
            passage = posts.find("n-1")
            assert passage
            await passage.ended.wait()
            assert passage.shown
            assert hub.queries == ["region=north", "region=north&after=7"]

    run(post())


@pytest.mark.parametrize("status", [502, 503, 400])
def test_what_rest_refuses_is_said_in_its_words(settings: Settings, status: int) -> None:
    hub = Hub(status)

    async def post() -> Refusal:
        async with hub.served(settings) as posts:
            with pytest.raises(Refusal) as refused:
                await posts.post(Order("feed", "north", "hello"))
            return refused.value

    refusal: Refusal = run(post())
    assert refusal.status == status
    assert refusal.sentence == f"REST did not take it ({status}): No instance takes requests."
    assert refusal.do


def test_a_balancer_that_is_away_is_named_with_its_address(settings: Settings) -> None:
    posts = Posts(settings, Look(settings))
    posts.rest = posts.live = "http://127.0.0.1:9"
    with pytest.raises(Refusal) as refused:
        run(posts.post(Order("feed", "north", "hello")))
    assert refused.value.status == 503
    assert "http://127.0.0.1:9" in refused.value.sentence
