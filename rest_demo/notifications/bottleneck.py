"""/api/bottleneck/: two endpoints that take time for a reason, to see which of them more instances make faster.

slot   holds one of this instance's threads, and nothing else: with more instances there are more threads
lock   holds a row of the database that all instances share: with more instances there are more who wait for it
"""

from threading import Event

from django.db import OperationalError, connection, transaction
from django.db.models import F
from drf_spectacular.utils import OpenApiParameter, extend_schema
from psycopg.errors import LockNotAvailable
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from rest_demo.notifications.models import Counter
from rest_demo.problems import Problem
from rest_demo.strict import Whole

MOST_MS = 2000
PATIENCE_MS = 4000
"""How long a request queues for the row; less than the balancer waits for us."""
ROW = "bottleneck"

MS = OpenApiParameter("ms", {"type": "integer", "minimum": 0, "maximum": MOST_MS, "default": 100})


class Question(serializers.Serializer):
    ms = Whole(min_value=0, max_value=MOST_MS, default=100)


class Held(serializers.Serializer):
    held_ms = Whole()


class Counted(Held):
    value = serializers.IntegerField(help_text="How often the row was changed so far.")


class Slot(APIView):
    @extend_schema(operation_id="bottleneck_slot", parameters=[MS], responses=Held)
    def get(self, request: Request) -> Response:
        """Hold one thread of this instance."""
        ms = _asked(request)
        hold(ms)
        return Response({"held_ms": ms})


class Lock(APIView):
    @extend_schema(operation_id="bottleneck_lock", parameters=[MS], request=None, responses=Counted)
    def post(self, request: Request) -> Response:
        """Change one row of the database, and hold its lock."""
        ms = _asked(request)
        try:
            with transaction.atomic():
                value = _change_row()
                hold(ms)
        except OperationalError as error:
            if isinstance(error.__cause__, LockNotAvailable):
                raise Problem(503, "queue-too-long", "Too many wait for this row.", again_after=1) from error
            raise
        return Response({"held_ms": ms, "value": value})


def hold(ms: int) -> None:
    """Keep this thread busy doing nothing."""
    Event().wait(ms / 1000)


def _change_row() -> int:
    with connection.cursor() as cursor:
        cursor.execute("select set_config('lock_timeout', %s, true)", [f"{PATIENCE_MS}ms"])
    if not Counter.objects.filter(name=ROW).update(value=F("value") + 1):
        Counter.objects.get_or_create(name=ROW)
        Counter.objects.filter(name=ROW).update(value=F("value") + 1)
    return Counter.objects.values_list("value", flat=True).get(name=ROW)


def _asked(request: Request) -> int:
    question = Question(data=request.query_params.dict())
    question.is_valid(raise_exception=True)
    return int(question.validated_data["ms"])
