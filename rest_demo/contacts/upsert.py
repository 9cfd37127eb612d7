"""Writes many contacts in one statement, by their codes, and says what the database says that it did.

Django's bulk_create would not tell inserted from updated rows; PostgreSQL does: a row that was just inserted has no
xmax. The statement is also safe against others that insert the same code meanwhile: theirs is updated.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection, transaction

from rest_demo.contacts.models import Contact


@dataclass(frozen=True, slots=True)
class Written:
    """Rows in the database."""

    created: int = 0
    updated: int = 0

    def __add__(self, other: "Written") -> "Written":
        return Written(self.created + other.created, self.updated + other.updated)


def upsert(contacts: Sequence[Contact]) -> Written:
    """Sets their primary keys. No code may be there twice. Raises DatabaseError, and then nothing is written."""
    if not contacts:
        return Written()
    fields = [field for field in Contact._meta.concrete_fields if not field.primary_key]
    columns = ", ".join(f'"{field.column}"' for field in fields)
    arrays = ", ".join(f"%s::{field.db_type(connection).partition('(')[0]}[]" for field in fields)
    changed = ", ".join(f'"{field.column}" = excluded."{field.column}"' for field in fields if field.name != "code")
    statement = (
        f"insert into {Contact._meta.db_table} ({columns}) select * from unnest({arrays}) "
        f"on conflict (code) do update set {changed} returning code, id, xmax = 0"
    )
    values = [[getattr(one, field.attname) for one in contacts] for field in fields]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)
        told = {code: (key, inserted) for code, key, inserted in cursor.fetchall()}
    for one in contacts:
        one.pk = told[one.code][0]
    created = sum(inserted for _, inserted in told.values())
    return Written(created, len(told) - created)
