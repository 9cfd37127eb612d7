"""Pages by cursor: stable while rows come and go, and what is no cursor or no limit is refused, not guessed."""

from typing import Any

from django.core.exceptions import ValidationError as Malformed
from django.db import DataError
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request

MOST = 100


class Pages(CursorPagination):
    """?limit= (1 to 100, else 20) and ?cursor=, which only `next` and `previous` of another page give."""

    page_size = 20
    page_size_query_param = "limit"
    max_page_size = MOST

    def get_page_size(self, request: Request) -> int:
        told = request.query_params.get("limit")
        if told is None:
            return self.page_size
        if not (told.isascii() and told.isdigit() and 1 <= int(told[:6]) <= MOST and len(told) < 6):
            raise ValidationError({"limit": [f"Write a number from 1 to {MOST}."]})
        return int(told)

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any] | None:
        try:
            return super().paginate_queryset(queryset, request, view)
        except (ValueError, TypeError, OverflowError, Malformed, DataError) as error:  # a cursor that somebody made up
            raise NotFound("Invalid cursor") from error

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        limit = {"type": "integer", "minimum": 1, "maximum": MOST, "default": self.page_size}
        return [
            {"name": "limit", "in": "query", "required": False, "schema": limit, "description": "Rows on a page."},
            {
                "name": "cursor", "in": "query", "required": False, "schema": {"type": "string"},
                "description": "From `next` or `previous` of another page.",
            },
        ]  # fmt: skip
