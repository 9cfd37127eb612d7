"""Which path is whose, for sockets; urls.py says it for HTTP. The last one takes what nobody else wants."""

from typing import Any

from channels.routing import URLRouter
from django.urls import path, re_path

from channels_demo import settings
from channels_demo.consumers.blocking import STYLES
from channels_demo.consumers.live_feed import LiveFeed
from channels_demo.consumers.nowhere import Nowhere
from channels_demo.consumers.scope_inspector import ScopeInspector

_blocking = STYLES.items() if settings.read().options.blocking else ()

websocket_urlpatterns = [
    path("ws/scope/", ScopeInspector.as_asgi()),
    path("ws/scope/<str:room>/<int:number>/", ScopeInspector.as_asgi()),
    path("ws/feed/", LiveFeed.as_asgi()),
    *(path(f"ws/blocking/{style}/", consumer.as_asgi()) for style, consumer in _blocking),
    re_path(r"", Nowhere.as_asgi()),
]


class Router:
    """The paths above, whatever a client sends. Daphne takes a root path from a header of the client's
    (Daphne-Root-Path), and URLRouter raises, so answers 500, when the path does not begin with it."""

    def __init__(self) -> None:
        self._inside = URLRouter(websocket_urlpatterns)
        self._outside = Nowhere.as_asgi()

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> Any:
        ours = scope["path"].startswith(scope.get("root_path", ""))
        return await (self._inside if ours else self._outside)(scope, receive, send)
