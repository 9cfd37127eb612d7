"""Does a contact keep the rules of its model's fields? Asked for each row of an import; full_clean then says why not.

The rules are the fields' own: what may be blank, and their validators. What full_clean does beside that is to make
values of the right type, which the import's widgets have done, and to look for their codes in the database.
"""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError

from rest_demo.contacts.models import Contact

_RULES: list[tuple[str, bool, list[Callable[[Any], None]]]] = []
"""Attribute, whether it may be blank, validators; filled at the first use, since some ask the database's limits."""


def keeps_the_rules(contact: Contact) -> bool:
    """True: full_clean would find nothing, but for uniqueness. The values have their fields' types."""
    if not _RULES:
        fields = [field for field in Contact._meta.concrete_fields if not field.primary_key]
        _RULES.extend((field.attname, field.blank, field.validators) for field in fields)
    try:
        for name, blank, validators in _RULES:
            value = getattr(contact, name)
            if value is None or value == "":
                if not blank:
                    return False
                continue
            for validate in validators:
                validate(value)
    except ValidationError:
        return False
    return True
