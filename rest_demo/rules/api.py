"""/api/priority/: the server decides (a thin client). /api/rules/: what a thick client needs to decide itself."""

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from rest_demo.rules.release import current
from rest_demo.rules.versions import KINDS, MOST_RECIPIENTS, PRIORITIES, decide
from rest_demo.strict import Formed, Whole


class Question(serializers.Serializer):
    kind = serializers.ChoiceField(KINDS)
    region = Formed(r"\A[a-z]{1,32}\Z")
    recipients = Whole(min_value=1, max_value=MOST_RECIPIENTS, default=1)


class Answer(serializers.Serializer):
    priority = serializers.ChoiceField(PRIORITIES)
    price = serializers.DecimalField(max_digits=12, decimal_places=2)
    rule_version = serializers.IntegerField()


class TariffRow(serializers.Serializer):
    kind = serializers.ChoiceField(KINDS)
    region = serializers.CharField()
    price = serializers.DecimalField(max_digits=10, decimal_places=4)
    urgent_from = serializers.IntegerField()


class RulePage(serializers.Serializer):
    rule_version = serializers.IntegerField()
    urgent_kinds = serializers.ListField(child=serializers.ChoiceField(KINDS))
    discount_from = serializers.IntegerField()
    discount_percent = serializers.IntegerField()
    count = serializers.IntegerField()
    next = serializers.IntegerField(allow_null=True, help_text="The offset of the next page.")
    results = TariffRow(many=True)


class Page(serializers.Serializer):
    limit = Whole(min_value=1, max_value=20, default=10)
    offset = Whole(min_value=0, max_value=10_000, default=0)


class Priority(APIView):
    @extend_schema(
        operation_id="priority",
        parameters=[
            OpenApiParameter("kind", str, enum=KINDS, required=True),
            OpenApiParameter("region", {"type": "string", "pattern": "^[a-z]{1,32}$"}, required=True),
            OpenApiParameter("recipients", {"type": "integer", "minimum": 1, "maximum": MOST_RECIPIENTS, "default": 1}),
        ],
        responses=Answer,
    )
    def get(self, request: Request) -> Response:
        """What the rule says: priority and price of one notification to so many recipients."""
        question = Question(data=request.query_params.dict())
        question.is_valid(raise_exception=True)
        return Response(Answer(decide(current(), **question.validated_data)).data)


class Rules(APIView):
    @extend_schema(
        operation_id="rules",
        parameters=[
            OpenApiParameter("limit", {"type": "integer", "minimum": 1, "maximum": 20, "default": 10}),
            OpenApiParameter("offset", {"type": "integer", "minimum": 0, "maximum": 10_000, "default": 0}),
        ],
        responses=RulePage,
    )
    def get(self, request: Request) -> Response:
        """The rule's data, page by page: all of it is needed to decide anything."""
        page = Page(data=request.query_params.dict())
        page.is_valid(raise_exception=True)
        rule, (limit, offset) = current(), (page.validated_data["limit"], page.validated_data["offset"])
        tariffs = list(rule.tariffs.values())
        end = offset + limit
        return Response(
            {
                "rule_version": rule.version,
                "urgent_kinds": rule.urgent_kinds,
                "discount_from": rule.discount_from,
                "discount_percent": rule.discount_percent,
                "count": len(tariffs),
                "next": end if end < len(tariffs) else None,
                "results": TariffRow(tariffs[offset:end], many=True).data,
            }
        )
