"""Every answer says which instance gave it, and for which request: X-Instance and X-Request-Id."""

import re
import uuid
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from rest_demo import settings

_ID = re.compile(r"[A-Za-z0-9_.:-]{1,64}")


class Identified:
    """Takes the client's (or the balancer's) X-Request-Id where it is one, and makes one where it is not."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response
        self._instance = settings.read().instance

    def __call__(self, request: HttpRequest) -> HttpResponse:
        told = request.headers.get("X-Request-Id", "")
        request.request_id = told if _ID.fullmatch(told) else uuid.uuid4().hex
        response = self._get_response(request)
        response["X-Instance"], response["X-Request-Id"] = self._instance, request.request_id
        return response
