"""From a cell to a value and back, refusing where import-export's own widgets guess. resource.py names them.

A cell is what files.py reads: text from csv; text, numbers, booleans and dates from xlsx and JSON; a Formula where a
spreadsheet holds one. `clean` raises ValueError with the reason, which import-export ties to row and field.
`render` gives text; with force_native_type the value itself, for formats that have types.
"""

import math
import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from import_export.widgets import Widget

from rest_demo.contacts.formulas import Formula
from rest_demo.contacts.validity import e164

_DOTTED = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})")
_ISO = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[T ]00:00:00)?")
_SERIAL = re.compile(r"[0-9]{5}")
_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")
_DECIMAL = re.compile(r"[+-]?[0-9]{1,18}(?:\.[0-9]{1,18})?")
_BOOLEANS = {"true": True, "false": False, "1": True, "0": False}
_SERIAL_ZERO = date(1899, 12, 30)
"""Day 0 of Excel's calendar, right for every day after February 1900."""


class Strict(Widget):
    """What all have in common: a formula is no value, and emptiness is the field's own affair."""

    empty: Any = None
    """What an empty cell means; None where the column of the model takes null, or refuses it."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        if isinstance(value, Formula):
            raise ValueError(f"Holds {value.what}; put its value in its place.")
        if value is None or value == "":
            return self.when_empty()
        return self.read(value)

    def when_empty(self) -> Any:
        return self.empty

    def read(self, value: Any) -> Any:
        raise NotImplementedError

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Any:
        if kwargs.get("force_native_type"):
            return value
        return "" if value is None else self.write(value)

    def write(self, value: Any) -> str:
        return str(value)


class StrictText(Strict):
    """Text as it stands. A whole number, as a spreadsheet makes of digits, is its digits."""

    empty = ""

    def read(self, value: Any) -> str:
        text = _digits(value)
        if isinstance(text, str):
            return text
        raise ValueError(f"Is {_kind(value)}; make it a text.")


class StrictPhone(StrictText):
    """A phone number with its country, however it is spaced; stored and rendered as E.164."""

    def read(self, value: Any) -> str:
        return e164(super().read(value))


class StrictDate(Strict):
    """31.12.1990, 1990-12-31, a date of a spreadsheet, or its serial number; never a guess which is day and month."""

    def read(self, value: Any) -> date:
        if isinstance(value, datetime):
            if value.time() != time():
                raise ValueError("Has a time of day; a date is wanted.")
            return value.date()
        if isinstance(value, date):
            return value
        text = _digits(value)
        if not isinstance(text, str):
            raise ValueError(f"Is {_kind(value)}; write a date as 31.12.1990.")
        if _SERIAL.fullmatch(text):
            return _SERIAL_ZERO + timedelta(days=int(text))
        if found := _DOTTED.fullmatch(text):
            return _day(text, *reversed(found.groups()))
        if found := _ISO.fullmatch(text):
            return _day(text, *found.groups())
        raise ValueError(f"{_shown(value)} is no date; write 31.12.1990 or 1990-12-31.")

    def write(self, value: date) -> str:
        return f"{value.day:02d}.{value.month:02d}.{value.year:04d}"


class StrictBoolean(Strict):
    """true, false, 1 or 0. import-export's own widget takes "yes" and " true" for False, and says nothing."""

    def when_empty(self) -> bool:
        raise ValueError("Is empty; write true or false.")

    def read(self, value: Any) -> bool:
        if isinstance(value, bool):
            return value
        text = _digits(value)
        if not isinstance(text, str) or text.lower() not in _BOOLEANS:
            raise ValueError(f"{_shown(value)} is neither true nor false (nor 1 nor 0).")
        return _BOOLEANS[text.lower()]

    def write(self, value: bool) -> str:
        return "true" if value else "false"


class StrictInteger(Strict):
    """A whole number. import-export's own widget makes 3 of 3.7."""

    def when_empty(self) -> int:
        raise ValueError("Is empty; write a whole number.")

    def read(self, value: Any) -> int:
        if isinstance(value, bool):
            raise ValueError(f"Is {_kind(value)}; write a whole number.")
        text = _digits(value)
        if isinstance(text, str) and _INTEGER.fullmatch(text):
            return int(text)
        raise ValueError(f"{_shown(value)} is no whole number; write digits only.")


class StrictDecimal(Strict):
    """A number with a decimal point. A float of a spreadsheet counts with the 15 digits that it shows there."""

    def when_empty(self) -> Decimal:
        raise ValueError("Is empty; write a number.")

    def read(self, value: Any) -> Decimal:
        if isinstance(value, bool):
            raise ValueError(f"Is {_kind(value)}; write a number.")
        if isinstance(value, int | Decimal):
            return Decimal(value)
        if isinstance(value, float) and math.isfinite(value):
            return Decimal(f"{value:.15g}")
        if isinstance(value, str) and _DECIMAL.fullmatch(value):
            return Decimal(value)
        raise ValueError(f"{_shown(value)} is no number; write digits with a decimal point and no spaces: 1234.50.")

    def write(self, value: Decimal) -> str:
        return f"{value:f}"


def _day(text: str, year: str, month: str, day: str) -> date:
    try:
        return date(int(year), int(month), int(day))
    except ValueError as error:
        raise ValueError(f"{text} is no day of the calendar.") from error


def _digits(value: Any) -> Any:
    """A whole number, as a spreadsheet makes of digits, as these digits; anything else as it is."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    return str(int(value)) if math.isfinite(value) and value == int(value) else value


def _shown(value: Any) -> str:
    text = str(value)
    return repr(text if len(text) <= 40 else f"{text[:39]}…")


def _kind(value: Any) -> str:
    names = {bool: "true or false", float: "a number", int: "a number", Decimal: "a number"}
    names |= {datetime: "a date", date: "a date", time: "a time of day", timedelta: "a length of time"}
    return names.get(type(value), "a list" if isinstance(value, list) else "no single value")
