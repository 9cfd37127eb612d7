"""Files that are none: each is refused with a sentence and a 4xx, the service goes on, and nothing is half saved."""

import http.client
import io
import json
import socket
import tracemalloc
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from rest_framework.test import APIClient

from rest_demo.contacts.files import open_table
from rest_demo.contacts.limits import MIB, UPLOAD, Limits
from rest_demo.contacts.models import Contact
from rest_demo.errors import FileRefused
from tests.rest_demo.contact_files import COLUMNS, row, table, with_part, workbook, written

SHEET = "xl/worksheets/sheet1.xml"
STRINGS = "xl/sharedStrings.xml"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_CELL = '<c r="A1" t="inlineStr"><is><t>x</t></is></c>'
SMALL = Limits(MIB, 100, 4 * MIB, MIB)
_GOOD = written("csv", [row("a")])
_LINES = [COLUMNS, list(row("a").values())]


def _sheet(rows: str) -> bytes:
    return f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'.encode()


def _many_parts() -> bytes:
    made = io.BytesIO(workbook(_LINES))
    with zipfile.ZipFile(made, "a") as archive:
        for number in range(1001):
            archive.writestr(f"x/{number}", b"")
    return made.getvalue()


_WIDE = b",".join(b"c%d" % n for n in range(10_000)) + b"\n" + b"," * 9_999
_LONG_ROW, _LONG_CELL = f"<row>{_CELL * 100_000}</row>", f"<row>{'x' * 3 * MIB}</row>"


def _book(name: str, content: bytes) -> bytes:
    """A workbook with this in the place of one of its parts."""
    return with_part(workbook(_LINES), name, content)


_ENTITIES = f'<!DOCTYPE w [<!ENTITY a "{"x" * 1000}">]><worksheet xmlns="{MAIN}"><sheetData/></worksheet>'.encode()

FILES: dict[str, tuple[str, bytes, int, str]] = {
    "empty": ("x.csv", b"", 400, "empty"),
    "only line breaks": ("x.csv", b"\n\n\n", 400, "empty"),
    "headers only": ("x.csv", ",".join(COLUMNS).encode(), 400, "no rows"),
    "binary": ("x.csv", b"\x7fELF\x02\x01\x01\0" + bytes(range(256)) * 10, 415, "binary"),
    "a picture": ("x.csv", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + b"\0" * 100, 415, "binary"),
    "an xlsx named csv": ("x.csv", workbook(_LINES), 415, "zip archive"),
    "a csv named xlsx": ("x.xlsx", _GOOD, 415, "no xlsx"),
    "an old workbook": ("x.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100, 415, "before 2007"),
    "utf-16": ("x.csv", _GOOD.decode().encode("utf-16"), 415, "UTF-16"),
    "utf-16 without a mark": ("x.csv", _GOOD.decode().encode("utf-16-le"), 415, "binary"),
    "utf-32": ("x.csv", _GOOD.decode().encode("utf-32"), 415, "UTF-16 or UTF-32"),
    "cp1251": ("x.csv", written("csv", [row("a", Full_name="Анна")]).decode().encode("cp1251"), 415, "not UTF-8"),
    "10,000 columns": ("x.csv", _WIDE, 400, "more than 64"),
    "10,000 columns as xlsx": ("x.xlsx", workbook([[f"c{n}" for n in range(10_000)]]), 413, "more than 64"),
    "an open quote": ("x.csv", b'Code,Full name,Region\n"a,Anna,north\n', 400, "no csv"),
    "a cell of a megabyte": ("x.csv", b"Code,Full name,Region\na," + b"x" * MIB + b",north\n", 400, "no csv"),
    "no format": ("x.exe", b"MZ", 415, "no format"),
    "no zip": ("x.xlsx", b"PK\x03\x04 and no more", 400, "no xlsx workbook"),
    "a zip of something": ("x.xlsx", with_part(b"PK\x05\x06" + b"\0" * 18, "a.txt", b"a"), 400, "no xlsx workbook"),
    "a sheet that is no xml": ("x.xlsx", _book(SHEET, b"<worksheet><"), 400, "no xlsx workbook"),
    "a bomb": ("x.xlsx", _book(SHEET, b" " * 200 * MIB), 413, "Unpacked it has"),
    "a bomb of strings": ("x.xlsx", _book(STRINGS, b" " * 8 * MIB), 413, "beside the"),
    "a bomb in one row": ("x.xlsx", _book(SHEET, _sheet(_LONG_ROW)), 413, "cells"),
    "a bomb in one cell": ("x.xlsx", _book(SHEET, _sheet(_LONG_CELL)), 413, "longer"),
    "entities": ("x.xlsx", _book(SHEET, _ENTITIES), 400, "entities"),
    "many parts": ("x.xlsx", _many_parts(), 413, "parts"),
    "no list": ("x.json", b'{"Code": "a"}', 400, "no JSON list"),
    "a list of numbers": ("x.json", b"[1, 2]", 400, "no JSON list"),
    "an empty list": ("x.json", b"[]", 400, "empty list"),
    "a list cut off": ("x.json", json.dumps([row("a")]).encode()[:-1], 400, "cut off"),
    "an object cut off": ("x.json", b'[{"Code": "a', 400, "cannot be read"),
    "deep": ("x.json", b'[{"Code": ' + b"[" * 100_000 + b"]" * 100_000 + b"}]", 400, "cannot be read"),
    "NaN": ("x.json", b'[{"Code": NaN}]', 400, "NaN is no number"),
    "a name twice": ("x.json", b'[{"Code": "a", "Code": "b"}]', 400, "stands twice"),
    "uneven objects": ("x.json", b'[{"Code":"a","Full name":"A","Region":"n"},{"Code":"b"}]', 400, "other names"),
    "something behind the list": ("x.json", json.dumps([row("a")]).encode() + b"[]", 400, "no JSON list"),
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_the_api_refuses_it_with_a_sentence_and_saves_nothing(api: APIClient, name: str) -> None:
    file, content, status, says = FILES[name]
    for mode in ("all-or-nothing", "keep-good-rows"):
        upload = SimpleUploadedFile(file, content)
        answer = api.post(f"/api/contacts/import/?mode={mode}", {"file": upload}, format="multipart")
        assert (answer.status_code, says in answer.json()["detail"]) == (status, True), answer.json()["detail"]
        assert answer["Content-Type"] == "application/problem+json"
    assert not Contact.objects.exists()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_utf_8_is_taken_with_and_without_its_mark(encoding: str) -> None:
    found = table(written("csv", [row("a", Full_name="Анна")]).decode().encode(encoding))
    assert found.header == COLUMNS
    assert next(found.rows)[1][1] == "Анна"


@pytest.mark.parametrize("encoding", ["cp1251", "utf-16", "koi8-r"])
@pytest.mark.parametrize("kind", ["csv", "json"])
def test_another_encoding_is_taken_when_it_is_named(encoding: str, kind: str) -> None:
    text = written("csv", [row("a", Full_name="Анна")]).decode()
    if kind == "json":
        text = json.dumps([row("a", Full_name="Анна")], ensure_ascii=False)
    assert next(table(text.encode(encoding), f"x.{kind}", encoding=encoding).rows)[1][1] == "Анна"


def test_an_encoding_that_is_none_of_text_is_refused() -> None:
    with pytest.raises(FileRefused, match="not known here"):
        table(_GOOD, encoding="zip_codec")


def test_a_gigabyte_is_refused_by_its_size_and_not_read() -> None:
    class Huge(io.RawIOBase):
        def seek(self, offset: int, whence: int = 0) -> int:
            return 2**30 if whence == 2 else offset

        def read(self, size: int = -1) -> bytes:
            raise AssertionError("it was read")

    with pytest.raises(FileRefused, match=r"1,024\.0 MiB; at most 16 MiB"):
        open_table(Huge(), "x.csv", UPLOAD)  # type: ignore[arg-type]


def test_a_body_of_a_gigabyte_is_refused_before_it_is_sent(instance: Callable[..., Any]) -> None:
    head = "POST /api/contacts/import/ HTTP/1.1\r\nHost: x\r\nContent-Length: 1073741824\r\n"
    with socket.create_connection(("127.0.0.1", instance("rest-1").port), timeout=30) as connection:
        connection.sendall(f"{head}Content-Type: multipart/form-data; boundary=b\r\n\r\n--b\r\n".encode())
        answer = http.client.HTTPResponse(connection, method="POST")
        answer.begin()  # head and body may come apart
        assert answer.status == 413
        assert "at most 16 MiB" in answer.read().decode()


def test_a_bomb_takes_no_memory() -> None:
    bomb = _book(SHEET, _sheet(_LONG_ROW))
    tracemalloc.start()
    with pytest.raises(FileRefused):
        table(bomb, "x.xlsx")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4 * MIB


def test_rows_are_limited_also_blank_ones() -> None:
    with pytest.raises(FileRefused, match="more than 100 rows"):
        list(table(written("csv", [row(f"a{n}") for n in range(101)]), limits=SMALL).rows)
    far = workbook([*_LINES, *[[None]] * 200, _LINES[1]])
    with pytest.raises(FileRefused, match="more than 100 rows"):
        list(table(far, "x.xlsx", limits=SMALL).rows)


def test_a_formula_and_an_error_are_no_values_in_a_workbook(api: APIClient) -> None:
    lines = [*_LINES, list(row("b", Note="=1+1").values()), list(row("c", Balance="#N/A").values())]
    upload = SimpleUploadedFile("x.xlsx", workbook(lines))
    told = api.post("/api/contacts/import/?mode=keep-good-rows", {"file": upload}, format="multipart").json()
    assert [(one["row"], one["field"]) for one in told["refusals"]] == [(3, "Note"), (4, "Balance")]


def test_a_workbook_with_two_sheets_or_another_calendar_is_refused() -> None:
    two, old = Workbook(), Workbook()
    two.create_sheet("other")
    old.epoch = CALENDAR_MAC_1904
    for book, says in ((two, "2 sheets"), (old, "1904")):
        file = io.BytesIO()
        book.save(file)
        with pytest.raises(FileRefused, match=says):
            table(file.getvalue(), "x.xlsx")
