"""/livez: this process turns. /readyz: what it needs answers too, and it is not about to end."""

from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest, JsonResponse


def live(request: HttpRequest) -> JsonResponse:
    """200, without asking anybody."""
    return JsonResponse({"live": True})


def ready(request: HttpRequest) -> JsonResponse:
    """200 when database and cache answer."""
    with connection.cursor() as cursor:
        cursor.execute("select 1")
    cache.get("ready")
    return JsonResponse({"ready": True})
