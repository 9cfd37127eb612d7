"""The first thing that a handshake meets: which page opens this socket?

A browser sends its cookies with a handshake to us whoever's page asks for it, and there is no CSRF token. It also says
whose page it is, and no script can change that: the header Origin. So it decides.

full   scheme, host and port must be those that the client reached us at, and the host one of ours
hosts  the host alone, by Channels' own OriginValidator: a page on another port, or without TLS, gets in
off    everybody gets in, with the victim's cookie
"""

from collections.abc import Collection
from typing import Any
from urllib.parse import urlsplit

from channels.security.websocket import OriginValidator

from channels_demo.settings import Options

_DEFAULT_PORTS = {"http": 80, "https": 443}


def origin_check(inner: Any, options: Options, hosts: Collection[str]) -> Any:
    """The application behind the check that the options ask for."""
    if options.origins == "off":
        return inner
    if options.origins == "hosts":
        return OriginValidator(inner, list(hosts))
    return FullOriginValidator(inner, options.allowed_origins, hosts)


class FullOriginValidator:
    """Refuses, with an answer 403, every handshake whose Origin is not allowed: also one without an Origin, as Channels
    does. `hosts` are the names that we go by, without a port; `origins` more origins, each as scheme://host:port."""

    def __init__(self, inner: Any, origins: Collection[str], hosts: Collection[str]) -> None:
        self._inner = inner
        self._origins = {parsed for origin in origins if (parsed := parse(origin))}
        self._hosts = {host.strip("[]") for host in hosts}

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> Any:
        if self.allows(scope):
            return await self._inner(scope, receive, send)
        # Not Channels' WebsocketDenier: that is a whole consumer, with a subscription in Redis for each stranger.
        await receive()
        await send({"type": "websocket.close"})
        return None

    def allows(self, scope: dict[str, Any]) -> bool:
        told = [value for name, value in scope["headers"] if name == b"origin"]
        origin = parse(told[0].decode("latin-1")) if len(told) == 1 else None
        return origin is not None and (origin in self._origins or origin == self._ours(scope))

    def _ours(self, scope: dict[str, Any]) -> tuple[str, str, int] | None:
        """The origin of a page that came from where this socket goes to; None when that is no name of ours."""
        hosts = [value for name, value in scope["headers"] if name == b"host"]
        scheme = {"wss": "https"}.get(scope.get("scheme", "ws"), "http")
        ours = parse(f"{scheme}://{hosts[0].decode('latin-1')}") if len(hosts) == 1 else None
        return ours if ours and ours[1] in self._hosts else None


def parse(origin: str) -> tuple[str, str, int] | None:
    """Scheme, host and port of an origin; None for what is none, as `null`."""
    try:
        parts = urlsplit(origin)
        port = parts.port
    except ValueError:
        return None
    more = parts.path or parts.query or parts.fragment or parts.username is not None
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname or more:
        return None
    return parts.scheme, parts.hostname, port if port is not None else _DEFAULT_PORTS[parts.scheme]
