"""The console's web application: its routes, and what stands before them.

Every page is a module with a list ROUTES. Nothing here, and nothing that is imported here, talks to a system under
test: the page must show a dead broker, not wait for it.
"""

from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from lab.console import api, bundle, hub, notes, runs, scenarios
from lab.console.desk import Desk


def application(desk: Desk) -> Starlette:
    """The whole console as an ASGI application."""
    app = Starlette(
        routes=[
            *hub.ROUTES,
            *scenarios.ROUTES,
            *runs.ROUTES,
            *notes.ROUTES,
            *api.ROUTES,
            Mount("/static", StaticFiles(directory=bundle.STATIC), name="static"),
        ],
    )
    app.state.desk = desk
    return app
