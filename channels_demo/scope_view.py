"""A scope as JSON: what the inspector sends. Cookies, sessions and tickets are shown, but not given away."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from channels_demo.noted import KEY

_SECRET_HEADERS = ("cookie", "authorization", "proxy-authorization")
_SECRET_QUERY = re.compile(r"(?i)((?:^|&)ticket=)[^&]*")


def view(scope: Mapping[str, Any]) -> list[dict[str, Any]]:
    """An entry for each key, in the order in which they were put in: {"key", "by", "type", "value", "decoded"?}."""
    put_by = scope.get(KEY, {})
    # What nobody noted was put in behind the last that notes: by the router.
    return [_entry(key, put_by.get(key, "URLRouter"), value) for key, value in scope.items() if key != KEY]


def _entry(key: str, by: str, value: Any) -> dict[str, Any]:
    entry = {"key": key, "by": by, "type": type_of(value), "value": _shown(key, value)}
    if key == "query_string":
        text = entry["value"]
        entry["decoded"] = [[name, one] for name, one in parse_qsl(text, keep_blank_values=True)]
    if key == "headers":
        entry["decoded"] = {"host": next((v for n, v in entry["value"] if n == "host"), None)}
    return entry


def type_of(value: Any) -> str:
    """`list of (bytes, bytes)`, `dict of str: str`, `bytes`: the type, and those of what is in it."""
    if isinstance(value, list) and value:
        return f"list of {' or '.join(dict.fromkeys(type_of(one) for one in value))}"
    if isinstance(value, tuple) and value:
        return f"({', '.join(type_of(one) for one in value)})"
    return type(value).__name__


def _shown(key: str, value: Any) -> Any:
    if key == "headers":
        return [[_text(name), _masked(one) if _text(name) in _SECRET_HEADERS else _text(one)] for name, one in value]
    if key == "query_string":
        return _SECRET_QUERY.sub(r"\1...", _text(value))
    if key == "cookies":
        return {name: _masked(one) for name, one in value.items()}
    if key == "session":
        return {"session_key": _masked(value.session_key or ""), "in_the_database": value.session_key is not None}
    if key == "login_session":
        return _masked(value or "")
    if key == "user":
        return {"username": value.get_username(), "is_authenticated": value.is_authenticated, "pk": value.pk}
    return _json(value)


def _json(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _json(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_json(one) for one in value]
    if isinstance(value, bytes):
        return _text(value)
    return value if isinstance(value, str | int | float | bool | None) else repr(value)[:200]


def _masked(value: str | bytes) -> str:
    """Enough to tell two apart, not enough to use."""
    text = _text(value)
    return f"{text[:3]}... ({len(text)} characters)" if text else ""


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def look_up(idiom: str, scope: Mapping[str, Any], event: Mapping[str, Any]) -> str:
    """What really happens when the notes' words are tried on this scope and this event."""
    tries = {
        "scope['websocket.connecting']": lambda: scope["websocket.connecting"],
        "message.reply_channel": lambda: event.reply_channel,  # type: ignore[attr-defined]
        "message['scope']": lambda: event["scope"],
    }
    try:
        return repr(tries[idiom]())
    except (KeyError, AttributeError) as error:
        return f"{type(error).__name__}: {error}"
