"""What on `freblogg` is a notification result: read from a record's value, or refused with a reason.

The topic carries more than results (the traffic of the Kafka demo, a scenario's records). None of it may stop us.
"""

import json
from dataclasses import dataclass
from typing import Any

from channels_demo.wanted import REGION

MOST_BYTES = 256 * 1024
EVERYWHERE = "everywhere"
"""The region of a result that names none: of a task that was not sent for a notification of the hub."""


class NotOurs(Exception):
    """`reason` is one of few words, to count by."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Result:
    """One result, as it goes to the pages. `id` is the notification's: two results of one are one event."""

    id: str
    region: str
    body: dict[str, Any]
    trace: list[str]


def read(value: bytes | None, partition: int, offset: int) -> Result:
    """A result from a record's value; one without a notification is named by its place. Raises NotOurs."""
    if not value or len(value) > MOST_BYTES:
        raise NotOurs("empty" if not value else "too large")
    try:
        found = json.loads(value)
    except (ValueError, RecursionError) as error:
        raise NotOurs("no JSON") from error
    if not isinstance(found, dict) or not isinstance(found.get("kind"), str):
        raise NotOurs("no result")
    region = found.get("region") or EVERYWHERE
    if not isinstance(region, str) or not REGION.fullmatch(region) or region.startswith("private-"):
        raise NotOurs("wrong region")
    named = found.get("notification")
    trace = found.get("trace")
    body = {name: one for name, one in found.items() if name not in ("notification", "region", "trace")}
    return Result(
        id=named[:64] if isinstance(named, str) and named else f"{partition}/{offset}",
        region=region,
        body=body,
        trace=[str(hop)[:100] for hop in trace[:20]] if isinstance(trace, list) else [],
    )
