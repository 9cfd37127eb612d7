"""Sends the requests of the grid: a visitor of one server, who holds cookies and tokens as a browser would.

    Visitor.log_in --> cookies, pages --> Visitor.send(case) --> exactly the headers that the case asks for

Which cookies go with a request of another site is decided here as browsers decide it, from the SameSite attribute that
the server set; `--set browser=true` holds this model against a real browser.
"""

import html
import http.client
import json
import re
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode

from rest_demo.scenarios.csrf_cases import API, OWN, Case, Token

_FIELD = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')
_PATIENCE = 20.0
_BOUNDARY = "edge-of-a-part"
SESSION, SECRET = "rest_session", "csrftoken"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. reason: Django's own words, "" when nothing was refused."""

    status: int
    reason: str
    body: str


class Visitor:
    """Somebody at one server. `address` is (host, port); what Host says is another matter."""

    def __init__(self, address: tuple[str, int]) -> None:
        self._address = address
        self.cookies: dict[str, str] = {}
        self.same_site: dict[str, str] = {}
        """Cookie -> "Lax", "None", "Strict"; browsers take a missing one for Lax."""
        self.tokens: dict[str, str] = {}

    def log_in(self, name: str = "lab", password: str = "lab") -> None:
        """Open the page, send it, and look at pages of before and after for their tokens."""
        self.tokens["before login"] = self._open("/csrf/login/")
        form = {"csrfmiddlewaretoken": self.tokens["before login"], "username": name, "password": password}
        answer = self._ask("POST", "/csrf/login/", urlencode(form), self._as_a_browser(_TYPES["form"]))
        if answer.status != 302:
            raise ConnectionError(f"the login of {name} was answered {answer.status}: {answer.reason or answer.body}")
        self.tokens["older mask"] = self._open("/csrf/form/")
        self.tokens["masked"] = self._open("/csrf/form/")
        self.tokens["raw"] = self.cookies[SECRET]
        self.tokens["another visitor's"] = Visitor(self._address)._open("/csrf/login/")
        self.tokens["cut"] = self.tokens["masked"][:-1]
        self.tokens["with a dash"] = self.tokens["masked"][:-1] + "-"

    def send(self, case: Case, to: str) -> Answer:
        """One request, as the case says. to: what the row is to be called, so that it can be counted."""
        token, right = self._token(case.token), self.tokens["masked"]
        in_form = token if case.place != "header" else None
        in_header = {"header": token, "form, and the right one in the header": right}.get(case.place)
        headers = {"Host": case.host, "Accept": "application/problem+json, application/json"}
        told = {
            "Origin": case.sends_from,
            "Referer": case.referer,
            "X-CSRFToken": in_header,
            "X-Forwarded-Proto": "https" if case.https and not case.silent_proxy else "",
            "Content-Type": _TYPES[case.body],
            "Cookie": self._cookies_of(case),
        }
        headers |= {name: value for name, value in told.items() if value}
        path = f"{case.path}?{urlencode({'to': to})}" if case.method == "GET" else case.path
        return self._ask(case.method, path, _body(case, to, in_form), headers)

    def _token(self, wanted: Token) -> str | None:
        return None if wanted == "none" else self.tokens[wanted]

    def _cookies_of(self, case: Case) -> str:
        kept = {"both": (SESSION, SECRET), "session only": (SESSION,), "csrf only": (SECRET,)}[case.cookies]
        sent = [name for name in kept if self._goes_with(name, case)]
        return "; ".join(f"{name}={self.cookies[name]}" for name in sent)

    def _goes_with(self, cookie: str, case: Case) -> bool:
        rule = self.same_site.get(cookie) or "Lax"
        return not case.cross_site or rule == "None" or (rule == "Lax" and case.cross_site == "link")

    def _open(self, path: str) -> str:
        """Open a page, keep its cookies, and return the token of its form."""
        page = self._ask("GET", path, None, self._as_a_browser()).body
        if not (found := _FIELD.findall(page)):
            raise ConnectionError(f"the page {path} holds no token; it begins with {page[:80]!r}")
        return str(found[-1])

    def _as_a_browser(self, kind: str = "") -> dict[str, str]:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        told = {"Host": OWN, "Accept": "text/html", "Cookie": cookies, "Content-Type": kind}
        return {name: value for name, value in told.items() if value}

    def _ask(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> Answer:
        connection = http.client.HTTPConnection(*self._address, timeout=_PATIENCE)
        try:
            connection.request(method, path, body.encode() if body is not None else None, headers)
            response = connection.getresponse()
            text = response.read().decode(errors="replace")
        except http.client.HTTPException as error:
            raise ConnectionError(f"no whole answer to {method} {path}: {error}") from error
        finally:
            connection.close()
        if headers.get("Accept") == "text/html":
            self._keep(response.headers.get_all("Set-Cookie", []))
        return Answer(response.status, reason_in(text) if response.status == 403 else "", text)

    def _keep(self, lines: list[str]) -> None:
        for line in lines:
            for name, cookie in SimpleCookie(line).items():
                self.cookies[name], self.same_site[name] = cookie.value, cookie["samesite"]


_TYPES = {
    "form": "application/x-www-form-urlencoded",
    "multipart": f"multipart/form-data; boundary={_BOUNDARY}",
    "json": "application/json",
    "text": "text/plain",
    "none": "",
}


def reason_in(answer: str) -> str:
    """Django's own words in a refusal: of the page, of our problem details, or of the API's."""
    if found := re.search(r'id="reason">([^<]+)<', answer):
        return html.unescape(found[1])
    try:
        told: Any = json.loads(answer)
    except ValueError:
        return answer[:200]
    return str(told.get("reason") or str(told.get("detail", "")).removeprefix("CSRF Failed: "))


def _body(case: Case, to: str, token: str | None) -> str | None:
    fields = {"to": to} | ({"csrfmiddlewaretoken": token} if token else {})
    if case.path == API:
        fields = {"kind": "feed", "region": "north", "priority": "normal", "contact": "lab", "text": to}
    match case.body:
        case "none":
            return None
        case "form":
            return urlencode(fields)
        case "multipart":
            part = f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{{}}"\r\n\r\n{{}}\r\n'
            return "".join(part.format(*pair) for pair in fields.items()) + f"--{_BOUNDARY}--\r\n"
        case _:
            return json.dumps(fields)
