"""Makes this demo's schema, its tables and its user. `python -m rest_demo migrate` is the stack's one-shot service.

Two at once do no harm: the second waits for the first, by a lock of the database.
"""

from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import OperationalError, connection

from rest_demo.errors import RestDemoError

_LOCK = 727001
USER = PASSWORD = "lab"


def migrate() -> None:
    """Idempotent. Raises RestDemoError when the database does not answer."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_lock(%s)", [_LOCK])
            cursor.execute("create schema if not exists rest")
            call_command("migrate", interactive=False, verbosity=1)
            _make_user()
            cursor.execute("select pg_advisory_unlock(%s)", [_LOCK])
    except OperationalError as error:
        raise RestDemoError(f"PostgreSQL does not answer: {error}") from error


def _make_user() -> None:
    user, made = get_user_model().objects.get_or_create(
        username=USER, defaults={"is_staff": True, "is_superuser": True}
    )
    if made:
        user.set_password(PASSWORD)
        user.save()
