"""/livez: this process turns. /readyz: what it needs answers too."""

from asgiref.sync import sync_to_async
from django.db import Error as DatabaseError
from django.db import connection
from django.http import HttpRequest, JsonResponse
from redis.exceptions import RedisError

from channels_demo import settings, store


async def live(request: HttpRequest) -> JsonResponse:
    """200, without asking anybody."""
    return JsonResponse({"live": True, "server": settings.read().server})


async def ready(request: HttpRequest) -> JsonResponse:
    """200 when database and Redis answer, else 503 with the names of those that do not."""
    missing = [name for name, ask in (("database", _database), ("redis", _redis)) if not await ask()]
    return JsonResponse({"ready": not missing, "missing": missing}, status=503 if missing else 200)


async def _redis() -> bool:
    try:
        return bool(await store.redis().ping())
    except (RedisError, OSError, TimeoutError):
        return False


@sync_to_async
def _database() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("select 1")
    except DatabaseError:
        return False
    finally:
        connection.close()
    return True
