"""An exported file as a person's program sees it: read, looked through for formulas, edited in place, written again.

Nothing of the service is used for that, so a mistake there is not made twice.
"""

import csv
import io
import json
import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from openpyxl import load_workbook

KINDS = ("csv", "xlsx", "json")
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_BEGINS = ("=", "+", "-", "@", "\t", "\r")


def opened(kind: str, content: bytes) -> "Sheet":
    return {"csv": _Csv, "xlsx": _Xlsx, "json": _Json}[kind](content)


class Sheet:
    """One file. Rows are texts by column."""

    cells = 0

    def formulas(self) -> list[str]:
        """The cells that a spreadsheet would compute, as they stand there."""
        raise NotImplementedError

    def rows(self) -> list[dict[str, str]]:
        raise NotImplementedError

    def edit(self, key: str, code: str, values: Mapping[str, str]) -> None:
        """Set cells of the row whose column `key` reads `code`; birth dates are given as YYYY-MM-DD."""
        raise NotImplementedError

    def content(self) -> bytes:
        raise NotImplementedError


class _Csv(Sheet):
    def __init__(self, content: bytes) -> None:
        self._header, *self._rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
        self.cells = len(self._rows) * len(self._header)

    def formulas(self) -> list[str]:
        return [c for row in self._rows for c in row if c.startswith(_BEGINS) and not _NUMBER.fullmatch(c)]

    def rows(self) -> list[dict[str, str]]:
        return [dict(zip(self._header, row, strict=True)) for row in self._rows]

    def edit(self, key: str, code: str, values: Mapping[str, str]) -> None:
        row = next(row for row in self._rows if row[self._header.index(key)] == code)
        for name, value in values.items():
            place = self._header.index(name)
            if re.fullmatch(r"\d\d\.\d\d\.\d{4}", row[place]):
                value = f"{date.fromisoformat(value):%d.%m.%Y}"
            row[place] = value

    def content(self) -> bytes:
        file = io.StringIO()
        csv.writer(file).writerows([self._header, *self._rows])
        return file.getvalue().encode()


class _Xlsx(Sheet):
    def __init__(self, content: bytes) -> None:
        self._book = load_workbook(io.BytesIO(content))
        self._sheet = self._book.worksheets[0]
        self._header = [cell.value for cell in self._sheet[1]]
        self.cells = (self._sheet.max_row - 1) * len(self._header)

    def formulas(self) -> list[str]:
        return [str(c.value) for row in self._sheet.iter_rows(min_row=2) for c in row if c.data_type == "f"]

    def rows(self) -> list[dict[str, str]]:
        return [
            dict(zip(self._header, [_shown(cell) for cell in row], strict=True))
            for row in self._sheet.iter_rows(min_row=2)
        ]

    def edit(self, key: str, code: str, values: Mapping[str, str]) -> None:
        row = next(r for r in self._sheet.iter_rows(min_row=2) if r[self._header.index(key)].value == code)
        for name, value in values.items():
            cell = row[self._header.index(name)]
            if isinstance(cell.value, date):
                cell.value = datetime.fromisoformat(value)
            elif isinstance(cell.value, int | float):
                cell.value = float(value)
            else:
                cell.value, cell.data_type = value, "s"

    def content(self) -> bytes:
        file = io.BytesIO()
        self._book.save(file)
        return file.getvalue()


class _Json(Sheet):
    def __init__(self, content: bytes) -> None:
        self._rows: list[dict[str, Any]] = json.loads(content, parse_float=Decimal)
        self.cells = sum(map(len, self._rows))

    def formulas(self) -> list[str]:
        return []

    def rows(self) -> list[dict[str, str]]:
        return [{name: str(value) for name, value in row.items()} for row in self._rows]

    def edit(self, key: str, code: str, values: Mapping[str, str]) -> None:
        next(row for row in self._rows if row[key] == code).update(values)

    def content(self) -> bytes:
        return json.dumps(self._rows, default=str).encode()


def _shown(cell: Any) -> str:
    if isinstance(cell.value, date):
        return f"{cell.number_format} {cell.value:%Y-%m-%d}"
    return str(cell.value)
