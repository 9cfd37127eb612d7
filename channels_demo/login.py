"""Logging in and out, and the ticket for those whose socket brings no cookie. Over HTTP: a socket sets no cookie."""

from django.contrib.auth import aauthenticate, alogin, alogout
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST

from channels_demo import groups, settings, tickets


@require_http_methods(["GET", "POST"])
async def log_in(request: HttpRequest) -> HttpResponse:
    """A form with `username` and `password`; afterwards to `next`, when that is on this server."""
    if request.method == "GET":
        return render(request, "pages/login.html", {"next": request.GET.get("next", "")})
    user = await aauthenticate(
        request, username=request.POST.get("username", ""), password=request.POST.get("password", "")
    )
    if user is None:
        return render(request, "pages/login.html", {"wrong": True, "next": request.POST.get("next", "")}, status=403)
    await alogin(request, user)
    told = request.POST.get("next") or "/"
    return redirect(told if url_has_allowed_host_and_scheme(told, allowed_hosts=None) else "/")


@require_POST
async def log_out(request: HttpRequest) -> HttpResponse:
    """Ends the session, and with it every socket that was opened in it, in whatever server."""
    user, session = await request.auser(), request.session.session_key
    await alogout(request)
    if user.is_authenticated and session and settings.read().options.logout_closes:
        await groups.end_login(user.pk, session)
    return redirect("/")


@require_POST
async def ticket(request: HttpRequest) -> JsonResponse:
    """A ticket for the session's user: {"ticket": text, "seconds": how long it is good for}; 401 without a login."""
    user = await request.auser()
    if not user.is_authenticated or not request.session.session_key:
        return JsonResponse({"detail": "log in first"}, status=401)
    text = await tickets.issue(tickets.Ticket(user.pk, request.session.session_key))
    return JsonResponse({"ticket": text, "seconds": settings.read().options.ticket_seconds})
