"""The grid of rest-csrf-matrix, and its model of a browser, without any server."""

import pytest

from lab.cluster.target import Refused
from rest_demo.scenarios import csrf_browser
from rest_demo.scenarios.csrf_cases import ATTACKS, EXEMPT, HONEST, SERVERS, TWINS, Case, attack, ending
from rest_demo.scenarios.csrf_matrix import csrf_matrix
from rest_demo.scenarios.csrf_visitor import SECRET, SESSION, Visitor, reason_in

CASES = [*HONEST, *ATTACKS, *TWINS]


def test_the_grid_is_large_enough_and_no_two_of_its_rows_have_one_name() -> None:
    names = [(case.way, case.name) for case in CASES]
    assert len(names) >= 24
    assert len(names) == len(set(names))
    assert {case.server for case in CASES} == set(SERVERS)


def test_only_attacks_on_protected_views_count_for_the_claim() -> None:
    assert all(case.is_attack and case.path != EXEMPT and case.ends[2] == 0 for case in ATTACKS)
    assert not any(case.is_attack for case in [*HONEST, *TWINS])
    assert any(case.ends[2] for case in TWINS)


def test_an_ending_is_told_in_one_line() -> None:
    assert ending(302, "", 1) == "302 (1 row)"
    assert ending(403, "CSRF token missing.", 0) == "403: CSRF token missing. (0 rows)"


def test_the_origin_is_that_of_the_page_as_the_browser_sees_it() -> None:
    assert Case("x", "x", (200, "", 0)).sends_from == "http://shop.localhost"
    assert Case("x", "x", (200, "", 0), https=True, host="shop.localhost:8443").sends_from == (
        "https://shop.localhost:8443"
    )
    assert Case("x", "x", (200, "", 0), origin="null").sends_from == "null"


@pytest.mark.parametrize(
    ("same_site", "by", "sent"),
    [
        ("Lax", "", True),
        ("Lax", "link", True),
        ("Lax", "form", False),
        ("Lax", "script", False),
        ("", "form", False),
        ("None", "form", True),
        ("Strict", "link", False),
        ("Strict", "", True),
    ],
)
def test_cookies_go_with_a_request_of_another_site_as_samesite_says(same_site: str, by: str, sent: bool) -> None:
    visitor = Visitor(("127.0.0.1", 1))
    visitor.cookies = {SESSION: "s", SECRET: "c"}
    visitor.same_site = dict.fromkeys(visitor.cookies, same_site)
    case = attack("x", (200, "", 0), cross_site=by)
    assert visitor._cookies_of(case) == (f"{SESSION}=s; {SECRET}=c" if sent else "")


def test_the_reason_is_found_in_a_page_in_a_problem_and_in_the_apis_own_words() -> None:
    assert reason_in('<strong id="reason">CSRF token from the &#x27;X&#x27; header.</strong>') == (
        "CSRF token from the 'X' header."
    )
    assert reason_in('{"reason": "CSRF cookie not set.", "detail": "x"}') == "CSRF cookie not set."
    assert reason_in('{"detail": "CSRF Failed: CSRF token missing."}') == "CSRF token missing."
    assert reason_in("<h1>Forbidden</h1>") == "<h1>Forbidden</h1>"


def test_without_playwright_a_run_with_a_browser_is_refused_with_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csrf_browser, "find_spec", lambda name: None)
    with pytest.raises(Refused, match="rest-csrf-matrix: browser=true needs Playwright"):
        csrf_matrix.with_parameters("main", {"browser": "true"})
    assert csrf_matrix.with_parameters("main", {})["browser"] == "false"


def test_without_chromium_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csrf_browser, "find_chromium", lambda: None)
    with pytest.raises(Refused, match="rest-csrf-matrix: browser=true needs Chromium"):
        csrf_matrix.with_parameters("breaks", {"browser": "true"})


def test_a_value_that_is_neither_is_refused() -> None:
    with pytest.raises(Refused, match="browser cannot be 'yes'"):
        csrf_matrix.with_parameters("main", {"browser": "yes"})
