"""Tickets: how a client gets into a socket that cannot send its session's cookie, or shall not.

    POST /api/ticket/ (session) --> a random text in Redis, for seconds --> ws/...?ticket=TEXT --> taken out, once

It is in the address, so it will be in some log: there it is worth nothing, since it is used up.
"""

import json
import secrets
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import parse_qs

from channels.auth import UserLazyObject
from channels.db import database_sync_to_async

from channels_demo import settings, store


@dataclass(frozen=True, slots=True)
class Ticket:
    """Whose it is, and of which session: when that session ends, so does what was opened with its ticket."""

    user: int
    session: str


async def issue(ticket: Ticket) -> str:
    """A new ticket's text."""
    text = secrets.token_urlsafe(24)
    within = round(settings.read().options.ticket_seconds * 1000)
    await store.redis().set(store.key("ticket", text), json.dumps(asdict(ticket)), px=max(1, within))
    return text


async def redeem(text: str) -> Ticket | None:
    """Takes the ticket out: None when there is no such one, or no more."""
    told = await store.redis().getdel(store.key("ticket", text[:64]))
    return Ticket(**json.loads(told)) if told else None


class TicketMiddleware:
    """Puts `ticket` into the scope: None, "good" or "bad"; and with a good one `user` and `login_session`."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> Any:
        told = parse_qs(scope["query_string"].decode("latin-1")).get("ticket")
        scope = dict(scope, ticket=None, login_session=scope["session"].session_key)
        if told:
            ticket = await redeem(told[0])
            user = await _user(ticket) if ticket else None
            scope["ticket"] = "good" if user else "bad"
            if ticket and user:
                scope["user"], scope["login_session"] = UserLazyObject(), ticket.session
                scope["user"]._wrapped = user
        return await self._inner(scope, receive, send)


@database_sync_to_async
def _user(ticket: Ticket) -> Any:
    from django.contrib.auth import get_user_model

    return get_user_model().objects.filter(pk=ticket.user, is_active=True).first()


@database_sync_to_async
def still_logged_in(session: str, user: int) -> bool:
    """Whether the session is there and still this user's: what a socket's scope can never tell, being of its start."""
    from django.contrib.auth import SESSION_KEY, get_user_model
    from django.contrib.sessions.backends.db import SessionStore

    if SessionStore(session).get(SESSION_KEY) != str(user):
        return False
    return get_user_model().objects.filter(pk=user, is_active=True).exists()
