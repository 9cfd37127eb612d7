"""Fields that refuse what is of another type, where Django REST Framework's own would make something of it.

A number is no text, 1 is not true, "3.0" is no whole number, and money is a text, so that no binary fraction ever comes
between. What the schema says is what is taken.
"""

import re
from decimal import Decimal
from typing import Any

from django.core.validators import RegexValidator
from django.db import models
from rest_framework import serializers

_DECIMAL = re.compile(r"-?\d{1,30}(\.\d{1,30})?", re.ASCII)
_WHOLE = re.compile(r"-?\d{1,18}", re.ASCII)


class _OnlyText:
    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class Text(_OnlyText, serializers.CharField):
    """Kept as it came, with its blanks."""

    def __init__(self, **told: Any) -> None:
        super().__init__(**{"trim_whitespace": False} | told)


class Written(Text):
    """Text that may not be empty. NUL, which PostgreSQL cannot keep in a text, is refused by the schema too."""

    def __init__(self, **told: Any) -> None:
        super().__init__(**told)
        self.validators.append(RegexValidator(r"\A[^\x00]*\Z", "Null characters are not allowed."))


class Formed(_OnlyText, serializers.RegexField):
    """Text of the form that a pattern says."""

    def __init__(self, pattern: str, **told: Any) -> None:
        super().__init__(pattern, **{"trim_whitespace": False} | told)


class Email(_OnlyText, serializers.EmailField):
    pass


class Money(serializers.DecimalField):
    """Digits and a point: no exponent, no word for what is no number."""

    def to_internal_value(self, data: Any) -> Decimal:
        if not (isinstance(data, str) and _DECIMAL.fullmatch(data)):
            self.fail("invalid")
        return super().to_internal_value(data)


class Whole(serializers.IntegerField):
    """A JSON integer, or, in a query, digits."""

    def to_internal_value(self, data: Any) -> int:
        is_one = _WHOLE.fullmatch(data) if isinstance(data, str) else type(data) is int
        if not is_one:
            self.fail("invalid")
        return int(super().to_internal_value(data))


class Truth(serializers.BooleanField):
    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class StrictModelSerializer(serializers.ModelSerializer):
    """Makes a model's fields of these."""

    serializer_field_mapping = serializers.ModelSerializer.serializer_field_mapping | {
        models.CharField: Text,
        models.EmailField: Email,
        models.IntegerField: Whole,
        models.BooleanField: Truth,
    }
