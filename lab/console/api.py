"""What scripts ask for about runs: the event stream of a history, and the two files of a run folder as they are.

The pages' own routes stand in their modules; what changes something stands in power.py.
"""

import os
from collections.abc import Iterator
from functools import partial
from typing import BinaryIO

from sse_starlette.sse import EventSourceResponse
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from lab.console.desk import desk_of
from lab.console.records import folder_of
from lab.console.tail import Tail, open_plain
from lab.console.writers import writer_lives
from lab.words import _

PIECE = 1 << 20
PING = 15
"""Seconds between two signs of life on a stream that has nothing to tell."""


async def events(request: Request) -> Response:
    """The history of a run as it is, and as it grows (tail.py). 404 when there is no such run."""
    desk = desk_of(request)
    folder = folder_of(desk.settings.runs, request.path_params["run"])
    if not folder:
        return _no_such_run()
    told = request.headers.get("last-event-id") or request.query_params.get("from", "0")
    at = int(told) if told.isascii() and told.isdecimal() and len(told) < 16 else 0
    lives = partial(writer_lives, folder, desk.settings)
    tail = Tail(folder, at, lives, partial(desk.jobs.why_ended, folder.name))
    return EventSourceResponse(tail.events(), ping=PING, sep="\n")


async def history(request: Request) -> Response:
    """history.jsonl as it is now."""
    return _file(request, "history.jsonl", "application/x-ndjson")


async def verdict(request: Request) -> Response:
    """verdict.json; 404 while there is none."""
    return _file(request, "verdict.json", "application/json")


def _file(request: Request, name: str, kind: str) -> Response:
    """A file of a run folder, as long as it was when it was opened: a history may be growing."""
    folder = folder_of(desk_of(request).settings.runs, request.path_params["run"])
    if not folder:
        return _no_such_run()
    try:
        file = os.fdopen(open_plain(folder / name), "rb")
    except OSError:
        return JSONResponse({"error": _("This run has no such file.")}, 404)
    length = os.fstat(file.fileno()).st_size
    return StreamingResponse(_pieces(file, length), media_type=kind, headers={"Content-Length": str(length)})


def _pieces(file: BinaryIO, left: int) -> Iterator[bytes]:
    with file:
        while left and (piece := file.read(min(PIECE, left))):
            left -= len(piece)
            yield piece


def _no_such_run() -> Response:
    return JSONResponse({"error": _("There is no such run.")}, 404)


ROUTES = [
    Route("/api/runs/{run}/events", events),
    Route("/api/runs/{run}/history.jsonl", history),
    Route("/api/runs/{run}/verdict.json", verdict),
]
