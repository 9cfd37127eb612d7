"""csv, xlsx and JSON for import-export's admin, read and written by our own files.py and exporting.py."""

from io import BytesIO
from typing import Any

from import_export.formats.base_formats import Format

from rest_demo.contacts import exporting
from rest_demo.contacts.files import open_table
from rest_demo.contacts.limits import IN_THE_ADMIN
from rest_demo.contacts.resource import ContactResource, Numbered
from rest_demo.errors import FileRefused


class OurFormat(Format):
    """Binary to import-export in every case: how text is encoded is our own affair."""

    kind = ""

    def __init__(self, encoding: str | None = None) -> None:
        """encoding: what the admin has as its own, which is not asked for."""

    def get_title(self) -> str:
        return self.kind

    def get_extension(self) -> str:
        return self.kind

    def get_content_type(self) -> str:
        return exporting.CONTENT_TYPES[self.kind]

    def can_import(self) -> bool:
        return True

    def can_export(self) -> bool:
        return True

    def create_dataset(self, data: bytes | None) -> Numbered:
        """Raises FileRefused."""
        if data is None:
            raise FileRefused("The uploaded file is not there any more.")
        table = open_table(BytesIO(data), f"upload.{self.kind}", IN_THE_ADMIN)
        ContactResource.check_header(table.header)
        dataset, numbers = Numbered(headers=table.header), []
        for number, cells in table.rows:
            if len(cells) != len(table.header):
                raise FileRefused(f"Row {number} has {len(cells)} cells where the header has {len(table.header)}.")
            dataset.append(cells)
            numbers.append(number)
        dataset.numbers = numbers
        return dataset


class CSV(OurFormat):
    kind = "csv"


class XLSX(OurFormat):
    kind = "xlsx"


class JSON(OurFormat):
    kind = "json"


FORMATS = (CSV, XLSX, JSON)


def written(kind: str, contacts: Any) -> bytes:
    """A file of these contacts."""
    file = BytesIO()
    exporting.write(file, kind, contacts)
    return file.getvalue()
