"""csv and JSON, a row at a time. files.py has looked at the first bytes; here the rest turns out right or not.

A row is (its number, its cells); the first is the header. In csv numbers count from 1 with the header, as a spreadsheet
shows them; in JSON from 1 with the first object.
"""

import csv
import json
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from io import TextIOWrapper
from typing import Any, BinaryIO, NoReturn

from rest_demo.contacts.formulas import unescaped
from rest_demo.errors import FileRefused

DELIMITERS = ",;\t"
_PIECE = 64 * 1024
_LONGEST_LINE = 2**20
_LONGEST_OBJECT = 2**20
_WHITE = " \t\r\n"
_AFTER = {"[": "{]", ",": "{", "]": ""}
"""Which signs may follow a sign, between objects."""

Row = tuple[int, list[Any]]


def csv_rows(file: BinaryIO, encoding: str) -> Iterator[Row]:
    """The delimiter is the one that the first line has most of: comma, semicolon or tab."""
    number = 0
    with _as_text(file, encoding) as text:
        try:
            first = text.readline(_LONGEST_LINE)
            text.seek(0)
            reader = csv.reader(text, delimiter=max(DELIMITERS, key=first.count), strict=True)
            for number, cells in enumerate(reader, 1):
                if cells:
                    yield number, [unescaped(cell) for cell in cells]
        except (UnicodeError, csv.Error) as error:
            raise _unreadable(error, encoding, number + 1) from error


def json_rows(file: BinaryIO, encoding: str) -> Iterator[Row]:
    """A list of objects with the same keys, which are the header."""
    keys: list[str] = []
    with _as_text(file, encoding) as text:
        for number, found in enumerate(_objects(text, encoding), 1):
            if number == 1:
                keys = list(found)
                yield 0, list(keys)
            if found.keys() != set(keys):
                raise FileRefused(f"Object {number} has other names in it than the first one.")
            yield number, [found[key] for key in keys]
    if not keys:
        raise FileRefused("It is an empty list.")


def _objects(text: TextIOWrapper, encoding: str) -> Iterator[dict[str, Any]]:
    """The objects of a list, decoded one by one: no more than one and a piece of the text is in memory."""
    decoder = json.JSONDecoder(object_pairs_hook=_unambiguous, parse_float=Decimal, parse_constant=_refused)
    buffer, place, number, wanted = "", 0, 0, "["
    while True:
        while place < len(buffer) and buffer[place] in _WHITE:
            place += 1
        if place == len(buffer):
            buffer, place = _piece(text, encoding, number), 0
            if not buffer and wanted:
                raise FileRefused("The list has no end: the file was cut off, or is no JSON.")
            if not buffer:
                return
            continue
        sign = buffer[place]
        if sign not in wanted:
            raise FileRefused(f"It is no JSON list of objects: {sign!r} after object {number}.")
        if sign != "{":
            wanted, place = _AFTER[sign], place + 1
            continue
        try:
            found, place = decoder.raw_decode(buffer, place)
        except (ValueError, RecursionError) as error:
            more = _piece(text, encoding, number) if isinstance(error, json.JSONDecodeError) else ""
            if not more or len(buffer) - place > _LONGEST_OBJECT:
                raise FileRefused(f"Object {number + 1} cannot be read: {error}.") from error
            buffer, place = buffer[place:] + more, 0
            continue
        number, wanted = number + 1, ",]"
        yield found


def _piece(text: TextIOWrapper, encoding: str, number: int) -> str:
    try:
        return text.read(_PIECE)
    except UnicodeError as error:
        raise _unreadable(error, encoding, number + 1) from error


def _unambiguous(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands twice in it")
    return found


def _refused(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


@contextmanager
def _as_text(file: BinaryIO, encoding: str) -> Iterator[TextIOWrapper]:
    """The file is somebody else's, and stays open."""
    text = TextIOWrapper(file, encoding, newline="")
    try:
        yield text
    finally:
        if not file.closed:
            text.detach()


def _unreadable(error: UnicodeError | csv.Error, encoding: str, number: int) -> FileRefused:
    if isinstance(error, csv.Error):
        return FileRefused(f"Row {number} is no csv: {error}.")
    name = "UTF-8" if encoding == "utf-8-sig" else encoding
    if isinstance(error, UnicodeDecodeError):
        said = f"It is not {name}: byte {error.object[error.start]:#04x} at row {number} or soon after"
    else:  # UTF-16 that does not begin as UTF-16 does
        said = f"It is not {name}: {error}"
    return FileRefused(f"{said}. Save it as UTF-8, or name its encoding, e.g. cp1251.", 415)
