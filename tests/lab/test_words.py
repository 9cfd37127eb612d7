"""Two languages: who hears which, for how long, and where the words come from."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from pathlib import Path

import pytest

from lab import words
from lab.words import LANGUAGES, _, catalogue, language, set_language, speak

ENGLISH, RUSSIAN = "two brokers", "два брокера"
"""A text that the catalogues of the project hold."""


@pytest.fixture
def own_language() -> Iterator[None]:
    """The language of the whole process is put back afterwards."""
    yield
    set_language("en")


@pytest.fixture
def made_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder for catalogues of the test's own."""
    monkeypatch.setattr(words, "LOCALE", tmp_path)
    catalogue.cache_clear()
    folder = tmp_path / "ru" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    yield folder
    catalogue.cache_clear()


def test_without_a_word_it_is_english() -> None:
    assert language() == "en"
    assert _(ENGLISH) == ENGLISH


def test_a_language_is_spoken_for_the_length_of_a_body() -> None:
    with speak("ru"):
        assert (language(), _(ENGLISH)) == ("ru", RUSSIAN)
        with speak("en"):
            assert _(ENGLISH) == ENGLISH
        assert _(ENGLISH) == RUSSIAN
    assert _(ENGLISH) == ENGLISH


def test_it_ends_also_when_the_body_raises() -> None:
    with pytest.raises(KeyError), speak("ru"):
        raise KeyError
    assert language() == "en"


def test_the_language_of_a_request_is_heard_in_no_other_thread() -> None:
    with ThreadPoolExecutor(1) as pool, speak("ru"):
        assert pool.submit(_, ENGLISH).result() == ENGLISH
        assert pool.submit(copy_context().run, _, ENGLISH).result() == RUSSIAN


@pytest.mark.usefixtures("own_language")
def test_the_language_of_a_command_is_heard_in_every_thread() -> None:
    set_language("ru")
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(_, ENGLISH).result() == RUSSIAN
    with speak("en"):
        assert _(ENGLISH) == ENGLISH


@pytest.mark.parametrize("known", LANGUAGES)
def test_what_no_catalogue_holds_stays_as_written(known: str) -> None:
    with speak(known):
        assert _("Nobody has translated this.") == "Nobody has translated this."
        assert _("") == ""


def test_an_unknown_language_is_refused_in_a_sentence() -> None:
    with pytest.raises(ValueError, match="'de' is no language of the lab; it speaks en, ru"), speak("de"):
        pass
    with pytest.raises(ValueError, match="'RU' is no language of the lab"):
        set_language("RU")


def test_all_catalogues_of_a_language_are_one(made_up: Path) -> None:
    (made_up / "one.po").write_text('msgid "one"\nmsgstr "один"\n')
    (made_up / "two.po").write_text('msgid "two"\nmsgstr "два"\n\nmsgid "not yet"\nmsgstr ""\n')
    with speak("ru"):
        assert [_("one"), _("two"), _("not yet"), _("three")] == ["один", "два", "not yet", "three"]


def test_a_guess_is_not_shown(made_up: Path) -> None:
    (made_up / "one.po").write_text('#, fuzzy\nmsgid "one"\nmsgstr "единица"\n')
    with speak("ru"):
        assert _("one") == "one"
