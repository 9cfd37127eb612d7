"""Is an xlsx small enough to be unpacked? Asked by workbooks.py before openpyxl sees it.

A few kilobytes can unpack to gigabytes, in many parts, in one part, or in one row. The archive's own list gives the
sizes (and zipfile gives no more of a part than that says). A sheet is then read once by the XML parser alone, which
keeps nothing, to see that no row has more in it than a row of ours can have: openpyxl holds a whole row.
"""

import zipfile
from typing import BinaryIO, NoReturn
from xml.parsers import expat

from openpyxl.reader.excel import ExcelReader

from rest_demo.contacts.limits import MAX_COLUMNS, MIB, Limits
from rest_demo.errors import FileRefused

_SHEETS = "xl/worksheets/"
_SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
_MOST_PARTS = 1000
_MOST_ELEMENTS = MAX_COLUMNS * 16
_LONGEST_ROW = MIB


def refuse_a_bomb(file: BinaryIO, limits: Limits) -> None:
    """Raises FileRefused; what zipfile, expat and openpyxl raise where it is no workbook at all."""
    with zipfile.ZipFile(file) as archive:
        parts = archive.infolist()
        unpacked = sum(part.file_size for part in parts)
        held = sum(part.file_size for part in parts if not part.filename.startswith(_SHEETS))
        if unpacked > limits.unpacked or held > limits.held or len(parts) > _MOST_PARTS:
            said = f"Unpacked it has {unpacked / MIB:,.0f} MiB in {len(parts)} parts"
            most = f"at most {limits.unpacked // MIB} MiB, and {limits.held // MIB} MiB beside the sheet"
            raise FileRefused(f"{said}; {most} are unpacked here. As csv it may pass.", 413)
        for part in parts:
            if part.filename.startswith(_SHEETS) and part.filename.endswith(".xml"):
                with archive.open(part) as sheet:
                    _RowByRow().read(sheet)
    reader = ExcelReader(file, read_only=True, keep_links=False)
    reader.read_manifest()
    for part in reader.package.Override:
        if part.PartName.lstrip("/").startswith(_SHEETS) and part.ContentType != _SHEET_TYPE:
            raise FileRefused("It keeps other things than sheets among its sheets.")


class _RowByRow:
    """Counts what stands between two beginnings of a row."""

    def __init__(self) -> None:
        self._elements = self._characters = 0
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._element
        self._parser.CharacterDataHandler = self._text
        self._parser.EntityDeclHandler = self._entity

    def read(self, sheet: "zipfile.ZipExtFile") -> None:
        self._parser.ParseFile(sheet)

    def _element(self, name: str, attributes: dict[str, str]) -> None:
        if name == "row" or name.endswith(":row"):
            self._elements = self._characters = 0
        self._elements += 1
        if self._elements > _MOST_ELEMENTS:
            raise FileRefused(f"A row of it has more than {MAX_COLUMNS} cells.", 413)

    def _text(self, text: str) -> None:
        self._characters += len(text)
        if self._characters > _LONGEST_ROW:
            raise FileRefused("A row of it is longer than a row of contacts can be.", 413)

    def _entity(self, *declared: object) -> NoReturn:
        raise FileRefused("Its XML declares entities; no spreadsheet program writes that.")
