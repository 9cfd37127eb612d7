"""The grid of `rest-csrf-matrix` as data: what each request sends, to a server with which settings, and how it ends.

What a case does not say is as an honest browser does it: a POSTed form with a fresh token, both cookies, and the origin
of the page. `Case.ends` is the status, Django's own reason, and how many rows the database holds of it afterwards.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

Body = Literal["form", "multipart", "json", "text", "none"]
Token = Literal["masked", "older mask", "raw", "before login", "another visitor's", "cut", "with a dash", "none"]
Place = Literal["form", "header", "form, and the right one in the header"]

OWN, EVIL = "shop.localhost", "evil.localhost"
FORM, SCRIPT, API = "/csrf/form/", "/csrf/ajax/forwardings/", "/api/notifications/"
UNPROTECTED = "unprotected twin"
EXEMPT, LINK = "/csrf/unprotected/", "/csrf/unprotected/link/"

SERVERS: Mapping[str, Mapping[str, Any]] = {
    "as shipped": {},
    "trusts an origin": {"csrf_trusted_origins": [f"https://{OWN}"]},
    "knows its proxy": {"behind_tls_proxy": True},
    "SameSite=None": {"session_cookie_samesite": "None"},
}
"""REST_DEMO_OPTIONS of each server."""

NO_COOKIE, NO_TOKEN = "CSRF cookie not set.", "CSRF token missing."
WRONG = "CSRF token from POST incorrect."
WRONG_HEADER = "CSRF token from the 'X-Csrftoken' HTTP header incorrect."
REFERER = "Referer checking failed - "


def no_origin(origin: str) -> str:
    """Django's words for an Origin that is not its own."""
    return f"Origin checking failed - {origin} does not match any trusted origins."


def ending(status: int, reason: str, rows: int) -> str:
    """One line for the record, to be compared: what was answered, why, and what came of it."""
    return f"{status}{': ' if reason else ''}{reason} ({rows} {'row' if rows == 1 else 'rows'})"


@dataclass(frozen=True, slots=True)
class Case:
    """One request. `origin` "own" is scheme and host as the browser sees them; "" sends no such header."""

    way: str
    name: str
    ends: tuple[int, str, int]
    server: str = "as shipped"
    method: str = "POST"
    path: str = FORM
    body: Body = "form"
    token: Token = "masked"
    place: Place = "form"
    origin: str = "own"
    referer: str = ""
    host: str = OWN
    https: bool = False
    """The browser speaks https; TLS ends at a proxy, which says so in X-Forwarded-Proto unless it is silent."""
    silent_proxy: bool = False
    cookies: Literal["both", "session only", "csrf only"] = "both"
    cross_site: Literal["", "form", "script", "link"] = ""
    """Sent by a page of another site: then the browser decides which cookies go with it."""

    @property
    def is_attack(self) -> bool:
        """On a protected view: whether it changes something is what the claim is about."""
        return self.way.endswith("attack")

    @property
    def predicted(self) -> str:
        """How it ends, as `ending` says it."""
        return ending(*self.ends)

    @property
    def sends_from(self) -> str:
        """The value of the Origin header."""
        return f"{'https' if self.https else 'http'}://{self.host}" if self.origin == "own" else self.origin


def script(way: str, name: str, ends: tuple[int, str, int], **more: Any) -> Case:
    """A script of our own page: JSON, and the cookie's value in the header."""
    return Case(way, name, ends, **{"path": SCRIPT, "body": "json", "token": "raw", "place": "header"} | more)


def attack(name: str, ends: tuple[int, str, int], **more: Any) -> Case:
    """What a page of the attacker's site makes the victim's browser send."""
    sent = {"token": "none", "origin": f"http://{EVIL}", "cross_site": "form"}
    return Case("attack", name, ends, **sent | more)


def twin(name: str, ends: tuple[int, str, int], **more: Any) -> Case:
    """The same attack, on a view that nothing protects."""
    return replace(attack(name, ends, **{"path": EXEMPT} | more), way=UNPROTECTED)


FORMS = [
    Case("form", "a form with its token", (302, "", 1)),
    Case("form", "an older page's token: another mask, the same secret", (302, "", 1), token="older mask"),
    Case("form", "the cookie's value as the field", (302, "", 1), token="raw"),
    Case("form", "a form with a file's encoding", (302, "", 1), body="multipart"),
    Case("form", "no token", (403, NO_TOKEN, 0), token="none"),
    Case("form", "the token of another visitor", (403, WRONG, 0), token="another visitor's"),
    Case("form", "a page that was opened before the login", (403, WRONG, 0), token="before login"),
    Case("form", "a token cut short", (403, "CSRF token from POST has incorrect length.", 0), token="cut"),
    Case("form", "a dash in it", (403, "CSRF token from POST has invalid characters.", 0), token="with a dash"),
    Case("form", "no csrftoken cookie", (403, NO_COOKIE, 0), cookies="session only"),
    Case("form", "a right token, but nobody is logged in", (302, "", 0), cookies="csrf only"),
    Case("form", "a GET of the page", (200, "", 0), method="GET", body="none", token="none"),
]
SCRIPTS = [
    script("header", "JSON, the cookie's value in the header", (201, "", 1)),
    script("header", "JSON, a masked token in the header", (201, "", 1), token="masked"),
    script("header", "JSON without a token", (403, NO_TOKEN, 0), token="none"),
    script("header", "JSON, the token inside it", (403, NO_TOKEN, 0), place="form"),
    script("header", "text/plain, the token inside it", (403, NO_TOKEN, 0), place="form", body="text"),
    script("header", "a wrong token in the header", (403, WRONG_HEADER, 0), token="another visitor's"),
    script("header", "PUT with the header", (201, "", 1), method="PUT"),
    script("header", "PUT of a form with the field", (403, NO_TOKEN, 0), method="PUT", body="form", place="form"),
    script("header", "DELETE with the header", (204, "", 0), method="DELETE"),
    script("header", "DELETE without it", (403, NO_TOKEN, 0), method="DELETE", token="none"),
    Case("header", "a form without the field, but with the header", (302, "", 1), place="header"),
    Case(
        "header",
        "a wrong field and the right header: the field counts",
        (403, WRONG, 0),
        token="another visitor's",
        place="form, and the right one in the header",
    ),
]
ORIGINS = [
    Case("origin", "another site's Origin, and the right token", (403, no_origin(f"http://{EVIL}"), 0),
         origin=f"http://{EVIL}"),
    Case("origin", "Origin null, and the right token", (403, no_origin("null"), 0), origin="null"),
    Case("origin", "the Origin of a sub-domain", (403, no_origin(f"http://news.{OWN}"), 0), origin=f"http://news.{OWN}"),
    Case("origin", "a port in Origin and Host", (302, "", 1), host=f"{OWN}:8470"),
    Case("origin", "a proxy dropped the port from Host", (403, no_origin(f"http://{OWN}:8470"), 0),
         origin=f"http://{OWN}:8470"),
    Case("origin", "no Origin on http: nobody looks at the Referer", (302, "", 1), origin="",
         referer=f"http://{EVIL}/"),
]  # fmt: skip
PROXIES = [
    Case("proxy", "TLS ends at a proxy, and Django is not told", (403, no_origin(f"https://{OWN}"), 0), https=True,
         silent_proxy=True),
    Case("proxy", "X-Forwarded-Proto alone", (403, no_origin(f"https://{OWN}"), 0), https=True),
    Case("proxy", "with SECURE_PROXY_SSL_HEADER", (302, "", 1), https=True, server="knows its proxy"),
    Case("proxy", "with CSRF_TRUSTED_ORIGINS", (302, "", 1), https=True, server="trusts an origin"),
    Case("proxy", "an Origin that CSRF_TRUSTED_ORIGINS does not name", (403, no_origin("https://x.localhost"), 0),
         origin="https://x.localhost", https=True, server="trusts an origin"),
    script("proxy", "a script, with SECURE_PROXY_SSL_HEADER", (201, "", 1), https=True, server="knows its proxy"),
]  # fmt: skip


def _referer(name: str, ends: tuple[int, str, int], referer: str) -> Case:
    return Case("referer", name, ends, origin="", referer=referer, https=True, server="knows its proxy")


REFERERS = [
    _referer("https, neither Origin nor Referer", (403, f"{REFERER}no Referer.", 0), ""),
    _referer("https, a Referer of our own", (302, "", 1), f"https://{OWN}/csrf/form/"),
    _referer("https, an http Referer", (403, f"{REFERER}Referer is insecure while host is secure.", 0),
             f"http://{OWN}/csrf/form/"),
    _referer("https, another site's Referer",
             (403, f"{REFERER}https://{EVIL}/ does not match any trusted origins.", 0), f"https://{EVIL}/"),
    _referer("https, no address in the Referer", (403, f"{REFERER}Referer is malformed.", 0), "shop"),
]  # fmt: skip
APIS = [
    script("API", "nobody is logged in: no token is asked for", (201, "", 1), path=API, cookies="csrf only",
           token="none"),
    script("API", "logged in, with the header", (201, "", 1), path=API),
    script("API", "logged in, without it", (403, NO_TOKEN, 0), path=API, token="none"),
    script("API", "logged in, another site's Origin", (403, no_origin(f"http://{EVIL}"), 0), path=API,
           origin=f"http://{EVIL}"),
]  # fmt: skip
ATTACKS = [
    attack("a form, SameSite=Lax", (403, no_origin(f"http://{EVIL}"), 0)),
    attack("a form, SameSite=None", (403, no_origin(f"http://{EVIL}"), 0), server="SameSite=None"),
    attack("a sandboxed page, SameSite=None", (403, no_origin("null"), 0), server="SameSite=None", origin="null"),
    attack("a browser without Origin, SameSite=None", (403, NO_TOKEN, 0), server="SameSite=None", origin=""),
    attack("and with the attacker's own token", (403, WRONG, 0), server="SameSite=None", origin="",
           token="another visitor's"),
    attack("a script that sends JSON as text, SameSite=None", (403, no_origin(f"http://{EVIL}"), 0),
           server="SameSite=None", path=SCRIPT, body="text", cross_site="script"),
]  # fmt: skip
TWINS = [
    twin("a form, SameSite=Lax: no cookie", (401, "", 0)),
    twin("a script, SameSite=Lax: no cookie", (401, "", 0), body="text", cross_site="script"),
    twin("a form, SameSite=None", (200, "", 1), server="SameSite=None"),
    twin("a script, SameSite=None", (200, "", 1), server="SameSite=None", body="text",
           cross_site="script"),
    twin("a link to a GET that changes something, SameSite=Lax", (200, "", 1), path=LINK, method="GET",
           body="none", origin="", cross_site="link"),
]  # fmt: skip
"""No part of the claim, but of the lesson: what the browser alone stops, and what it does not."""

HONEST = [*FORMS, *SCRIPTS, *ORIGINS, *PROXIES, *REFERERS, *APIS]
