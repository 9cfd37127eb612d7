"""The pages themselves, and the few files that they need. All that moves on them comes over the sockets."""

from functools import cache
from pathlib import Path

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe
from redis.exceptions import RedisError

from channels_demo import backlog
from channels_demo.notification import EVERYWHERE
from channels_demo.wanted import MOST_REGIONS, PRIVATE, REGION

ALWAYS = ("north", "south", EVERYWHERE)
"""Regions that are offered whether or not they have had events, and chosen where no others are asked for."""
_ASSETS = Path(__file__).parent / "assets"
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


@require_safe
@ensure_csrf_cookie
async def feed(request: HttpRequest) -> HttpResponse:
    """The live feed: with the regions that have had events, and the user's own. `?region=NAME` chooses, for a link."""
    user = await request.auser()
    chosen = [name for name in request.GET.getlist("region") if REGION.fullmatch(name)][:MOST_REGIONS] or ALWAYS
    own = [f"{PRIVATE}{user.get_username()}"] if user.is_authenticated else []
    known = sorted({*ALWAYS, *await _known_regions(), *own, *chosen})
    public = [region for region in known if region in (*own, *chosen) or not region.startswith(PRIVATE)]
    return render(request, "pages/feed.html", {"user": user, "here": "feed", "regions": public, "chosen": chosen})


@require_safe
@ensure_csrf_cookie
async def scope(request: HttpRequest) -> HttpResponse:
    """The scope inspector."""
    return render(request, "pages/scope.html", {"user": await request.auser(), "here": "scope"})


@require_safe
@ensure_csrf_cookie
async def what_is_scope(request: HttpRequest) -> HttpResponse:
    """What is scope for? With the answer of a socket that the page opens itself."""
    return render(request, "pages/what_is_scope.html", {"user": await request.auser(), "here": "what"})


async def _known_regions() -> list[str]:
    """At most forty, so that nobody fills the page; none while Redis is away."""
    try:
        return sorted(await backlog.regions())[:40]
    except (RedisError, OSError, TimeoutError):
        return []


@require_safe
async def asset(request: HttpRequest, name: str) -> HttpResponse:
    """A stylesheet or a script of the pages."""
    if name not in _assets():
        raise Http404
    content, content_type = _assets()[name]
    return HttpResponse(content, content_type=content_type, headers={"Cache-Control": "no-cache"})


@cache
def _assets() -> dict[str, tuple[bytes, str]]:
    found = {path.name: path for path in _ASSETS.iterdir() if path.suffix in _TYPES}
    return {name: (path.read_bytes(), f"{_TYPES[path.suffix]}; charset=utf-8") for name, path in found.items()}
