"""What a contact's values must be, beyond what Django's fields say by themselves. models.py puts them on the fields."""

import re
import unicodedata
from datetime import date
from functools import lru_cache

import phonenumbers
from django.core.exceptions import ValidationError

_DIGITS = re.compile(r"\+[1-9][0-9]{6,14}")
EARLIEST = date(1900, 1, 1)


def plain_text(value: str) -> None:
    """One line that every format can hold and every reader gives back as it was. Raises ValidationError."""
    if value != value.strip():
        raise ValidationError("Begins or ends with white space.")
    if not value.isprintable() and any(unicodedata.category(sign) in ("Cc", "Cs", "Cn", "Zl", "Zp") for sign in value):
        raise ValidationError("Has a line break or another sign that cannot be printed.")


def a_valid_phone(value: str) -> None:
    """A number as it is stored: E.164, and one that its country's plan has room for. Raises ValidationError."""
    try:
        right = e164(value)
    except ValueError as error:
        raise ValidationError(str(error)) from error
    if value != right:
        raise ValidationError(f"Write it as {right}.")


@lru_cache(maxsize=4096)
def e164(text: str) -> str:
    """+79161234567 for "+7 (916) 123-45-67". Raises ValueError with the reason."""
    if _is_e164(text):
        return text
    if not text.startswith("+"):
        raise ValueError("A phone number begins with + and its country: +7 916 123-45-67.")
    try:
        number = phonenumbers.parse(text)
    except phonenumbers.NumberParseException as error:
        raise ValueError(f"Not a phone number: {error}") from error
    if number.extension or not phonenumbers.is_valid_number(number):
        raise ValueError("No phone of that country has this number.")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _is_e164(text: str) -> bool:
    """Whether it is a valid number written as we want it: then it need not be parsed, which costs three times as much.

    False for some that are: those whose national number begins with 0 are left to the parser.
    """
    if not _DIGITS.fullmatch(text):
        return False
    for length in (1, 2, 3):
        if (country := int(text[1 : 1 + length])) in phonenumbers.COUNTRY_CODE_TO_REGION_CODE:
            rest = text[1 + length :]
            number = phonenumbers.PhoneNumber(country_code=country, national_number=int(rest or 0))
            return not rest.startswith("0") and phonenumbers.is_valid_number(number)
    return False


def born_in_living_memory(value: date) -> None:
    """Raises ValidationError for a date before 1900 or after today."""
    if value < EARLIEST:
        raise ValidationError("Before the year 1900.")
    if value > date.today():
        raise ValidationError("In the future.")
