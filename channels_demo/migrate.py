"""Makes this demo's schema, tables and users. `python -m channels_demo migrate` is the stack's one-shot service.

Two at once do no harm: the second waits for the first, by a lock of the database.
"""

from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import OperationalError, connection

from channels_demo.errors import ChannelsDemoError

_LOCK = 727002
USERS = ("lab", "ada", "bob")
PASSWORD = "lab"


def migrate() -> None:
    """Idempotent. Raises ChannelsDemoError when the database does not answer."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_lock(%s)", [_LOCK])
            cursor.execute("create schema if not exists channels")
            call_command("migrate", interactive=False, verbosity=1)
            for name in USERS:
                _make_user(name)
            cursor.execute("select pg_advisory_unlock(%s)", [_LOCK])
    except OperationalError as error:
        raise ChannelsDemoError(f"PostgreSQL does not answer: {error}") from error


def _make_user(name: str) -> None:
    user, made = get_user_model().objects.get_or_create(username=name)
    if made:
        user.set_password(PASSWORD)
        user.save()
