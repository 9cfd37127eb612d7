"""The pages about CSRF in a real browser, as a person and as a victim sees them."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import AtRest, log_in

TO = "Forward my notifications to"


@pytest.fixture
def open_as_lab(page: Page, shop: str, lab_cookies: list[Any]) -> Callable[[str], Page]:
    """Open a page as somebody who has logged in before."""

    def opened(path: str) -> Page:
        page.context.add_cookies(lab_cookies)
        page.goto(f"{shop}{path}")
        return page

    return opened


def test_whoever_opens_the_form_without_a_login_is_asked_to_log_in(page: Page, shop: str) -> None:
    page.goto(f"{shop}/csrf/form/")
    expect(page).to_have_url(f"{shop}/csrf/login/?next=/csrf/form/")
    page.get_by_label("Username").fill("lab")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("alert")).to_contain_text("correct username and password")


def test_the_form_with_a_token_is_taken(open_as_lab: Callable[[str], Page]) -> None:
    page = open_as_lab("/csrf/form/")
    page.get_by_label(TO).fill("+49 30 1234567")
    page.get_by_role("button", name="Forward").click()
    expect(page.get_by_role("status")).to_have_text("Your notifications now also go to +49 30 1234567.")


def test_the_script_sends_the_token_in_a_header_and_says_what_django_says_without(
    open_as_lab: Callable[[str], Page],
) -> None:
    page = open_as_lab("/csrf/ajax/")
    page.get_by_label(TO).fill("by script")
    with page.expect_request("**/csrf/ajax/forwardings/") as sent:
        page.get_by_role("button", name="Forward", exact=True).click()
    assert len(sent.value.headers["x-csrftoken"]) == 32
    expect(page.get_by_role("status")).to_have_text("Your notifications now also go to by script.")
    page.get_by_role("button", name="without the header").click()
    expect(page.get_by_role("status")).to_contain_text("403: CSRF token missing.")
    expect(page.get_by_role("status")).to_contain_text("Send the header X-CSRFToken")


def test_a_form_that_was_opened_before_a_login_is_refused_and_the_page_says_reload(page: Page, shop: str) -> None:
    log_in(page, f"{shop}/csrf/login/?next=/csrf/form/")
    log_in(page.context.new_page(), f"{shop}/csrf/login/")
    page.get_by_label(TO).fill("too late")
    page.get_by_role("button", name="Forward").click()
    expect(page.get_by_role("alert")).to_have_text("CSRF token from POST incorrect.")
    expect(page.get_by_role("main")).to_contain_text("Reload the page and send again")
    assert outcomes(page) == ["passed", "passed", "not asked", "passed", "passed", "refused"]


def test_the_attackers_form_is_refused_by_its_origin_and_the_page_says_in_which_order_was_checked(
    open_as_lab: Callable[[str], Page], evil: str, shop: str, at_rest: AtRest
) -> None:
    page = open_as_lab("/csrf/form/")
    page.goto(f"{evil}/form?view=protected&to=the+form+of+the+attacker", wait_until="commit")
    page.wait_for_url(f"{shop}/csrf/form/")
    expect(page.get_by_role("alert")).to_have_text(
        f"Origin checking failed - {evil} does not match any trusted origins."
    )
    expect(page.get_by_role("main")).to_contain_text("it was an attack, and it failed")
    expect(page.get_by_role("main")).to_contain_text("without a session cookie")
    assert outcomes(page) == ["passed", "refused", *["not reached"] * 4]
    at_rest(page, "csrf-refused")
    page.goto(f"{shop}/csrf/")
    expect(page.get_by_role("cell", name="the form of the attacker")).to_have_count(0)


def test_against_an_exempt_view_samesite_lax_is_what_is_left(
    open_as_lab: Callable[[str], Page], evil: str, shop: str
) -> None:
    page = open_as_lab("/csrf/unprotected/")
    page.get_by_label(TO).fill("myself")
    page.get_by_role("button", name="Forward").click()
    expect(page.get_by_role("status")).to_contain_text("go to myself")
    page.goto(f"{evil}/form?view=unprotected&to=the+form+of+the+attacker", wait_until="commit")
    page.wait_for_url(f"{shop}/csrf/unprotected/")
    expect(page.get_by_role("alert")).to_contain_text("Nothing was changed")
    page.goto(f"{evil}/fetch?view=unprotected", wait_until="commit")
    expect(page.get_by_role("status")).to_have_text("Sent. The answer is opaque to me.")


def test_a_link_that_changes_something_carries_the_victims_cookie(
    open_as_lab: Callable[[str], Page], evil: str, shop: str
) -> None:
    page = open_as_lab("/csrf/")
    page.goto(f"{evil}/link?view=link&to=the+attacker+by+link", wait_until="commit")
    page.wait_for_url(f"{shop}/csrf/unprotected/link/**")
    expect(page.get_by_role("status")).to_contain_text("go to the attacker by link")


def test_everything_can_be_done_with_the_keyboard_alone(page: Page, shop: str) -> None:
    page.goto(f"{shop}/csrf/form/")
    page.get_by_label("Username").focus()
    page.keyboard.type("lab")
    page.keyboard.press("Tab")
    page.keyboard.type("lab")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{shop}/csrf/form/")
    page.keyboard.press("Tab")
    assert focused(page) == "To the page"
    assert page.evaluate("document.activeElement.getBoundingClientRect().left >= 0")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.type("by keyboard")
    page.keyboard.press("Tab")
    assert focused(page) == "Forward"
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("go to by keyboard")


@pytest.mark.parametrize("path", ["/csrf/", "/csrf/form/", "/csrf/ajax/", "/csrf/unprotected/"])
def test_pages_are_readable_in_light_and_dark_wide_and_narrow(
    look: tuple[str, int], open_as_lab: Callable[[str], Page], at_rest: AtRest, path: str
) -> None:
    at_rest(open_as_lab(path), path.strip("/").replace("/", "-"))


def test_the_refusal_is_readable_in_dark_and_narrow_too(
    look: tuple[str, int], page: Page, evil: str, shop: str, at_rest: AtRest
) -> None:
    page.goto(f"{shop}/csrf/login/")
    at_rest(page, "csrf-login")
    page.goto(f"{evil}/form?view=protected", wait_until="commit")
    page.wait_for_url(f"{shop}/csrf/form/")
    at_rest(page, "csrf-refused")


def outcomes(page: Page) -> list[str]:
    """What each step came to, in the order of the page."""
    return page.locator(".steps .outcome").all_inner_texts()


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.innerText"))
