"""The REST scenarios' client claims no more than it knows, and holds answers against the published contract."""

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from rest_demo.scenarios.client import Answer, Caller, NoAnswer, NotSent, ask, at_once, tag
from rest_demo.scenarios.contract import Contract

Reply = tuple[int, dict[str, str], Any] | None
"""Status, headers and JSON body; None: the connection is closed without a word."""
MADE: Reply = (201, {"X-Instance": "rest-2"}, {"id": "ab", "rule_version": 1})
GATEWAY: Reply = (502, {}, {"detail": "nobody"})


@contextmanager
def server(*replies: Reply) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A server that gives these answers in turn; its URL, and what it was asked."""
    asked: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            asked.append({"headers": dict(self.headers), "body": json.loads(body or b"null")})
            reply = replies[min(len(asked), len(replies)) - 1]
            if reply is None:
                return
            status, headers, said = reply
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(json.dumps(said).encode())

        do_GET = do_POST  # noqa: N815 (http.server wants these names)

        def log_message(self, *args: Any) -> None:
            """Says nothing."""

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=listening.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.server_address[1]}", asked
    finally:
        listening.shutdown()
        listening.server_close()
        thread.join()


def ended(url: str, again: int = 0) -> tuple[str, dict[str, Any], str | None]:
    """How one POST ended for its caller."""
    found: list[Any] = []
    caller = Caller("writer", "a-run", url, path="/x/", body={"kind": "web"}, keyed=True, again=again)
    caller.post("post-1", lambda outcome, value, error: found.append((outcome, dict(value or {}), error)))
    assert len(found) == 1
    return found[0]


@pytest.mark.parametrize(
    ("replies", "again", "outcome", "attempts"),
    [
        ([MADE], 0, "ok", 1),
        ([GATEWAY], 0, "info", 1),
        ([GATEWAY, MADE], 1, "ok", 2),
        ([None], 0, "info", 1),
        ([None, GATEWAY, MADE], 3, "ok", 3),
        ([(400, {}, {"detail": "wrong"})], 3, "fail", 1),
        ([GATEWAY, (400, {}, {"detail": "wrong"})], 3, "info", 2),
        ([(409, {"Retry-After": "0"}, {"detail": "under way"}), MADE], 1, "ok", 2),
    ],
)
def test_a_request_ends_as_far_as_its_client_can_know(
    replies: Sequence[Reply], again: int, outcome: str, attempts: int
) -> None:
    with server(*replies) as (url, asked):
        seen, value, _ = ended(url, again)
    assert (seen, value["attempts"], len(asked)) == (outcome, attempts, attempts)


def test_a_refused_connection_is_the_one_silence_that_is_certain() -> None:
    with server(MADE) as (url, _):
        pass
    assert ended(url)[0] == "fail"
    with pytest.raises(NotSent):
        ask(url, "GET", "/x/")
    with server(None) as (url, _), pytest.raises(NoAnswer):
        ask(url, "GET", "/x/")


def test_every_attempt_says_whose_request_it_is_and_has_the_same_key_and_body() -> None:
    with server(GATEWAY, MADE) as (url, asked):
        ended(url, again=1)
    first, second = asked
    assert first["body"] == second["body"] == {"kind": "web", "text": tag("a-run", "post-1")}
    for one in asked:
        assert one["headers"]["Idempotency-Key"] == one["headers"]["X-Client-Request"] == tag("a-run", "post-1")


def test_an_answer_is_measured_with_its_heads() -> None:
    with server(MADE) as (url, _):
        answer = ask(url, "POST", "/x/", {"kind": "web"})
    assert answer.ok
    assert answer.instance == "rest-2"
    assert answer.size > len(answer.body) + len(b'{"kind": "web"}')


def test_requests_of_two_runs_are_told_apart_and_their_names_fit_the_column() -> None:
    long = "20260101-000000-rest-single-point-of-failure-control-12"
    assert tag(long, "post-000001") != tag(long[:-1], "post-000001")
    assert len(tag(long, "rolled-back-000001")) <= 64


def test_what_happens_at_once_comes_back_in_order_and_an_error_is_raised() -> None:
    assert at_once(lambda number: number * 2, 5, at_most=2) == [0, 2, 4, 6, 8]
    with pytest.raises(ZeroDivisionError):
        at_once(lambda number: 1 // number, 2)


DOCUMENT = {
    "paths": {
        "/price/": {
            "get": {
                "responses": {
                    "200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Price"}}}}
                }
            }
        }
    },
    "components": {
        "schemas": {
            "Price": {
                "type": "object",
                "required": ["price"],
                "properties": {"price": {"type": "string"}, "note": {"type": "string", "nullable": True}},
            }
        }
    },
}


@pytest.mark.parametrize(
    ("status", "body", "breach"),
    [
        (200, {"price": "1.00", "note": None}, None),
        (200, {"price": "1.00", "added": 1}, None),
        (200, {"cost": "1.00"}, "$: 'price' is a required property"),
        (200, {"price": 1}, "$.price: 1 is not of type 'string'"),
        (202, {"price": "1.00"}, "GET /price/ should not answer 202"),
    ],
)
def test_an_answer_breaks_the_contract_by_what_it_lacks_and_never_by_what_it_adds(
    status: int, body: dict[str, Any], breach: str | None
) -> None:
    answer = Answer(status, {}, json.dumps(body).encode(), 0.0, 0)
    assert Contract(DOCUMENT).breach("GET", "/price/", answer) == breach
