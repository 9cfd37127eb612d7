"""The page Hub, and what it asks for: the look of the moment, and the way of a notification that was posted here."""

import json
from collections.abc import AsyncIterator

from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from lab.cluster.preset import preset_in_force
from lab.console.desk import desk_of
from lab.console.hub_words import hub_words
from lab.console.pages import page
from lab.console.post import KINDS, LONGEST_TEXT, REGIONS, SHOWN_WITHIN, Order
from lab.console.power import refuse_without_power, told
from lab.console.refusals import Refusal
from lab.settings import PRESETS
from lab.words import _


async def show(request: Request) -> Response:
    """The page itself."""
    desk = desk_of(request)
    preset = PRESETS[preset_in_force(desk.settings)]
    facts = {
        "session_seconds": int(preset["LAB_SESSION_TIMEOUT_MS"]) / 1000,
        "may_break": not desk.read_only,
        "patience": SHOWN_WITHIN,
    }
    return page(
        request,
        "hub.html",
        words=hub_words(),
        facts=facts,
        kinds=KINDS,
        regions=REGIONS,
        longest=LONGEST_TEXT,
        command=desk.posts.command(Order("feed", "north", "...")),
    )


async def look_events(request: Request) -> Response:
    """GET /api/look/events: `look` with an object of lab/look.py, or `trouble` with {"error": sentence}."""

    async def looks() -> AsyncIterator[ServerSentEvent]:
        async for event, text in desk_of(request).look.events():
            yield ServerSentEvent(text if event == "look" else json.dumps({"error": text}), event=event)

    return EventSourceResponse(looks(), ping=15)


async def post(request: Request) -> Response:
    """POST /api/notifications: 201 {"id", "instance", "posted", "accepted"}, the last two in monotonic seconds."""
    desk, order = desk_of(request), await told(request, Order)
    refuse_without_power(desk, desk.posts.command(order))
    return JSONResponse(await desk.posts.post(order), 201)


async def passage(request: Request) -> Response:
    """GET /api/notifications/ID/events: `shown` with Passage.shown, or `given-up`; then it closes."""
    found = desk_of(request).posts.find(request.path_params["id"])
    if found is None:
        raise Refusal(404, _("No such notification was posted here lately."))

    async def ending() -> AsyncIterator[ServerSentEvent]:
        await found.ended.wait()
        name = "given-up" if found.shown is None else "shown"
        yield ServerSentEvent(json.dumps(found.shown), event=name)

    return EventSourceResponse(ending(), ping=15)


ROUTES = [
    Route("/", show),
    Route("/api/look/events", look_events),
    Route("/api/notifications", post, methods=["POST"]),
    Route("/api/notifications/{id:str}/events", passage),
]
