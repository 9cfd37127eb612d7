"""/api/notifications/: what a client sees of notifications; writing.py writes them."""

import re
from typing import Any

from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import mixins, viewsets
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from rest_demo.notifications.models import Notification
from rest_demo.notifications.shape import Order, Shown
from rest_demo.notifications.writing import write
from rest_demo.pagination import Pages

_KEY = re.compile(r"[!-~]{1,200}")
_REQUEST = re.compile(r"[A-Za-z0-9_.:-]{1,64}")

KEY = OpenApiParameter(
    "Idempotency-Key", {"type": "string", "pattern": "^[!-~]{1,200}$"}, OpenApiParameter.HEADER,
    description="Requests with one key are one: the second is answered as the first was.",
)  # fmt: skip
CLIENT_REQUEST = OpenApiParameter(
    "X-Client-Request", {"type": "string", "pattern": "^[A-Za-z0-9_.:-]{1,64}$"}, OpenApiParameter.HEADER,
    description="Is kept with the notification, so that executions of one request can be counted.",
)  # fmt: skip
LOCATION = OpenApiParameter("Location", str, OpenApiParameter.HEADER, response=[201])
REPLAY = OpenApiParameter("Idempotent-Replay", str, OpenApiParameter.HEADER, response=[200])


class NewestFirst(Pages):
    ordering = ("-created", "-id")


class Notifications(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet):
    """Notifications are made and read; nobody changes one."""

    queryset = Notification.objects.all()
    serializer_class = Shown
    pagination_class = NewestFirst
    lookup_value_regex = "[0-9a-f]{32}"

    @extend_schema(
        request=Order,
        parameters=[KEY, CLIENT_REQUEST, LOCATION, REPLAY],
        responses={
            201: OpenApiResponse(Shown, description="Made."),
            200: OpenApiResponse(Shown, description="Was made by an earlier request with this key."),
        },
    )
    def create(self, request: Request) -> Response:
        """Make a notification; it is sent as soon as the broker takes it."""
        key = _header(request, "Idempotency-Key", _KEY)
        client_request = _header(request, "X-Client-Request", _REQUEST) or ""
        order = Order(data=request.data)
        order.is_valid(raise_exception=True)
        written = write(order.validated_data, key, request.data, client_request)
        shown: dict[str, Any] = Shown(written.notification).data
        if written.replayed:
            return Response(shown, 200, headers={"Idempotent-Replay": "true"})
        where = reverse("notification-detail", args=[shown["id"]], request=request)
        return Response(shown, 201, headers={"Location": where})


def _header(request: Request, name: str, pattern: re.Pattern[str]) -> str | None:
    told = request.headers.get(name)
    if told is not None and not pattern.fullmatch(told):
        raise ValidationError({name: [f"Is not of the form {pattern.pattern}"]})
    return told
