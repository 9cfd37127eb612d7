"""CSRF_FAILURE_VIEW: what a refused request is answered. It says what was checked, in which order, and what to do.

As a page, or as problem details for who prefers that. It shows headers of the request only, and no token.
"""

from dataclasses import asdict

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from rest_demo.csrf.answers import problem
from rest_demo.csrf.order import Sent, advice, refusing_step, steps

PROBLEM, PAGE = "application/problem+json", "text/html"


def refusal(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403. reason: Django's own words."""
    sent = sent_by(request)
    told = {"reason": reason, "step": refusing_step(reason), "do": advice(sent, reason), "checked": steps(sent, reason)}
    if request.get_preferred_type([PROBLEM, "application/json", PAGE]) == PAGE:
        return render(request, "csrf/refused.html", told | {"sent": sent}, status=403)
    told["checked"] = [asdict(step) for step in told["checked"]]
    return problem(request, 403, "Refused by the CSRF protection", reason, **told)


def sent_by(request: HttpRequest) -> Sent:
    """What the middleware could look at."""
    try:
        host = request.get_host()
    except DisallowedHost:
        host = request.META.get("HTTP_HOST", "")
    return Sent(
        method=request.method,
        secure=request.is_secure(),
        host=host,
        origin=request.headers.get("Origin"),
        referer=request.headers.get("Referer"),
        forwarded_proto=request.headers.get("X-Forwarded-Proto"),
        content_type=request.content_type or "",
        cookie=settings.CSRF_COOKIE_NAME in request.COOKIES,
        session=settings.SESSION_COOKIE_NAME in request.COOKIES,
        token_in_form=len(request.POST.get("csrfmiddlewaretoken", "")) if request.method == "POST" else 0,
        token_in_header=len(request.headers.get("X-CSRFToken", "")),
        trusted=tuple(settings.CSRF_TRUSTED_ORIGINS),
    )
