"""The console's web application: its routes, and what stands before them.

Every page is a module with a list ROUTES. Nothing here, and nothing that is imported here, talks to a system under
test: the page must show a dead broker, not wait for it.
"""

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from lab.cluster.target import LabError
from lab.console import api, bundle, hub, notes, power, runs, scenarios
from lab.console.desk import Desk
from lab.console.guard import Guard
from lab.console.language import Language
from lab.console.missing import nothing_here
from lab.console.refusals import Refusal
from lab.words import _


def application(desk: Desk) -> Starlette:
    """The whole console as an ASGI application."""
    app = Starlette(
        routes=[
            *hub.ROUTES,
            *scenarios.ROUTES,
            *runs.ROUTES,
            *notes.ROUTES,
            *api.ROUTES,
            *power.ROUTES,
            Mount("/static", StaticFiles(directory=bundle.STATIC), name="static"),
        ],
        middleware=[Middleware(Language), Middleware(Guard, token=desk.token, names=desk.names)],
        exception_handlers={Refusal: _refused, LabError: _failed, HTTPException: _not_so},
    )
    app.state.desk = desk
    return app


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)
    return JSONResponse({"error": error.sentence, "do": error.do}, error.status)


async def _failed(request: Request, error: Exception) -> Response:
    """An error of the lab itself, in the sentence that a terminal would show."""
    return _answer(request, 503, str(error))


async def _not_so(request: Request, error: Exception) -> Response:
    """No such page, or not with this method."""
    assert isinstance(error, HTTPException)
    says = {
        404: _("There is nothing at {path}.").format(path=request.url.path),
        405: _("{path} does not answer to {method}.").format(path=request.url.path, method=request.method),
    }
    answer = _answer(request, error.status_code, says.get(error.status_code, error.detail))
    answer.headers.update(error.headers or {})
    return answer


def _answer(request: Request, status: int, sentence: str) -> Response:
    """JSON for a script, a page for a person."""
    if request.url.path.startswith("/api/"):
        return JSONResponse({"error": sentence, "do": ""}, status)
    return nothing_here(request, status, sentence)
