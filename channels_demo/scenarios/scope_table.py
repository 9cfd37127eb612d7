"""What stands in a scope, as data: each key, its type, who put it there. The scenario channels-scope tries it out.

Sources: the ASGI specification's "WebSocket Connection Scope", daphne/ws_protocol.py, uvicorn's websockets protocol,
channels/sessions.py, auth.py and routing.py. Code that shall run on both servers asks for the rest with `.get()`.
"""

from collections.abc import Mapping
from typing import Literal

Server = Literal["daphne", "uvicorn"]

ON_BOTH = {
    "type": "str",
    "path": "str",
    "raw_path": "bytes",
    "root_path": "str",
    "query_string": "bytes",
    "headers": "list of (bytes, bytes)",
    "asgi": "dict",
}
ON_ONE: Mapping[Server, Mapping[str, str]] = {
    "daphne": {"client": "list of str or int", "server": "list of str or int"},
    "uvicorn": {
        "client": "(str, int)",
        "server": "(str, int)",
        "scheme": "str",
        "http_version": "str",
        "state": "dict",
        "extensions": "dict",
    },
}
OF_THE_APPLICATION = {
    "cookies": "dict by CookieMiddleware",
    "session": "LazyObject by SessionMiddleware",
    "user": "UserLazyObject by AuthMiddleware",
    "ticket": "NoneType by TicketMiddleware",
    "login_session": "NoneType by TicketMiddleware",
    "path_remaining": "str by URLRouter",
    "url_route": "dict by URLRouter",
}
"""Of a client without a login: with one `login_session` is a str. TicketMiddleware is this demo's own."""
OF_THE_NOTES = {
    "websocket.connecting": "dict by server",
    "path": "str by server",
    "kwargs": "dict by URLRouter",
    "query_string": "bytes by server",
    "host": "str by server",
}
"""What the study notes say that a scope holds."""


def table(server: Server, subprotocols: int, *, application: bool = True) -> dict[str, str]:
    """Key -> "TYPE by WHO" for a client that offers so many subprotocols; application: behind the demo's middleware."""
    types = {**ON_BOTH, **ON_ONE[server], "subprotocols": "list of str" if subprotocols else "list"}
    by_server = {key: f"{kind} by server" for key, kind in types.items()}
    return by_server | (OF_THE_APPLICATION if application else {})
