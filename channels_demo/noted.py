"""Notes who put which key into the scope, by looking at it between any two that may: for the scope inspector.

server -> Noted("server") -> CookieMiddleware -> Noted("CookieMiddleware") -> ... -> consumer
"""

from typing import Any

KEY = "put_by"
"""The key under which the notes themselves travel."""


class Noted:
    """Whatever is new in the scope here was put in by `by`."""

    def __init__(self, by: str, inner: Any) -> None:
        self._by = by
        self._inner = inner

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> Any:
        before = scope.get(KEY, {})
        here = {name: self._by for name in scope if name not in before and name != KEY}
        return await self._inner({**scope, KEY: {**before, **here}}, receive, send)


def noted(by: str, application: Any) -> Any:
    """A middleware for the line of them: `noted("SessionMiddleware", inner)`."""
    return Noted(by, application)
