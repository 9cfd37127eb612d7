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
from lab.console.post import KINDS, LONGEST_TEXT, REGIONS, SHOWN_WITHIN
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
    )


async def look_events(request: Request) -> Response:
    """GET /api/look/events: `look` with an object of lab/look.py, or `trouble` with {"error": sentence}."""

    async def told() -> AsyncIterator[ServerSentEvent]:
        async for event, text in desk_of(request).look.events():
            yield ServerSentEvent(text if event == "look" else json.dumps({"error": text}), event=event)

    return EventSourceResponse(told(), ping=15)


async def post(request: Request) -> Response:
    """POST /api/notifications {"kind", "region", "text"}: 201 with its id, or an error with what to do."""
    try:
        told = await request.json()
        order = {name: str(told[name]) for name in ("kind", "region", "text")}
    except (ValueError, KeyError, TypeError):
        return JSONResponse({"error": _("A notification has a kind, a region and a text."), "do": ""}, 422)
    if order["kind"] not in KINDS or order["region"] not in REGIONS:
        return JSONResponse({"error": _("There is no such kind or region."), "do": _("Choose from the lists.")}, 422)
    if not 0 < len(order["text"].strip()) <= LONGEST_TEXT:
        sentence = _("The text must have 1 to {most} characters.").format(most=LONGEST_TEXT)
        return JSONResponse({"error": sentence, "do": ""}, 422)
    status, answer = await desk_of(request).posts.post(order)
    return JSONResponse(answer, status)


async def passage(request: Request) -> Response:
    """GET /api/notifications/ID/events: `shown` with Passage.shown, or `given-up`; then it closes."""
    found = desk_of(request).posts.find(request.path_params["id"])
    if found is None:
        return JSONResponse({"error": _("No such notification was posted here lately."), "do": ""}, 404)

    async def told() -> AsyncIterator[ServerSentEvent]:
        await found.ended.wait()
        name = "given-up" if found.shown is None else "shown"
        yield ServerSentEvent(json.dumps(found.shown), event=name)

    return EventSourceResponse(told(), ping=15)


ROUTES = [
    Route("/", show),
    Route("/api/look/events", look_events),
    Route("/api/notifications", post, methods=["POST"]),
    Route("/api/notifications/{id:str}/events", passage),
]
