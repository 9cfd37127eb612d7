"""The page Runs."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from lab.console.pages import page


async def show(request: Request) -> Response:
    """The page itself."""
    return page(request, "runs.html")


ROUTES = [Route("/runs", show)]
