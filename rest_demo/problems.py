"""What went wrong, as the client is told it: application/problem+json (RFC 9457), never a traceback.

Views raise; `answer` is the exception handler of Django REST Framework, `Sheltered` catches what other views raise, and
the handlers at the end answer for Django itself (no such path, a request that is no request).
"""

import logging
import sys
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.db import IntegrityError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views import defaults
from redis.exceptions import RedisError
from rest_framework.exceptions import APIException
from rest_framework.response import Response
from rest_framework.views import exception_handler

CONTENT_TYPE = "application/problem+json"
AGAIN_AFTER = 1
"""Seconds that a client is asked to wait when something that we need does not answer."""

MISSING: tuple[tuple[str, tuple[type[Exception], ...]], ...] = (
    ("database", (OperationalError, InterfaceError)),
    ("cache", (RedisError,)),
)
"""Which errors mean that which of our neighbours does not answer."""

_log = logging.getLogger(__name__)


class Problem(APIException):
    """One that has a type of its own, so that a client can tell it from others of the same status."""

    def __init__(self, status: int, name: str, detail: str, again_after: int | None = None) -> None:
        super().__init__(detail)
        self.status_code, self.name, self.again_after = status, name, again_after


def problem(
    request: HttpRequest, status: int, detail: str, *, name: str | None = None, errors: Any = None
) -> dict[str, Any]:
    """The document. `name` makes the type; `errors` is {field: [sentence, ...]}."""
    document = {
        "type": f"urn:lab:rest:{name}" if name else "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "instance": getattr(request, "request_id", ""),
    }
    return document | ({"errors": errors} if errors is not None else {})


def response(request: HttpRequest, status: int, detail: str, **more: Any) -> HttpResponse:
    """The document as an answer of a plain Django view."""
    answered = JsonResponse(problem(request, status, detail, **more), status=status, content_type=CONTENT_TYPE)
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        answered["Retry-After"] = str(AGAIN_AFTER)
    return answered


def missing(error: BaseException | None) -> str | None:
    """The neighbour that this error says does not answer: database or cache."""
    return next((name for name, errors in MISSING if isinstance(error, errors)), None)


def answer(error: Exception, context: dict[str, Any]) -> Response | None:
    """For REST_FRAMEWORK's EXCEPTION_HANDLER: every error of a view as a problem; None for what we do not know."""
    request = context["request"]._request
    answered = exception_handler(error, context)
    if answered is None:
        return _of_neighbours(request, error)
    detail, errors = _words(answered.data)
    name = getattr(error, "name", None)
    again_after = getattr(error, "again_after", None)
    if again_after is not None:
        answered["Retry-After"] = str(again_after)
    answered.data = problem(request, answered.status_code, detail, name=name, errors=errors)
    answered.content_type = CONTENT_TYPE
    return answered


def _of_neighbours(request: HttpRequest, error: Exception) -> Response | None:
    if name := missing(error):
        _log.warning("the %s does not answer: %s", name, " ".join(str(error).split()))
        status, detail, again = 503, _absent(name), {"Retry-After": str(AGAIN_AFTER)}
    elif isinstance(error, IntegrityError):
        status, name, detail, again = 409, "conflict", "Somebody else wrote the same at the same moment.", {}
    elif isinstance(error, RequestDataTooBig):
        status, name, detail, again = 413, "too-large", "The body is larger than is taken here.", {}
    else:
        return None
    document = problem(request, status, detail, name=name if status != 503 else f"no-{name}")
    return Response(document, status, headers=again, content_type=CONTENT_TYPE)


def _absent(name: str) -> str:
    return f"The {name} does not answer. Try again; with an Idempotency-Key that is safe, whatever has been done."


def _words(data: Any) -> tuple[str, Any]:
    """A sentence and the errors by field, from what Django REST Framework makes of an exception."""
    if isinstance(data, dict) and set(data) == {"detail"}:
        return str(data["detail"]), None
    if isinstance(data, dict):
        return f"Wrong: {', '.join(sorted(map(str, data)))}.", data
    return "The request is wrong.", {"non_field_errors": data}


class Sheltered:
    """A view that is not of the API and cannot reach one of our neighbours: 503 in a sentence."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self._get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        name = missing(error)
        return response(request, 503, _absent(name), name=f"no-{name}") if name else None


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return response(request, 400, "This is no request that can be answered.")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if request.path.startswith("/admin/"):
        return defaults.page_not_found(request, exception)
    return response(request, 404, "There is nothing at this path.")


def server_error(request: HttpRequest) -> HttpResponse:
    """Also what a middleware raises ends here: a session that cannot be read, say."""
    if name := missing(sys.exc_info()[1]):
        return response(request, 503, _absent(name), name=f"no-{name}")
    _log.error("request %s failed: the traceback stands above", getattr(request, "request_id", "?"))
    return response(request, 500, "An error of ours; the log of this instance has it under the request's id.")
