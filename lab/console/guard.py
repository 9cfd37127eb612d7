"""Stands before every route: lets in what this console's own pages ask for, and nothing that another site could send.

The console can kill brokers, and any page in the same browser can send requests to it. So:

- The Host must be a name of this machine: a stranger's name that was made to point here (DNS rebinding) is not.
- What changes something is a POST of JSON, from a page of this origin, that brings the token that only such a page can
  read. Each of these alone would stop a forged form; a test takes them away one by one.
- The port is not looked at: it may be forwarded, and a page on another port of this machine has another Origin.

It also puts the security headers on every answer. A page brings its own policy only where it must (a report).
"""

import hmac
from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lab.console.refusals import Refusal
from lab.words import _

OWN_NAMES = frozenset({"127.0.0.1", "localhost", "::1"})
READS = frozenset({"GET", "HEAD"})
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
LARGEST_BODY = 64 * 1024


class Guard:
    """ASGI middleware."""

    def __init__(self, app: ASGIApp, token: str, names: Iterable[str]) -> None:
        self._app = app
        self._token = token
        self._names = OWN_NAMES | {name.lower() for name in names}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            answer = self._app
            try:
                self._judge(scope["method"], scope["path"], Headers(scope=scope))
            except Refusal as refusal:
                content = {"error": refusal.sentence, "do": refusal.do}
                headers = {"Allow": "GET, HEAD, POST"} if refusal.status == 405 else {}
                answer = JSONResponse(content, refusal.status, headers)
            sending = Sending(send, "no-cache" if scope["path"].startswith("/static/") else "no-store")
            await answer(scope, receive, sending)
            await sending.complete()

    def _judge(self, method: str, path: str, headers: Headers) -> None:
        host = headers.get("host", "")
        if _name_of(f"//{host}") not in self._names:
            sentence = _("This console does not answer to the name {host}.").format(host=host or "-")
            raise Refusal(403, sentence, _("Open it at 127.0.0.1, or start it with --listen and that name."))
        if method in READS:
            if path.startswith("/api/") and headers.get("sec-fetch-site") in ("cross-site", "same-site"):
                raise Refusal(403, _("Another site asked for this."), _("Open the console itself."))
            return
        if method != "POST":
            raise Refusal(405, _("Only GET and POST are answered here."))
        self._judge_post(host, headers)

    def _judge_post(self, host: str, headers: Headers) -> None:
        """What changes something."""
        origin = headers.get("origin") or headers.get("referer") or ""
        site = urlsplit(origin)
        if site.scheme not in ("http", "https") or site.netloc.lower() != host.lower():
            sentence = _("This was sent by another site ({origin}) and was not done.").format(origin=origin or "-")
            raise Refusal(403, sentence, _("Use the buttons of the console itself."))
        if headers.get("sec-fetch-site", "same-origin") != "same-origin":
            raise Refusal(403, _("This was sent by another site and was not done."), _("Use the console's buttons."))
        if not hmac.compare_digest(headers.get("x-csrf-token", "").encode(), self._token.encode()):
            sentence = _("This was sent without the token of a page of this console and was not done.")
            raise Refusal(403, sentence, _("Load the page again: the console was started anew."))
        if headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            raise Refusal(403, _("Only JSON is taken here, no forms."))
        length = headers.get("content-length", "")
        if not length.isdecimal() or int(length) > LARGEST_BODY:
            raise Refusal(413, _("A request has at most {bytes} bytes and says how many.").format(bytes=LARGEST_BODY))


def _name_of(address: str) -> str:
    """The host's name in `//name:port`, in lower case; empty when it makes no sense."""
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


class Sending:
    """One answer on its way. Pages and data are never kept; static files are asked about each time."""

    def __init__(self, send: Send, kept: str) -> None:
        self._send = send
        self._kept = kept
        self._open = False

    async def __call__(self, message: Message) -> None:
        """Passes it on, with the headers that every answer has."""
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
            headers.setdefault("Cache-Control", self._kept)
        self._open = message["type"] == "http.response.start" or message.get("more_body", False)
        await self._send(message)

    async def complete(self) -> None:
        """The end of an answer that was broken off, as an event stream is when the console ends."""
        if self._open:
            await self._send({"type": "http.response.body", "body": b""})
