"""The attacker's site: a small program of its own, with pages that send requests to the victim's server.

Open it under another host name than the victim's, or it is no other site: http://evil.localhost:8499 beside
http://shop.localhost:8470. (Ports do not count, and neither do names below one registered domain.) Each page sends one
request, as soon as it is opened, in the name of whoever is logged in over there.
"""

import html
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from string import Template
from urllib.parse import parse_qs, urlsplit

from rest_demo.errors import RestDemoError

PAGES = {path.stem: Template(path.read_text()) for path in sorted((Path(__file__).parent / "attack").glob("*.html"))}
PAGES["sandboxed"] = PAGES["form"]
"""The same, but without an origin: see HEADERS."""
HEADERS = {"sandboxed": {"Content-Security-Policy": "sandbox allow-forms allow-scripts"}}
VIEWS = {"protected": "/csrf/form/", "unprotected": "/csrf/unprotected/", "link": "/csrf/unprotected/link/"}
"""What a page may attack: ?view=NAME."""


def serve(host: str, port: int, target: str) -> None:
    """Answer until interrupted. target: http://host:port of the victim's server. Raises RestDemoError."""

    class Page(_Page):
        victim = target.rstrip("/")

    try:
        server = _Server((host, port), Page)
    except OSError as error:
        why = error.strerror or error
        raise RestDemoError(
            f"The attacker's site cannot listen on {host}:{port}: {why}. Choose another with --listen HOST:PORT."
        ) from error
    bound = server.server_port
    print(f"The attacker's site: http://evil.localhost:{bound}/ (listens on {host}:{bound})", flush=True)
    with server:
        server.serve_forever()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A browser went away in the middle; nobody needs to read of it."""


class _Page(BaseHTTPRequestHandler):
    victim = ""

    def do_GET(self) -> None:
        asked = urlsplit(self.path)
        told = {name: values[-1] for name, values in parse_qs(asked.query).items()}
        name = asked.path.strip("/") or "index"
        page, view = PAGES.get(name), VIEWS.get(told.get("view", "unprotected"))
        if page is None or view is None:
            self._answer(404, f"Pages: {', '.join(PAGES)}. Each takes ?view= one of {', '.join(VIEWS)}.", "text/plain")
            return
        to = html.escape(told.get("to", "the attacker"), quote=True)
        text = page.substitute(target=html.escape(self.victim, quote=True), view=view, to=to)
        self._answer(200, text, "text/html", HEADERS.get(name))

    def _answer(self, status: int, text: str, kind: str, more: Mapping[str, str] | None = None) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        for header, value in (more or {}).items():
            self.send_header(header, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, line: str, *values: object) -> None:
        print(line % values, flush=True)
