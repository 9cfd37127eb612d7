"""What the views of this part share: the row that is made, and errors as problem details."""

from typing import Any

from django.http import HttpRequest, JsonResponse

from rest_demo import problems
from rest_demo.csrf.models import Forwarding


def forward(request: HttpRequest, to: str, way: str) -> Forwarding:
    """Make the row for the person who is logged in."""
    return Forwarding.objects.create(owner=request.user, to=to, way=way)


def problem(request: HttpRequest, status: int, title: str, detail: str, **more: Any) -> JsonResponse:
    """An error as application/problem+json; `more` is put beside what the service's problems always say."""
    told = problems.problem(request, status, detail) | {"title": title} | more
    return JsonResponse(told, status=status, content_type=problems.CONTENT_TYPE)
