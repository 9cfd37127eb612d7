"""Which path is whose, for sockets; urls.py says it for HTTP. The last one takes what nobody else wants."""

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
