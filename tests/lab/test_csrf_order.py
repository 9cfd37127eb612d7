"""What the refusal page says of a request, without Django: the order of the checks, what was found, what to do."""

from dataclasses import replace

import pytest

from rest_demo.csrf.order import Sent, advice, refusing_step, steps

HONEST = Sent(
    method="POST",
    secure=False,
    host="shop.localhost:8470",
    origin="http://shop.localhost:8470",
    referer=None,
    forwarded_proto=None,
    content_type="application/x-www-form-urlencoded",
    cookie=True,
    session=True,
    token_in_form=64,
    token_in_header=0,
)
ORIGIN = "Origin checking failed - X does not match any trusted origins."


@pytest.mark.parametrize(
    ("reason", "step"),
    [
        (ORIGIN, "origin"),
        ("Referer checking failed - no Referer.", "referer"),
        ("CSRF cookie not set.", "cookie"),
        ("CSRF cookie has incorrect length.", "cookie"),
        ("CSRF token missing.", "token"),
        ("CSRF token from POST incorrect.", "match"),
        ("CSRF token from the 'X-Csrftoken' HTTP header has invalid characters.", "match"),
        ("words of a later Django", "unknown"),
    ],
)
def test_djangos_reason_belongs_to_one_step(reason: str, step: str) -> None:
    assert refusing_step(reason) == step


def test_steps_before_the_refusing_one_passed_and_those_behind_were_not_reached() -> None:
    told = steps(HONEST, "CSRF token missing.")
    assert [(step.name, step.outcome) for step in told] == [
        ("method", "passed"), ("origin", "passed"), ("referer", "not asked"), ("cookie", "passed"),
        ("token", "refused"), ("match", "not reached"),
    ]  # fmt: skip


def test_without_an_origin_the_referer_is_asked_for_on_https_only() -> None:
    plain = steps(replace(HONEST, origin=None), "CSRF token missing.")
    secure = steps(replace(HONEST, origin=None, secure=True), "Referer checking failed - no Referer.")
    assert [step.outcome for step in plain[1:3]] == ["not asked", "not asked"]
    assert [step.outcome for step in secure[1:4]] == ["not asked", "refused", "not reached"]


def test_of_a_token_only_its_length_is_told() -> None:
    found = {step.name: step.found for step in steps(HONEST, "CSRF token from POST incorrect.")}
    assert found["token"] == "64 characters in the form"
    in_header = replace(HONEST, token_in_form=0, token_in_header=32)
    assert steps(in_header, "")[4].found == "32 characters in the header"


@pytest.mark.parametrize(
    ("sent", "reason", "word"),
    [
        (replace(HONEST, origin="null"), ORIGIN, "no origin"),
        (replace(HONEST, origin="https://shop.localhost:8470"), ORIGIN, "SECURE_PROXY_SSL_HEADER"),
        (replace(HONEST, origin="http://shop.localhost"), ORIGIN, "proxy_set_header Host $http_host"),
        (replace(HONEST, origin="http://evil.localhost"), ORIGIN, "it was an attack, and it failed"),
        (replace(HONEST, secure=True, origin=None), "Referer checking failed - no Referer.", "Referrer-Policy"),
        (replace(HONEST, cookie=False), "CSRF cookie not set.", "@ensure_csrf_cookie"),
        (replace(HONEST, token_in_form=0), "CSRF token missing.", "{% csrf_token %} inside the <form>"),
        (replace(HONEST, content_type="application/json"), "CSRF token missing.", "X-CSRFToken"),
        (replace(HONEST, method="PUT"), "CSRF token missing.", "X-CSRFToken"),
        (HONEST, "CSRF token from POST incorrect.", "Reload the page"),
        (HONEST, "words of a later Django", "Reload the page"),
    ],
)  # fmt: skip
def test_the_advice_fits_what_was_found(sent: Sent, reason: str, word: str) -> None:
    assert word in advice(sent, reason)
