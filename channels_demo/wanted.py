"""What a client asks of the live feed: read from the query string and from its frames, or refused with a reason.

Nothing that a client can send may raise anything but Refused.
"""

import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

MOST_BYTES = 64 * 1024
MOST_REGIONS = 20
REGION = re.compile(r"[a-z][a-z0-9-]{0,31}")
PRIVATE = "private-"
"""A region of this name belongs to the user whose name follows."""
_NUMBER = re.compile(r"[0-9]{1,15}")

After = int | dict[str, int] | None
"""The last number that a client has: one for all its regions, one for each, or none."""


class Refused(Exception):
    """`code` is one of few words, to count by and for the error frame; the text says what exactly is wrong."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


@dataclass(frozen=True, slots=True)
class Feed:
    """Which regions a socket wants, and after which number; None: only what comes from now on."""

    regions: tuple[str, ...]
    after: After = None


def feed(query_string: bytes) -> Feed:
    """`region=north&region=south&after=12`, or `after=north:12&after=south:7`. Raises Refused."""
    asked = parse_qs(query_string.decode("latin-1"), keep_blank_values=True)
    regions = tuple(dict.fromkeys(asked.get("region", [])))
    if not 0 < len(regions) <= MOST_REGIONS:
        raise Refused("wrong_region", f"ask for one to {MOST_REGIONS} regions, as ?region=north&region=south")
    for region in regions:
        if not REGION.fullmatch(region):
            raise Refused("wrong_region", f"{region[:40]!r} is no name of a region")
    told = asked.get("after", [])
    if not told:
        return Feed(regions)
    if len(told) == 1 and ":" not in told[0]:
        return Feed(regions, _number(told[0]))
    pairs = {region: _number(number) for region, _, number in (one.partition(":") for one in told)}
    return Feed(regions, {region: number for region, number in pairs.items() if region in regions})


def frame(text: str | None, content: bytes | None) -> dict[str, Any]:
    """{"type": "ping"} or {"type": "resume", "after": After}, from one frame. Raises Refused."""
    if text is None:
        raise Refused("binary", f"a binary frame of {len(content or b'')} bytes; this socket speaks JSON")
    if len(text) > MOST_BYTES or len(text.encode()) > MOST_BYTES:
        raise Refused("too_long", f"a frame of {len(text)} characters; at most {MOST_BYTES} bytes are taken")
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Refused("malformed", f"no JSON: {type(error).__name__}: {str(error)[:100]}") from error
    if not isinstance(found, dict):
        raise Refused("malformed", f"a {type(found).__name__}, not an object")
    if found.get("type") == "ping":
        return {"type": "ping"}
    if found.get("type") == "resume":
        return {"type": "resume", "after": _after(found.get("after"))}
    raise Refused("unknown_type", f"type is {str(found.get('type'))[:40]!r}; known are ping and resume")


def _after(told: Any) -> After:
    pairs = told if isinstance(told, dict) else {"": told}
    for region, number in pairs.items():
        if type(number) is not int or not 0 <= number < 10**15 or len(pairs) > MOST_REGIONS or len(region) > 32:
            raise Refused("wrong_after", f"after is {str(told)[:60]}; write a number, or {{region: number}}")
    return told


def _number(text: str) -> int:
    if not _NUMBER.fullmatch(text):
        raise Refused("wrong_after", f"after is {text[:40]!r}; write a number, or region:number")
    return int(text)
