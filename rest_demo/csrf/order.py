"""What Django's CsrfViewMiddleware checks, in its order, told of one request that it refused. Pure; `refusal` shows it.

Read from django/middleware/csrf.py of Django 5.2: process_view, _origin_verified, _check_referer, _check_token.
"""

from dataclasses import dataclass
from urllib.parse import urlsplit

FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
_BEGINNINGS = (
    ("Origin checking failed", "origin"),
    ("Referer checking failed", "referer"),
    ("CSRF cookie", "cookie"),
    ("CSRF token missing", "token"),
    ("CSRF token from", "match"),
)


@dataclass(frozen=True, slots=True)
class Sent:
    """What the request brought, as far as the middleware looks at it. No secret is kept: of tokens, the length only."""

    method: str
    secure: bool
    host: str
    origin: str | None
    referer: str | None
    forwarded_proto: str | None
    content_type: str
    cookie: bool
    session: bool
    """Not looked at by the middleware, but it tells who the request is from: nobody, when the browser kept it back."""
    token_in_form: int
    """Characters of the field csrfmiddlewaretoken; 0: none."""
    token_in_header: int
    trusted: tuple[str, ...] = ()

    @property
    def own_origin(self) -> str:
        """What Django takes this server's origin for."""
        return f"{'https' if self.secure else 'http'}://{self.host}"


@dataclass(frozen=True, slots=True)
class Step:
    """One check. outcome: passed, refused, not asked (it does not apply), not reached (refused before)."""

    name: str
    asks: str
    found: str
    outcome: str


def refusing_step(reason: str) -> str:
    """The step that Django's own reason belongs to; "unknown" for words that this Django does not use."""
    return next((name for beginning, name in _BEGINNINGS if reason.startswith(beginning)), "unknown")


def steps(sent: Sent, reason: str) -> list[Step]:
    """All steps, in order, with what was found at each."""
    refusing = refusing_step(reason)
    told: list[Step] = []
    for name, asks, found, asked in _looked_at(sent):
        if any(step.outcome == "refused" for step in told):
            outcome = "not reached"
        elif name == refusing:
            outcome = "refused"
        else:
            outcome = "passed" if asked else "not asked"
        told.append(Step(name, asks, found, outcome))
    return told


def _looked_at(sent: Sent) -> list[tuple[str, str, str, bool]]:
    """Name, question, what was found, and whether the question applies to this request."""
    own, trusted = sent.own_origin, ", ".join(sent.trusted) or "empty"
    token = (
        f"{sent.token_in_form} characters in the form"
        if sent.token_in_form
        else f"{sent.token_in_header} characters in the header"
        if sent.token_in_header
        else "none"
    )
    insecure = "not https, as far as Django knows" + (
        f" (X-Forwarded-Proto says {sent.forwarded_proto}, and is not believed)"
        if sent.forwarded_proto == "https"
        else ""
    )
    referer = "there is an Origin" if sent.origin else (sent.referer or "no Referer") if sent.secure else insecure
    return [
        ("method", "May it change something? GET, HEAD, OPTIONS, TRACE and exempt views pass.", sent.method, True),
        (
            "origin",
            f"If there is an Origin header: is it {own}, or in CSRF_TRUSTED_ORIGINS ({trusted})?",
            sent.origin or "no Origin header",
            sent.origin is not None,
        ),
        (
            "referer",
            f"If there is none, and the request is https: is the Referer a page of {own}?",
            referer,
            sent.origin is None and sent.secure,
        ),
        ("cookie", "Is there a csrftoken cookie? It holds the secret.", "yes" if sent.cookie else "no", True),
        (
            "token",
            "Is there a token? Field csrfmiddlewaretoken of a POSTed form, else the header X-CSRFToken.",
            token,
            True,
        ),
        ("match", "Was the token made of that secret?", "compared" if sent.cookie else "no secret", True),
    ]


def advice(sent: Sent, reason: str) -> str:
    """What to do about it, for those who build the page. One paragraph."""
    step = refusing_step(reason)
    if step == "origin":
        return _about_origin(sent)
    if step == "referer":
        return (
            "On https Django wants to know which page sent the form. A Referrer-Policy of no-referrer takes that away: "
            "use same-origin. A page of another host belongs into CSRF_TRUSTED_ORIGINS, with https:// before it."
        )
    if step == "cookie":
        return (
            "The page that sent this did not set the cookie, or the browser did not send it: render {% csrf_token %}, "
            "or put @ensure_csrf_cookie on the view of a page whose script sends the token. Cookies may be blocked."
        )
    if step == "token":
        return _about_a_missing_token(sent)
    if step == "match":
        return (
            "The secret is another one since the page was made: each login makes a new one. Reload the page and send "
            "again. If that does not help, the token is not copied whole: it has 64 characters, or 32 as in the cookie."
        )
    return "Reload the page and send again."


def _about_origin(sent: Sent) -> str:
    theirs, own = urlsplit(sent.origin or ""), urlsplit(sent.own_origin)
    if sent.origin == "null":
        return (
            "The page has no origin: a sandbox, a local file, or a redirect across sites. Send the form from a "
            "page of this server."
        )
    if theirs.hostname == own.hostname and theirs.scheme == "https" and own.scheme == "http":
        return (
            "The browser speaks https, and Django takes it for http: TLS ends at a proxy. Let the proxy set "
            "X-Forwarded-Proto, and tell Django to believe it with SECURE_PROXY_SSL_HEADER; or name the origin in "
            f'CSRF_TRUSTED_ORIGINS = ["{sent.origin}"].'
        )
    if theirs.hostname == own.hostname:
        return (
            f"The same host, but another port or scheme: Host arrived as {sent.host}. A proxy that drops the port does "
            "this; with nginx, write `proxy_set_header Host $http_host`."
        )
    return (
        "A page of another site sent this. If you did not expect that, it was an attack, and it failed. If that page "
        f'is yours, name it: CSRF_TRUSTED_ORIGINS = ["{sent.origin}"].'
    )


def _about_a_missing_token(sent: Sent) -> str:
    if sent.method != "POST" or not sent.content_type.startswith(FORMS):
        return (
            f"This was {sent.method} with {sent.content_type or 'no Content-Type'}: Django looks for the field in a "
            "POSTed form only. Send the header X-CSRFToken with the value of the cookie csrftoken."
        )
    return "Put {% csrf_token %} inside the <form> of the page that sent this."
