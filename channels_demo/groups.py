"""The names of the groups that sockets join, and what is sent to them.

region.north   every socket that wants the north's events      {"type": "feed.event", "event": {...}}
user.7         every socket of one user, in every server       {"type": "login.ended", "session": ...}
"""

from typing import Any

from channels.layers import get_channel_layer


def region(name: str) -> str:
    return f"region.{name}"


def user(pk: int) -> str:
    return f"user.{pk}"


async def send_event(event: dict[str, Any]) -> None:
    """Hand an event of the backlog to the sockets that are there. At most once: the layer may drop it."""
    await get_channel_layer().group_send(region(event["region"]), {"type": "feed.event", "event": event})


async def end_login(pk: int, session: str) -> None:
    """Tell the user's sockets that this session has ended."""
    await get_channel_layer().group_send(user(pk), {"type": "login.ended", "session": session})
