"""The page Scenarios."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from lab.console.pages import page


async def show(request: Request) -> Response:
    """The page itself."""
    return page(request, "scenarios.html")


ROUTES = [Route("/scenarios", show)]
