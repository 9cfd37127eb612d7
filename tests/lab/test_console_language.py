"""The console speaks its reader's language: by address, cookie and browser, request by request."""

from pathlib import Path

import pytest
from starlette.datastructures import URL
from starlette.testclient import TestClient

from lab.console.language import COOKIE, switch
from lab.words import speak
from tests.lab.console_client import client_of, make_desk


@pytest.fixture
def client(tmp_path: Path) -> TestClient:
    return client_of(make_desk(tmp_path))


def language_of(client: TestClient, path: str = "/runs", **headers: str) -> str:
    """What a page says of itself."""
    answer = client.get(path, headers=headers)
    (said,) = (code for code in ("en", "ru") if f'<html lang="{code}">' in answer.text)
    assert answer.headers["content-language"] == said
    return said


def test_a_browser_that_says_nothing_reads_english(client: TestClient) -> None:
    assert language_of(client) == "en"


@pytest.mark.parametrize(
    ("accepted", "spoken"),
    [
        ("ru", "ru"),
        ("ru-RU,ru;q=0.9,en;q=0.8", "ru"),
        ("en-US,ru;q=0.9", "en"),
        ("en;q=0.3, RU;q=0.4", "ru"),
        ("de, fr;q=0.9", "en"),
        ("de, ru;q=0.1", "ru"),
        ("ru;q=0, en;q=0.1", "en"),
        ("ru;q=much, *", "en"),
        (",;q=1,", "en"),
    ],
)
def test_a_browser_is_answered_in_what_it_prefers(client: TestClient, accepted: str, spoken: str) -> None:
    assert language_of(client, **{"Accept-Language": accepted}) == spoken


def test_what_the_address_says_comes_first_and_is_remembered(client: TestClient) -> None:
    assert language_of(client, "/runs?lang=ru", **{"Accept-Language": "en"}) == "ru"
    assert language_of(client, **{"Accept-Language": "en"}) == "ru"
    assert language_of(client, "/runs?lang=en", **{"Accept-Language": "ru"}) == "en"
    assert language_of(client, **{"Accept-Language": "ru"}) == "en"


def test_a_language_that_nobody_speaks_here_is_passed_over(client: TestClient) -> None:
    assert language_of(client, "/runs?lang=de") == "en"
    assert COOKIE not in client.cookies
    client.cookies[COOKIE] = "../../etc"
    assert language_of(client, **{"Accept-Language": "ru"}) == "ru"


def test_one_request_does_not_change_the_language_of_the_next(tmp_path: Path) -> None:
    desk = make_desk(tmp_path)
    assert language_of(client_of(desk), "/runs?lang=ru") == "ru"
    assert language_of(client_of(desk)) == "en"


def test_no_cache_shows_one_reader_the_page_of_another(client: TestClient) -> None:
    answer = client.get("/runs")
    assert {"Accept-Language", "Cookie"} <= {name.strip() for name in answer.headers["vary"].split(",")}
    assert answer.headers["cache-control"] == "no-store"


def test_the_answers_of_the_interface_and_the_guard_are_in_it_too(client: TestClient) -> None:
    english = client.get("/api/nothing").json()["error"]
    russian = client.get("/api/nothing", headers={"Accept-Language": "ru"}).json()["error"]
    assert "/api/nothing" in english
    assert "/api/nothing" in russian
    assert english != russian
    stranger = {"Host": "evil.test"}
    assert (
        client.get("/", headers=stranger).json()
        != client.get("/", headers={**stranger, "Accept-Language": "ru"}).json()
    )


def test_the_switch_keeps_the_page_and_what_it_was_asked() -> None:
    with speak("ru"):
        english, russian = switch(URL("http://127.0.0.1/runs/compare?a=one&lang=ru&b=two%26three"))
    assert english["href"] == "?a=one&b=two%26three&lang=en"
    assert (english["spoken"], russian["spoken"]) == (False, True)
