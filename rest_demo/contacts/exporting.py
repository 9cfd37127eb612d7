"""Gives contacts out as csv, xlsx or JSON, as ContactResource renders them; what it gives out it takes back unchanged.

Asked by the API, the admin and the command. Rows come from the database as they are written, one snapshot of them.
"""

import csv
import json
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any, BinaryIO

from django.db.models import QuerySet

from rest_demo.contacts import workbooks
from rest_demo.contacts.choices import COLUMNS
from rest_demo.contacts.formulas import escaped
from rest_demo.contacts.models import Contact
from rest_demo.contacts.resource import ContactResource
from rest_demo.contacts.widgets import StrictText

CONTENT_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
}
_HEADER = list(COLUMNS.values())
_AT_ONCE = 1000
_BOM = "\ufeff"
"""Without it, a spreadsheet takes UTF-8 for something else."""


def write(file: BinaryIO, kind: str, contacts: QuerySet[Contact]) -> int:
    """How many contacts were written."""
    counted = _Counted(contacts.iterator(_AT_ONCE))
    if kind == "xlsx":
        workbooks.write(file, _HEADER, _lines(counted, native=True))
    else:
        for piece in pieces(kind, counted):
            file.write(piece)
    return counted.count


def pieces(kind: str, contacts: Iterable[Contact]) -> Iterator[bytes]:
    """csv or JSON as it comes."""
    if kind == "csv":
        yield (_BOM + _csv_line(_HEADER)).encode()
        for line in _lines(contacts, native=False):
            yield _csv_line(line).encode()
        return
    before = "[\n"
    for line in _lines(contacts, native=True):
        found = dict(zip(_HEADER, map(_of_json, line), strict=True))
        yield (before + json.dumps(found, ensure_ascii=False)).encode()
        before = ",\n"
    yield b"\n]\n" if before == ",\n" else b"[]\n"


class _Counted:
    def __init__(self, contacts: Iterable[Contact]) -> None:
        self._contacts, self.count = contacts, 0

    def __iter__(self) -> Iterator[Contact]:
        for contact in self._contacts:
            self.count += 1
            yield contact


def _lines(contacts: Iterable[Contact], *, native: bool) -> Iterator[list[Any]]:
    fields = ContactResource().get_export_fields()
    for contact in contacts:
        values = [(field, field.export(contact, force_native_type=native)) for field in fields]
        yield [
            escaped(value) if not native and isinstance(field.widget, StrictText) else value for field, value in values
        ]


def _csv_line(cells: list[str]) -> str:
    told: list[str] = []
    csv.writer(_Told(told)).writerow(cells)
    return told[0]


class _Told:
    """What csv.writer takes for a file."""

    def __init__(self, told: list[str]) -> None:
        self.write = told.append


def _of_json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else f"{value:f}" if isinstance(value, Decimal) else value
