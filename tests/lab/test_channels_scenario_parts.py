"""The parts of the Channels scenarios that compute: models and measures, each on cases that a person can check."""

import pytest

from channels_demo.origin import FullOriginValidator
from channels_demo.scenarios.blocking_consumer import answered_meanwhile, most_at_once
from channels_demo.scenarios.origin_hijack import VISITORS as PAGES
from channels_demo.scenarios.origin_hijack import by_the_rules as page_gets
from channels_demo.scenarios.scope_auth import REGIONS, VISITORS
from channels_demo.scenarios.scope_auth import by_the_rules as visitor_gets
from channels_demo.scenarios.scope_client import BROWSER, NUMBER, PATH, QUERY, ROOM, Visit, carried
from channels_demo.scenarios.scope_table import table
from channels_demo.scenarios.sockets import NO_ANSWER, Socket, SocketEnded, own_origin

NETLOC = "localhost:8472"


def work(*spans: tuple[float, float]) -> list[dict[str, float]]:
    return [{"began": began, "ended": ended} for began, ended in spans]


def test_handlers_one_after_the_other_are_one_at_once() -> None:
    assert most_at_once(work((0, 1), (1, 2), (2, 3))) == 1


def test_handlers_that_overlap_are_counted_where_most_of_them_do() -> None:
    assert most_at_once(work((0, 2), (1, 3), (1.5, 1.8), (2.5, 4))) == 3


def test_only_a_ping_within_one_handlers_work_was_answered_meanwhile() -> None:
    pings = [(0.1, 0.2), (0.9, 1.1), (1.9, 2.5), (0.5, 1.0)]
    assert answered_meanwhile(work((0, 1), (1, 2)), pings) == 1


@pytest.mark.parametrize(("visitor", "origin_for"), PAGES)
def test_the_model_of_the_full_check_is_what_the_demo_does(visitor: str, origin_for: object) -> None:
    assert callable(origin_for)
    origin = origin_for(NETLOC)
    headers = [(b"host", NETLOC.encode())] + ([] if origin is None else [(b"origin", origin.encode())])
    allowed = FullOriginValidator(None, (), ["localhost"]).allows({"headers": headers})
    assert (page_gets("full", visitor, True) == "in") is allowed


def test_the_cookie_is_what_a_foreign_page_lives_on() -> None:
    assert page_gets("off", "evil.test", True) == "in"
    assert page_gets("off", "evil.test", False) == "close 4401"
    assert page_gets("hosts", "another port", True) == "in"
    assert page_gets("hosts", "evil.test", True) == "http 403"


def test_a_bad_ticket_shuts_out_whoever_brings_it_also_from_what_is_public() -> None:
    for name, visitor in VISITORS.items():
        assert (visitor_gets(visitor, "north") == "in") is not visitor.bad_ticket, name


def test_one_group_of_another_is_enough_to_be_refused() -> None:
    ada = VISITORS["ada's session"]
    assert [visitor_gets(ada, region) for region in REGIONS] == ["in", "in", "close 4403", "close 4403"]


def test_the_table_of_a_server_without_the_demos_middleware_is_the_servers_own() -> None:
    assert {entry.partition(" by ")[2] for entry in table("daphne", 0, application=False).values()} == {"server"}
    assert set(table("uvicorn", 2)) - set(table("daphne", 2)) == {"scheme", "http_version", "state", "extensions"}
    assert table("daphne", 0)["subprotocols"] == "list by server"


def test_what_was_sent_is_compared_with_what_the_scope_says() -> None:
    pairs = [["region", "north"], ["region", "south"], ["text", "a b"], ["empty", ""]]
    headers = [["host", NETLOC]] + [[name.lower(), value] for name, value in BROWSER.headers.items()]
    keys = [
        {"key": "path", "value": PATH},
        {"key": "query_string", "value": QUERY, "decoded": pairs},
        {"key": "headers", "value": headers},
        {"key": "subprotocols", "value": ["lab.v2", "lab.v1"]},
        {"key": "cookies", "value": {"theme": "dar... (4 characters)", "channels_session": "000... (32 characters)"}},
        {"key": "url_route", "value": {"args": [], "kwargs": {"room": ROOM, "number": NUMBER}}},
    ]
    found = carried(BROWSER, NETLOC, Visit({"keys": keys}, {}), channels=True)
    assert all(predicted == seen for predicted, seen in found.values())
    assert carried(BROWSER, NETLOC, Visit({"keys": keys[:4]}, {}), channels=False)["kwargs"] == (None, None)


def test_a_refused_socket_says_how_and_takes_nothing() -> None:
    refused = Socket(403, None)
    assert refused.outcome() == "http 403"
    assert Socket(NO_ANSWER, None).outcome() == "no answer"
    with pytest.raises(SocketEnded), refused:
        refused.send("hello")


def test_a_page_of_the_server_itself_has_its_scheme_and_port() -> None:
    assert own_origin(f"ws://{NETLOC}/ws/feed/?region=north") == f"http://{NETLOC}"
    assert own_origin("wss://hub.test/") == "https://hub.test"
