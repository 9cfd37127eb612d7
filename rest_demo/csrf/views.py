"""The protected pages: a form with {% csrf_token %}, and a page whose script sends the token in a header.

No view here says a word about CSRF: CsrfViewMiddleware stands before them all, and whom it refuses gets `refusal.py`.
"""

import json

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_http_methods, require_safe

from rest_demo.csrf.answers import forward, problem
from rest_demo.csrf.forms import Forward
from rest_demo.csrf.models import Forwarding

SHOWN = 10


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """What there is to try, and where the notifications of whoever is logged in go."""
    rows = Forwarding.objects.filter(owner=request.user)[:SHOWN] if request.user.is_authenticated else []
    return render(request, "csrf/index.html", {"rows": rows})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def form(request: HttpRequest) -> HttpResponse:
    """A form as the notes want it: the template holds {% csrf_token %}, and that is all."""
    asked = Forward(request.POST if request.method == "POST" else None)
    if request.method == "POST" and asked.is_valid():
        made = forward(request, asked.cleaned_data["to"], "form")
        messages.success(request, f"Your notifications now also go to {made.to}.")
        return redirect("csrf-form")
    return render(request, "csrf/form.html", {"form": asked}, status=422 if asked.errors else 200)


@login_required
@require_safe
@ensure_csrf_cookie
def ajax(request: HttpRequest) -> HttpResponse:
    """A page without a form tag for the token: its script reads the cookie, so the page must make sure of that."""
    return render(request, "csrf/ajax.html", {"form": Forward()})


@require_http_methods(["POST", "PUT", "DELETE"])
def forwardings(request: HttpRequest) -> HttpResponse:
    """What the script calls, with JSON {"to": ...}: POST and PUT make a row, DELETE removes those of that name."""
    if not request.user.is_authenticated:
        return problem(request, 401, "Not logged in", "Log in at /csrf/login/ first.")
    try:
        told = json.loads(request.body)
    except ValueError as error:
        return problem(request, 400, "No JSON", f"The body is no JSON: {error}.")
    asked = Forward(told if isinstance(told, dict) else {})
    if not asked.is_valid():
        return problem(request, 422, "Not valid", 'Send {"to": ...}.', errors=asked.errors)
    to = asked.cleaned_data["to"]
    if request.method == "DELETE":
        Forwarding.objects.filter(owner=request.user, to=to).delete()
        return HttpResponse(status=204)
    made = forward(request, to, "ajax")
    return JsonResponse({"id": made.pk, "to": made.to}, status=201)
