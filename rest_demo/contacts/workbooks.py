"""xlsx, a row at a time, in and out. An archive is asked for its sizes before anything of it is unpacked."""

import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any, BinaryIO
from xml.parsers.expat import ExpatError

from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.utils.datetime import CALENDAR_WINDOWS_1900
from openpyxl.utils.exceptions import InvalidFileException

from rest_demo.contacts.archives import refuse_a_bomb
from rest_demo.contacts.formulas import Formula, unescaped
from rest_demo.contacts.limits import MAX_COLUMNS, Limits
from rest_demo.errors import FileRefused

_NOT_A_WORKBOOK = (
    zipfile.BadZipFile,
    zlib.error,
    InvalidFileException,
    SyntaxError,  # ElementTree's
    ExpatError,
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    NotImplementedError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
)
"""What openpyxl lets through where an archive is none, or holds other things than a workbook."""

Row = tuple[int, list[Any]]


def rows(file: BinaryIO, limits: Limits) -> Iterator[Row]:
    """The one sheet's rows, the header first, without those that are blank. Raises FileRefused."""
    with _a_workbook():
        refuse_a_bomb(file, limits)
        workbook = load_workbook(file, read_only=True, keep_links=False)
        if len(workbook.worksheets) != 1:
            raise FileRefused(f"It has {len(workbook.worksheets)} sheets; keep one.")
        if workbook.epoch != CALENDAR_WINDOWS_1900:
            raise FileRefused("Its dates count from 1904; save it with the calendar from 1900.")
        sheet = workbook.worksheets[0]
        sheet.reset_dimensions()  # what a file says of its size is no reason to make room for it
        width = 0
        for number, cells in enumerate(sheet.iter_rows(max_col=MAX_COLUMNS + 1), 1):
            if number > limits.rows + 1:
                raise FileRefused(f"It has more than {limits.rows:,} rows, counted with blank ones.", 413)
            found = [_value(cell) for cell in cells]
            while found and found[-1] is None:
                found.pop()
            if found:
                width = width or len(found)
                yield number, found + [None] * (width - len(found))


def write(file: BinaryIO, header: list[str], lines: Iterable[list[Any]]) -> None:
    """One sheet; texts are texts, whatever they begin with, and dates are dates."""
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet("Contacts")
    sheet.freeze_panes = "A2"
    sheet.append(header)
    for line in lines:
        sheet.append([_cell(sheet, value) for value in line])
    workbook.save(file)


def _cell(sheet: Any, value: Any) -> Any:
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "'", "#"):
        cell = WriteOnlyCell(sheet, value=f"'{value}" if value.startswith("'") else value)
        cell.data_type = "s"
        cell.quotePrefix = True
        return cell
    if isinstance(value, date):
        cell = WriteOnlyCell(sheet, value=value)
        cell.number_format = "DD.MM.YYYY"
        return cell
    return value


def _value(cell: Any) -> Any:
    if cell.data_type == "f":
        return Formula("a formula")
    if cell.data_type == "e":
        return Formula(f"the error {cell.value}")
    return unescaped(cell.value) if isinstance(cell.value, str) else cell.value


@contextmanager
def _a_workbook() -> Iterator[None]:
    try:
        yield
    except FileRefused:
        raise
    except _NOT_A_WORKBOOK as error:
        said = f"{type(error).__name__}: {error}"[:200]
        raise FileRefused(f"It is no xlsx workbook that can be read ({said}).") from error
