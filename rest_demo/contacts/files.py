"""An uploaded or named file as a table: a header and rows, read as they are asked for. importing.py takes them.

What is no table is refused before much of it is read: by size, by what an archive says of itself, by its first bytes.
"""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any, BinaryIO

from rest_demo.contacts import text_tables, workbooks
from rest_demo.contacts.choices import ENCODINGS, FORMATS
from rest_demo.contacts.limits import MAX_COLUMNS, Limits, too_large
from rest_demo.errors import FileRefused

_UTF_BOMS = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_OLD_EXCEL, _ZIP = b"\xd0\xcf\x11\xe0", b"PK\x03\x04"
_HEAD = 64 * 1024
COMMAND = "python -m rest_demo import FILE"

Cell = Any
"""str, int, float, Decimal, bool, date, datetime, None, Formula, or what JSON nests."""


@dataclass(slots=True)
class Table:
    """header: the columns' names as they stand there. rows: each with its number, as a spreadsheet shows it.

    Reading rows raises FileRefused where the file turns out to be none. read: which part of the file was read, 0 to 1.
    """

    header: list[Cell]
    rows: Iterator[tuple[int, list[Cell]]]
    file: BinaryIO
    size: int

    @property
    def read(self) -> float:
        return 1.0 if self.file.closed or not self.size else min(self.file.tell() / self.size, 1.0)


def open_table(
    file: BinaryIO, name: str, limits: Limits, kind: str | None = None, encoding: str | None = None
) -> Table:
    """file: seekable. name: says the format where `kind` does not. Raises FileRefused, also later, for its rows."""
    size = file.seek(0, 2)
    if size > limits.size:
        raise too_large(size, limits.size)
    file.seek(0)
    kind = _kind(file, name, kind, encoding)
    file.seek(0)
    if kind == "xlsx":
        rows = workbooks.rows(file, limits)
    elif kind == "csv":
        rows = text_tables.csv_rows(file, _encoding(encoding))
    else:
        rows = text_tables.json_rows(file, _encoding(encoding))
    header = next(rows, (0, []))[1]
    if len(header) > MAX_COLUMNS:
        raise FileRefused(f"It has more than {MAX_COLUMNS} columns. Is it a table of contacts?")
    if not header:
        raise FileRefused("It is empty: it has not even a header.")
    return Table(header, _counted(rows, limits.rows), file, size)


def _kind(file: BinaryIO, name: str, told: str | None, encoding: str | None) -> str:
    kind = (told or PurePath(name).suffix.lstrip(".")).lower()
    if kind not in FORMATS:
        raise FileRefused(f"{kind or name!r} is no format that is read here; there is {', '.join(FORMATS)}.", 415)
    head = file.read(_HEAD)
    if not head:
        raise FileRefused("It is empty.")
    if head.startswith(_OLD_EXCEL):
        raise FileRefused("It is a workbook of Excel before 2007, or one with a password; save it as xlsx.", 415)
    if kind == "xlsx" and not head.startswith(_ZIP):
        raise FileRefused("It is no xlsx workbook, whatever its name says.", 415)
    if kind != "xlsx" and head.startswith(_ZIP):
        raise FileRefused(f"It is a zip archive (an xlsx, perhaps), and not {kind}.", 415)
    if kind != "xlsx" and encoding is None:
        if head.startswith(_UTF_BOMS):
            raise FileRefused("It is UTF-16 or UTF-32; save it as UTF-8, or name its encoding: utf-16.", 415)
        if b"\0" in head:
            raise FileRefused(f"It holds bytes that no {kind} holds: it is a binary file.", 415)
    return kind


def _encoding(told: str | None) -> str:
    if told is None:
        return "utf-8-sig"
    if told.lower() not in ENCODINGS:
        raise FileRefused(f"The encoding {told!r} is not known here; there is {', '.join(ENCODINGS)}.", 415)
    return "utf-8-sig" if told.lower() == "utf-8" else told.lower()


def _counted(rows: Iterator[tuple[int, list[Cell]]], most: int) -> Iterator[tuple[int, list[Cell]]]:
    count = 0
    for count, row in enumerate(rows, 1):
        if count > most:
            raise FileRefused(f"It has more than {most:,} rows. Cut it, or use the command: {COMMAND}", 413)
        yield row
    if not count:
        raise FileRefused("It has a header and no rows.")
