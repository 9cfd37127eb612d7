"""The console in Russian in a real browser: the switch keeps the page, the choice is kept, scripts speak it too."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import AtRest
from tests.browser.console_pages import served
from tests.lab.console_client import make_desk


@pytest.fixture
def console(tmp_path: Path) -> Iterator[str]:
    with served(make_desk(tmp_path)) as address:
        yield address


def test_the_switch_keeps_the_page_and_the_choice(page: Page, console: str) -> None:
    page.goto(f"{console}/runs?verdict=HOLDS")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.get_by_role("link", name="RU Русский").click()
    expect(page.locator("html")).to_have_attribute("lang", "ru")
    expect(page.get_by_role("heading", level=1)).to_have_text("Прогоны")
    assert "verdict=HOLDS" in page.url
    page.get_by_role("link", name="Конспект").click()
    expect(page.get_by_role("link", name="RU Русский")).to_have_attribute("aria-current", "true")
    page.get_by_role("link", name="EN English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("What the notes say, and what runs say")


def test_scripts_say_their_words_in_it_too(page: Page, console: str) -> None:
    page.goto(f"{console}/scenarios/kafka-leader-failover?lang=ru")
    page.get_by_role("button", name="Скопировать").click()
    expect(page.get_by_text(re.compile("Команда скопирована|Команду не удалось скопировать"))).to_be_visible()


@pytest.mark.parametrize("path", ["/", "/scenarios", "/scenarios/kafka-leader-failover", "/runs", "/notes", "/nowhere"])
def test_a_page_in_russian_is_as_narrow_and_as_accessible(
    page: Page, console: str, path: str, at_rest: AtRest, look: tuple[str, int]
) -> None:
    page.goto(f"{console}{path}?lang=ru")
    expect(page.locator("html")).to_have_attribute("lang", "ru")
    at_rest(page, f"{path} in Russian")
