"""Every answer over HTTP says which server gave it (X-Server) and that no other page may read it."""

from collections.abc import Awaitable, Callable

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest, HttpResponse

from channels_demo import settings


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
        return response
