"""/api/contacts/: contacts one by one; import_api.py takes them by the file."""

import re
from typing import Any

from django.db.models import Q, QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers, viewsets
from rest_framework.exceptions import ValidationError

from rest_demo.contacts.models import Contact
from rest_demo.pagination import Pages
from rest_demo.strict import Money, StrictModelSerializer
from rest_demo.throttling import SearchThrottle

SEARCH = OpenApiParameter(
    "search", {"type": "string", "minLength": 1, "maxLength": 120},
    description="In code, name or e-mail; at most 30 searches a minute from one address, on all instances together.",
)  # fmt: skip


@extend_schema_field({"type": "string", "format": "decimal", "pattern": r"^-?\d{1,8}(?:\.\d{1,2})?$"})
class Balance(Money):
    """The schema says that there is at least one digit."""


class ContactSerializer(StrictModelSerializer):
    balance = Balance(max_digits=10, decimal_places=2, required=False)

    class Meta:
        model = Contact
        fields = (
            "code", "full_name", "email", "phone", "region", "birth_date", "active", "visits", "balance", "note",
        )  # fmt: skip

    def validate_code(self, code: str) -> str:
        if self.instance is not None and code != self.instance.code:
            raise serializers.ValidationError("A contact keeps its code.")
        return code


class ByCode(Pages):
    ordering = ("code",)


@extend_schema_view(list=extend_schema(parameters=[SEARCH]))
class Contacts(viewsets.ModelViewSet):
    """Who can be notified."""

    queryset = Contact.objects.all()
    serializer_class = ContactSerializer
    pagination_class = ByCode
    throttle_classes = (SearchThrottle,)
    lookup_field = "code"
    lookup_value_regex = r"[A-Za-z0-9_.-]{1,32}"

    def filter_queryset(self, queryset: QuerySet[Contact]) -> QuerySet[Contact]:
        told: Any = self.request.query_params.get("search")
        if told is None or self.action != "list":
            return queryset
        if not re.fullmatch(r"[^\x00\ud800-\udfff]{1,120}", told, re.DOTALL):
            raise ValidationError({"search": ["Write 1 to 120 characters."]})
        return queryset.filter(Q(code__icontains=told) | Q(full_name__icontains=told) | Q(email__icontains=told))
