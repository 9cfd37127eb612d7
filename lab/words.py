"""The words that people read, in one place to be translated. Whoever shows a sentence asks `_` for it.

Sentences are written in English where they are said; other languages come from the catalogues in lab/locale, read once
when they are first asked for. What is recorded of a run stays English, whoever reads it later.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

LANGUAGES = ("en", "ru")
LOCALE = Path(__file__).parent / "locale"

_spoken: ContextVar[str] = ContextVar("spoken", default="")
_everywhere = LANGUAGES[0]


def _(text: str) -> str:
    """The text in the language of this request or command; English, as written, where it has no other words."""
    return catalogue(language()).gettext(text) if text else ""


def later(text: str) -> str:
    """Marks a text that is read before there is a reader, e.g. at import; `_` says it when it is shown."""
    return text


def language() -> str:
    """One of LANGUAGES: that of `speak` where it is in force, else that of `set_language`, else English."""
    return _spoken.get() or _everywhere


@contextmanager
def speak(language: str) -> Iterator[None]:
    """Speak one of LANGUAGES for the length of the body, in this thread or task and in no other."""
    token = _spoken.set(_known(language))
    try:
        yield
    finally:
        _spoken.reset(token)


def set_language(language: str) -> None:
    """Speak one of LANGUAGES from now on, in the whole process: a command does, for the person who typed it."""
    global _everywhere
    _everywhere = _known(language)


@cache
def catalogue(language: str) -> NullTranslations:
    """Every catalogue of a language, as one."""
    if language == LANGUAGES[0]:
        return NullTranslations()
    from babel.messages.catalog import Catalog  # only who speaks another language waits for it
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    together = Catalog(locale=language)
    for path in sorted((LOCALE / language / "LC_MESSAGES").glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale=language):
                if message.id:
                    together[message.id] = message
    compiled = BytesIO()
    write_mo(compiled, together)
    compiled.seek(0)
    return GNUTranslations(compiled)


def _known(language: str) -> str:
    if language not in LANGUAGES:
        raise ValueError(f"{language!r} is no language of the lab; it speaks {', '.join(LANGUAGES)}")
    return language
