"""Speaks the reader's language: stands before every route, and says for the length of a request which one that is.

What the address says (?lang=ru) comes first and is remembered in a cookie, then the cookie, then what the browser
prefers (Accept-Language), then English. A language that the lab does not speak is passed over.
"""

from collections.abc import Iterator
from urllib.parse import parse_qsl, urlencode

from starlette.datastructures import URL, Headers, MutableHeaders
from starlette.requests import Request, cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lab.words import LANGUAGES, language, speak

COOKIE = "lang"
KEPT = 365 * 24 * 3600
"""Seconds that a browser remembers the choice."""
NAMES = {"en": ("EN", "English"), "ru": ("RU", "Русский")}
"""How the switch shows a language: in short, and in full, in that language itself."""


class Language:
    """ASGI middleware."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        asked = _asked_for(scope)
        with speak(asked or _remembered_or_preferred(Headers(scope=scope))):
            await self._app(scope, receive, _with_language(send, asked))


def switch(url: URL) -> list[dict[str, str | bool]]:
    """For each language the link to the same page in it: code, short, full, href, and whether it is spoken now."""
    others = [(name, value) for name, value in parse_qsl(url.query, keep_blank_values=True) if name != COOKIE]
    return [
        {
            "code": code,
            "short": NAMES[code][0],
            "full": NAMES[code][1],
            "href": "?" + urlencode([*others, (COOKIE, code)]),
            "spoken": code == language(),
        }
        for code in LANGUAGES
    ]


def _asked_for(scope: Scope) -> str:
    """By the address; empty when it says nothing, or nothing that we speak."""
    said = Request(scope).query_params.get(COOKIE, "")
    return said if said in LANGUAGES else ""


def _remembered_or_preferred(headers: Headers) -> str:
    remembered = cookie_parser(headers.get("cookie", "")).get(COOKIE, "")
    if remembered in LANGUAGES:
        return remembered
    preferred = (tag.partition("-")[0] for tag in _by_preference(headers.get("accept-language", "")))
    return next((code for code in preferred if code in LANGUAGES), LANGUAGES[0])


def _by_preference(accepted: str) -> Iterator[str]:
    """The tags of an Accept-Language header in lower case, the most wanted first; nonsense is passed over."""
    weighed = []
    for item in accepted.lower().split(","):
        tag, *parameters = (part.strip() for part in item.split(";"))
        said = [part.removeprefix("q=") for part in parameters if part.startswith("q=")]
        try:
            weight = float(said[0]) if said else 1.0
        except ValueError:
            continue
        if tag and weight > 0:
            weighed.append((weight, tag))
    for _weight, tag in sorted(weighed, key=lambda pair: -pair[0]):
        yield tag


def _with_language(send: Send, asked: str) -> Send:
    """Says with every answer what it depends on, and remembers what was asked for."""
    spoken = language()

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.setdefault("Content-Language", spoken)
            headers.add_vary_header("Accept-Language")
            headers.add_vary_header("Cookie")
            if asked:
                headers.append("Set-Cookie", f"{COOKIE}={asked}; Path=/; Max-Age={KEPT}; SameSite=Lax; HttpOnly")
        await send(message)

    return sending
