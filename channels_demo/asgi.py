"""What Daphne and uvicorn run: `daphne channels_demo.asgi:application`. Read it from the outside in.

    socket --> slow clients bounded --> Origin --> cookies --> session --> user --> ticket --> router --> consumer

The three in the middle are what Channels' AuthMiddlewareStack is made of; they stand here one by one so that `noted`
can write down between them who put what into the scope.
"""

from channels.auth import AuthMiddleware
from channels.routing import ProtocolTypeRouter
from channels.sessions import CookieMiddleware, SessionMiddleware
from django.core.asgi import get_asgi_application

from channels_demo import settings
from channels_demo.open_files import allow_many_open_files

settings.point_django_here()
allow_many_open_files()
_http = get_asgi_application()  # before what imports models

from django.conf import settings as of_django  # noqa: E402

from channels_demo.bounded import Bounded  # noqa: E402
from channels_demo.noted import noted  # noqa: E402
from channels_demo.origin import origin_check  # noqa: E402
from channels_demo.routing import Router  # noqa: E402
from channels_demo.tickets import TicketMiddleware  # noqa: E402

_options = settings.read().options
_router = noted("TicketMiddleware", Router())
_user = noted("SessionMiddleware", AuthMiddleware(noted("AuthMiddleware", TicketMiddleware(_router))))
_session = noted("server", CookieMiddleware(noted("CookieMiddleware", SessionMiddleware(_user))))

application = ProtocolTypeRouter(
    {
        "http": _http,
        "websocket": Bounded(origin_check(_session, _options, of_django.ALLOWED_HOSTS), _options.send_within),
    }
)
