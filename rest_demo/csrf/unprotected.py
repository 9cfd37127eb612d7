"""The twins without protection: what the attacker's page hopes to find. Never copy them.

An exempt view has one guard left, the browser's: SameSite=Lax, Django's default, keeps the session cookie from a POST
of another site. A GET that changes something has none: a link from anywhere carries the cookie.
"""

import json

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods

from rest_demo.csrf.answers import forward
from rest_demo.csrf.forms import Forward


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def exempt(request: HttpRequest) -> HttpResponse:
    """The same form, with @csrf_exempt. Takes JSON too, whatever the Content-Type says: many such views do."""
    if request.method != "POST":
        return render(request, "csrf/unprotected.html", {"form": Forward()})
    return _done(request, request.POST.get("to") or _to_of_json(request.body), "unprotected")


@require_GET
def link(request: HttpRequest) -> HttpResponse:
    """A GET that changes something: no middleware ever looks at it."""
    return _done(request, request.GET.get("to"), "link")


def _done(request: HttpRequest, to: str | None, way: str) -> HttpResponse:
    asked = Forward({"to": to})
    if not request.user.is_authenticated:
        return render(request, "csrf/unprotected.html", {"form": Forward(), "stranger": True}, status=401)
    if not asked.is_valid():
        return render(request, "csrf/unprotected.html", {"form": asked}, status=422)
    made = forward(request, asked.cleaned_data["to"], way)
    return render(request, "csrf/unprotected.html", {"form": Forward(), "made": made})


def _to_of_json(body: bytes) -> str | None:
    try:
        told = json.loads(body)
    except ValueError:
        return None
    return told.get("to") if isinstance(told, dict) and isinstance(told.get("to"), str) else None
