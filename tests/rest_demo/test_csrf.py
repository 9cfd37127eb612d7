"""The pages about CSRF inside this process: what each view answers, and what a refused request is told."""

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from rest_demo.csrf.models import Forwarding

PROBLEM = {"Accept": "application/problem+json"}
SCRIPT = "/csrf/ajax/forwardings/"


@pytest.fixture
def client(db: None) -> Client:
    """One that is held against the checks, as a browser is, and logged in."""
    found = Client(enforce_csrf_checks=True)
    found.force_login(get_user_model().objects.create_user("person", password="word"))
    return found


def token(client: Client) -> str:
    """Open the form, which sets the cookie."""
    client.get("/csrf/form/")
    return client.cookies["csrftoken"].value


def call(client: Client, method: str, body: str, **more: Any) -> Any:
    headers = PROBLEM | {"X-CSRFToken": token(client)}
    return client.generic(method, SCRIPT, body, content_type="application/json", headers=headers, **more)


def made() -> list[tuple[str, str]]:
    return sorted(Forwarding.objects.values_list("to", "way"))


def test_the_form_makes_a_row_and_sends_back_to_itself(client: Client) -> None:
    answer = client.post("/csrf/form/", {"to": "anna", "csrfmiddlewaretoken": token(client)})
    assert (answer.status_code, answer["Location"]) == (302, "/csrf/form/")
    assert made() == [("anna", "form")]


def test_a_form_that_does_not_say_where_to_is_shown_again_with_the_reason(client: Client) -> None:
    answer = client.post("/csrf/form/", {"to": "", "csrfmiddlewaretoken": token(client)})
    assert answer.status_code == 422
    assert "This field is required." in answer.content.decode()
    assert made() == []


def test_the_script_makes_and_removes_rows(client: Client) -> None:
    assert call(client, "POST", '{"to": "anna"}').status_code == 201
    assert call(client, "PUT", '{"to": "bert"}').status_code == 201
    assert call(client, "DELETE", '{"to": "anna"}').status_code == 204
    assert made() == [("bert", "ajax")]


@pytest.mark.parametrize(
    ("body", "status"), [("{", 400), ("[]", 422), ("{}", 422), ('{"to": null}', 422), ("\xff", 400)]
)
def test_what_is_no_order_is_a_problem(client: Client, body: str, status: int) -> None:
    answer = call(client, "POST", body)
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert answer.json()["status"] == status
    assert made() == []


def test_whoever_is_not_logged_in_is_sent_to_the_login_or_told_so(db: None) -> None:
    stranger = Client()
    assert stranger.get("/csrf/form/")["Location"] == "/csrf/login/?next=/csrf/form/"
    assert stranger.get("/csrf/ajax/")["Location"] == "/csrf/login/?next=/csrf/ajax/"
    assert stranger.post(SCRIPT, {}, content_type="application/json").status_code == 401
    assert stranger.post("/csrf/unprotected/", {"to": "x"}).status_code == 401
    assert stranger.get("/csrf/unprotected/link/?to=x").status_code == 401
    assert made() == []


def test_the_twins_ask_for_no_token(client: Client) -> None:
    assert client.post("/csrf/unprotected/", {"to": "form"}).status_code == 200
    assert client.generic("POST", "/csrf/unprotected/", '{"to": "text"}', content_type="text/plain").status_code == 200
    assert client.get("/csrf/unprotected/link/?to=link").status_code == 200
    assert made() == [("form", "unprotected"), ("link", "link"), ("text", "unprotected")]


@pytest.mark.parametrize("body", ["", "null", "[1]", '{"to": 3}', "\xff"])
def test_the_twins_refuse_what_names_nobody(client: Client, body: str) -> None:
    assert client.generic("POST", "/csrf/unprotected/", body, content_type="text/plain").status_code == 422
    assert made() == []


def test_a_refusal_is_a_page_for_browsers_and_a_problem_for_all_others(client: Client) -> None:
    page = client.post("/csrf/form/", {"to": "x"}, headers={"Accept": "text/html,application/xml;q=0.9,*/*;q=0.8"})
    assert (page.status_code, page["Content-Type"]) == (403, "text/html; charset=utf-8")
    for accept in ("application/problem+json", "application/json", "*/*", "image/png"):
        problem = client.post("/csrf/form/", {"to": "x"}, headers={"Accept": accept})
        assert (problem.status_code, problem["Content-Type"]) == (403, "application/problem+json"), accept


def test_the_problem_says_the_step_the_reason_and_what_to_do(client: Client) -> None:
    token(client)
    told = client.post("/csrf/form/", {"to": "x"}, headers=PROBLEM | {"Origin": "http://evil.example"}).json()
    assert told["step"] == "origin"
    assert told["reason"] == told["detail"]
    assert "http://evil.example does not match" in told["reason"]
    assert "it was an attack" in told["do"]
    assert [step["outcome"] for step in told["checked"]] == ["passed", "refused", *["not reached"] * 4]
    assert told["instance"]


def test_what_an_attacker_sends_is_shown_as_text(client: Client) -> None:
    headers = {"Accept": "text/html", "Origin": "http://<script>alert(1)</script>"}
    page = client.post("/csrf/form/", {"to": "x"}, headers=headers).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_no_token_is_shown_on_the_refusal_page(client: Client) -> None:
    token(client)
    wrong = "w" * 64
    page = client.post("/csrf/form/", {"to": "x", "csrfmiddlewaretoken": wrong}, headers={"Accept": "text/html"})
    assert "CSRF token from POST incorrect." in page.content.decode()
    assert wrong not in page.content.decode()
    assert client.cookies["csrftoken"].value not in page.content.decode()
