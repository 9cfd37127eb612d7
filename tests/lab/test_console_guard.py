"""Nothing that another site, or a stranger's name for this machine, can send makes the console do something."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

from lab.console.app import application
from lab.console.desk import Desk
from lab.console.guard import HEADERS
from tests.lab.console_client import ORIGIN, client_of, make_desk


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return make_desk(tmp_path)


def routes_that_change(app: Starlette) -> Iterator[str]:
    """The path of every route that takes another method than GET, its places filled."""
    for route in app.routes:
        if isinstance(route, Route) and (route.methods or set()) - {"GET", "HEAD"}:
            yield route.path_format.format(**dict.fromkeys(route.param_convertors, "x"))


ATTACKS = {
    "a foreign origin": {"Origin": "http://evil.localhost"},
    "another port of this machine": {"Origin": "http://127.0.0.1:9999"},
    "no origin": {"Origin": None},
    "the origin null": {"Origin": "null"},
    "a foreign referer alone": {"Origin": None, "Referer": "http://evil.localhost/"},
    "no token": {"X-CSRF-Token": None},
    "a wrong token": {"X-CSRF-Token": "x" * 32},
    "a token that is no ASCII": {"X-CSRF-Token": "\xe4\xf6"},
    "a foreign host": {"Host": "evil.localhost:8479", "Origin": "http://evil.localhost:8479"},
    "no host": {"Host": ""},
    "a form": {"Content-Type": "application/x-www-form-urlencoded"},
    "text, as a form without a preflight sends it": {"Content-Type": "text/plain"},
    "no content type": {"Content-Type": None},
    "a browser that says another site sent it": {"Sec-Fetch-Site": "cross-site"},
}


def attack(client: TestClient, path: str, changed: dict[str, str | None], method: str = "POST") -> tuple[int, str]:
    """Status and sentence of a request that is right but for these headers."""
    headers = {"Content-Type": "application/json"}
    request = client.build_request(method, path, content=b"{}", headers=headers)
    for name, value in changed.items():
        if value is None:
            del request.headers[name]
        else:
            request.headers[name] = value
    answer = client.send(request)
    return answer.status_code, answer.json()["error"]


def test_there_is_something_to_guard(desk: Desk) -> None:
    paths = set(routes_that_change(application(desk)))
    assert paths >= {"/api/jobs", "/api/jobs/x/stop", "/api/break", "/api/heal"}


@pytest.mark.parametrize("changed", ATTACKS.values(), ids=ATTACKS)
def test_every_route_that_changes_something_refuses(desk: Desk, changed: dict[str, str | None]) -> None:
    client = client_of(desk)
    for path in routes_that_change(application(desk)):
        status, sentence = attack(client, path, changed)
        assert (status, sentence[-1:]) == (403, "."), f"{path}: {status} {sentence}"


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
def test_only_post_changes_something(desk: Desk, method: str) -> None:
    for path in routes_that_change(application(desk)):
        status, sentence = attack(client_of(desk), path, {}, method)
        assert (status, sentence[-1:]) == (405, "."), path


def test_an_action_is_no_address_to_follow(desk: Desk) -> None:
    for path in set(routes_that_change(application(desk))) - {"/api/jobs"}:
        answer = client_of(desk).get(path)
        assert answer.status_code == 405, path
        assert path in answer.json()["error"]
        assert answer.headers["Allow"] == "POST"


def test_what_the_own_pages_send_passes(desk: Desk) -> None:
    client = client_of(desk)
    for path in routes_that_change(application(desk)):
        status, sentence = attack(client, path, {})
        assert status not in (403, 405), f"{path}: {status} {sentence}"
    status, _ = attack(client, "/api/heal", {"Origin": None, "Referer": f"{ORIGIN}/scenarios"})
    assert status == 503  # no stack is up: it was let in


@pytest.mark.parametrize("name", ["127.0.0.1:8479", "localhost:8479", "[::1]:8479", "LOCALHOST", "127.0.0.1:80"])
def test_this_machine_has_several_names_and_any_port_may_be_forwarded(desk: Desk, name: str) -> None:
    assert attack(client_of(desk), "/api/heal", {"Host": name, "Origin": f"http://{name}"})[0] == 503


@pytest.mark.parametrize("name", ["evil.localhost", "127.0.0.1.evil.localhost", "a@b", "[", "127.0.0.1@evil.localhost"])
@pytest.mark.parametrize("path", ["/api/jobs", "/static/console.css", "/"])
def test_a_strangers_name_gets_nothing_at_all(desk: Desk, name: str, path: str) -> None:
    answer = client_of(desk).get(path, headers={"Host": name})
    assert answer.status_code == 403
    assert desk.token not in answer.text


def test_a_name_that_was_given_is_answered(tmp_path: Path) -> None:
    desk = make_desk(tmp_path, names=("lab.localhost",))
    client = client_of(desk)
    assert attack(client, "/api/heal", {"Host": "lab.localhost:1", "Origin": "http://lab.localhost:1"})[0] == 503
    assert attack(client, "/api/heal", {"Host": "other.localhost:1", "Origin": "http://other.localhost:1"})[0] == 403


def test_another_site_cannot_even_ask(desk: Desk) -> None:
    assert client_of(desk).get("/api/jobs", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert client_of(desk).get("/api/jobs", headers={"Sec-Fetch-Site": "same-origin"}).status_code == 200


def test_a_request_that_is_too_large_is_not_read(desk: Desk) -> None:
    answer = client_of(desk).post("/api/heal", content=b" " * 100_000, headers={"Content-Type": "application/json"})
    assert answer.status_code == 413


@pytest.mark.parametrize("path", ["/", "/notes", "/no-such-page", "/api/jobs", "/static/console.css", "/api/heal"])
def test_every_answer_has_the_headers_that_keep_others_out(desk: Desk, path: str) -> None:
    answer = client_of(desk).get(path)
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
    assert answer.headers["Cache-Control"] == ("no-cache" if path.startswith("/static/") else "no-store")


def test_no_page_holds_what_its_policy_forbids(desk: Desk) -> None:
    for path in ("/", "/scenarios", "/runs", "/notes"):
        text = client_of(desk).get(path).text
        assert "<style" not in text, path
        assert " style=" not in text, path
        assert " onclick=" not in text, path
        scripts = text.split("<script")[1:]
        assert all(' src="/static/' in s.partition(">")[0] or "application/json" in s for s in scripts), path


def test_a_page_that_is_not_there_says_so_in_a_sentence(desk: Desk) -> None:
    answer = client_of(desk).get("/no-such-page")
    assert answer.status_code == 404
    assert "/no-such-page" in answer.text
    assert answer.headers["Content-Type"].startswith("text/html")
