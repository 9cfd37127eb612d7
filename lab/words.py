"""The words that people read, in one place to be translated. Whoever shows a sentence asks `_` for it."""

from contextvars import ContextVar
from gettext import NullTranslations

_catalogue: ContextVar[NullTranslations] = ContextVar("catalogue", default=NullTranslations())  # noqa: B039 - it holds no state


def _(text: str) -> str:
    """The text in the language of this request or command; English, as written, when there is no other."""
    return _catalogue.get().gettext(text)


def later(text: str) -> str:
    """Marks a text that is read before there is a reader, e.g. at import; `_` says it when it is shown."""
    return text
