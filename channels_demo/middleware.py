"""Every answer over HTTP says which server gave it (X-Server) and what a page of ours may load."""

from collections.abc import Awaitable, Callable

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest, HttpResponse

from channels_demo import settings

POLICY = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
"""Scripts, styles and sockets of our own, and nothing inline: a text that came in as an event stays a text."""


class Identified:
    """Asynchronous, so that a request needs no thread on its way through."""

    async_capable = True
    sync_capable = False

    def __init__(self, get_response: Callable[[HttpRequest], Awaitable[HttpResponse]]) -> None:
        self._get_response = get_response
        self._server = settings.read().server
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    async def __call__(self, request: HttpRequest) -> HttpResponse:
        response = await self._get_response(request)
        response["X-Server"] = self._server
        response["Content-Security-Policy"] = POLICY
        return response
