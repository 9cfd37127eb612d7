"""Files of contacts for the tests: rows as fields by column, written as csv, xlsx or JSON by other code than ours."""

import csv
import io
import json
import zipfile
from collections.abc import Sequence
from typing import Any

from openpyxl import Workbook

from rest_demo.contacts.files import Table, open_table
from rest_demo.contacts.limits import UPLOAD, Limits

COLUMNS = ["Code", "Full name", "E-mail", "Phone", "Region", "Birth date", "Active", "Visits", "Balance", "Note"]


def row(code: str = "a-1", **other: Any) -> dict[str, Any]:
    """A good row. other: columns with _ for a blank, e.g. Birth_date="31.02.1990"."""
    good = ["Anna", "anna@example.com", "+79161234567", "north", "31.12.1990", "true", "3", "12.50", "a note"]
    changed = {name.replace("_", " ").replace("E mail", "E-mail"): value for name, value in other.items()}
    return dict(zip(COLUMNS, [code, *good], strict=True)) | changed


def written(kind: str, rows: Sequence[dict[str, Any]], header: Sequence[str] | None = None) -> bytes:
    columns = list(header or (rows[0] if rows else COLUMNS))
    lines = [columns, *([one[name] for name in columns if name in one] for one in rows)]
    if kind == "json":
        return json.dumps(rows).encode()
    if kind == "csv":
        text = io.StringIO()
        csv.writer(text).writerows(lines)
        return text.getvalue().encode()
    return workbook(lines)


def workbook(lines: Sequence[Sequence[Any]]) -> bytes:
    book = Workbook()
    for line in lines:
        book.active.append(line)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def table(content: bytes, name: str = "contacts.csv", limits: Limits = UPLOAD, **more: Any) -> Table:
    return open_table(io.BytesIO(content), name, limits, **more)


def with_part(book: bytes, name: str, content: bytes) -> bytes:
    """The same workbook with another part in the place of one that it has."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            new.writestr(part.filename, content if part.filename == name else old.read(part))
        if name not in old.namelist():
            new.writestr(name, content)
    return made.getvalue()
