"""What the hub sends about: read from a message's body and headers, or refused with a reason.

`router.py` asks here about everything that comes in. Nothing that a sender can put into a message may raise anything
but Unacceptable.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rabbitmq_demo.topology import KINDS, PRIORITIES

MOST_BYTES = 64 * 1024
"""A notification is a few sentences; whoever needs more sends a link."""

HEADERS: Mapping[str, type] = {"channel": str, "language": str, "flash": bool}
"""What hub.gateway routes by. Header values are typed: the text "true" would never match a binding that says True."""

_ID = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
_CONTACT = re.compile(r"[A-Za-z0-9_.-]{0,64}")
_REGION = re.compile(r"[a-z]{1,32}")


class Unacceptable(Exception):
    """`reason` is one of few words, to count by; the text says what exactly is wrong."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Notification:
    """One notification, and the headers that it is routed by."""

    id: str
    kind: str
    region: str
    priority: str
    text: str
    headers: Mapping[str, Any]
    contact: str = ""
    """Whom it is for; "" where the sender names nobody."""

    @property
    def key(self) -> str:
        """Its routing key in the hub."""
        return f"{self.kind}.{self.region}.{self.priority}"


def read(body: bytes, headers: Mapping[str, Any]) -> Notification:
    """A notification from what came over the wire. Raises Unacceptable."""
    if len(body) > MOST_BYTES:
        raise Unacceptable("too large", f"{len(body)} bytes, at most {MOST_BYTES} are taken")
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Unacceptable("malformed", f"the body is no JSON: {type(error).__name__}: {error}") from error
    if not isinstance(found, dict):
        raise Unacceptable("malformed", f"the body is a {type(found).__name__}, not an object")
    id, region, text = _text(found, "id", _ID), _text(found, "region", _REGION), found.get("text", "")
    if not isinstance(text, str):
        raise Unacceptable("malformed", f"text is a {type(text).__name__}, not a text")
    contact = _text(found, "contact", _CONTACT) if "contact" in found else ""
    if (kind := found.get("kind")) not in KINDS:
        raise Unacceptable("unknown kind", f"kind is {kind!r}; known are {', '.join(KINDS)}")
    if (priority := found.get("priority")) not in PRIORITIES:
        raise Unacceptable("malformed", f"priority is {priority!r}, not one of {', '.join(PRIORITIES)}")
    return Notification(id, kind, region, priority, text, _headers(headers), contact)


def _text(found: Mapping[str, Any], field: str, pattern: re.Pattern[str]) -> str:
    value = found.get(field)
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise Unacceptable("malformed", f"{field} is {value!r}, which is not of the form {pattern.pattern}")
    return value


def _headers(headers: Mapping[str, Any]) -> dict[str, Any]:
    for name, wanted in HEADERS.items():
        if name in headers and type(headers[name]) is not wanted:
            have = type(headers[name]).__name__
            raise Unacceptable("wrong header", f"header {name} is a {have}, it must be a {wanted.__name__}")
    return {name: headers[name] for name in HEADERS if name in headers}


def traced(headers: Mapping[str, Any]) -> list[str]:
    """The message's trace so far: one "who@monotonic seconds" for each hop; what is not a trace is dropped."""
    before = headers.get("trace")
    kept = before[-20:] if isinstance(before, list) and all(isinstance(hop, str) for hop in before) else []
    return [hop[:100] for hop in kept]
