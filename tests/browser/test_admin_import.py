"""The admin's import in a real browser: a preview that names bad rows, then a confirmation, by whichever instance."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import AtRest

HEADER = "Code,Full name,E-mail,Phone,Region,Birth date,Active,Visits,Balance,Note"
GOOD = "browser-anna,Anna Ber,anna@example.org,+49301234567,north,31.12.1990,true,3,12.50,"
BAD = [
    "browser-bert,Bert Cor,bert-at-example.org,+49301234567,north,31.13.1990,yes,3.7,12.50,",
    ",No Code,x@example.org,+49301234567,south,1990-12-31,true,1,1.00,",
]
Upload = Callable[[list[str], str], None]


@pytest.fixture
def upload(page: Page, shop: str, lab_cookies: list[Any]) -> Upload:
    """Upload rows in the admin, under a mode."""

    def uploaded(rows: list[str], mode: str) -> None:
        page.context.add_cookies(lab_cookies)
        page.goto(f"{shop}/admin/contacts/contact/import/")
        sheet = "\n".join([HEADER, *rows]).encode()
        page.get_by_label("File to import").set_input_files(
            {"name": "contacts.csv", "mimeType": "text/csv", "buffer": sheet}
        )
        page.get_by_label("Format").select_option(label="csv")
        page.get_by_label(mode).check()
        page.get_by_role("button", name="Submit").click()

    return uploaded


def test_the_preview_names_row_column_value_and_reason_of_what_is_refused(
    look: tuple[str, int], page: Page, upload: Upload, at_rest: AtRest
) -> None:
    upload([GOOD, *BAD], "All or nothing")
    expect(page.get_by_role("heading", name="2 of 3 rows are refused")).to_be_visible()
    expect(page.get_by_role("alert")).to_contain_text("Nothing was saved")
    told = [row.inner_text().split() for row in page.locator("table.refusals tbody tr").all()]
    named = {(words[0], column) for words in told for column in ("Birth date", "Active", "Visits", "E-mail", "Code")
             if column in " ".join(words)}  # fmt: skip
    assert named == {("3", "Birth date"), ("3", "Active"), ("3", "Visits"), ("3", "E-mail"), ("4", "Code")}
    expect(page.get_by_role("button", name="Confirm import")).to_have_count(0)
    at_rest(page, "admin-import-preview")


def test_good_rows_are_kept_after_a_confirmation(page: Page, upload: Upload, shop: str) -> None:
    upload([GOOD, *BAD], "Keep the good rows")
    page.get_by_role("button", name="Confirm import").click()
    expect(page.get_by_text("Import finished").or_(page.locator(".messagelist"))).to_be_visible()
    page.goto(f"{shop}/admin/contacts/contact/?q=browser-")
    expect(page.get_by_role("link", name="browser-anna")).to_be_visible()
    expect(page.get_by_role("link", name="browser-bert")).to_have_count(0)
