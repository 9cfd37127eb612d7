"""The files that `rest-import-truth` imports: three rows each, and in most of them one thing wrong, or the header.

A row is fields by name, as text. Which rows are bad is said here, by a person, and not asked of the service.
"""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from rest_demo.scenarios.import_world import COLUMNS, FIELDS

ROWS = 3
BAD_ROW = 3
"""The number of the row in the middle, as a spreadsheet counts: the header is row 1."""
Row = dict[str, str]


@dataclass(frozen=True)
class Case:
    """spoil: what is different in the middle row. rename: columns by field, where the header is wrong."""

    name: str
    spoil: Mapping[str, str] = field(default_factory=dict)
    rename: Mapping[str, str] = field(default_factory=dict)

    @property
    def whole(self) -> bool:
        return bool(self.rename)

    @property
    def bad(self) -> list[int]:
        return [BAD_ROW] if self.spoil else []


CLEAN = [Case("nothing wrong")]
SPOILT = [
    Case("no such day", {"birth_date": "31.02.1990"}),
    Case("a number in words", {"balance": "twelve"}),
    Case("no whole number", {"visits": "3.7"}),
    Case("yes for true", {"active": "yes"}),
    Case("no e-mail", {"email": "anna.example.com"}),
    Case("no phone", {"phone": "12345"}),
    Case("no name", {"full_name": ""}),
    Case("too long", {"note": "x" * 300}),
    Case("a code twice", {"code": "0"}),
    Case("a misspelt column", rename={"birth_date": "Birth dat"}),
    Case("an unknown column", rename={"note": "Shoe size"}),
]
Resource = Literal["strict", "default"]


def rows(case: Case, batch: str) -> list[Row]:
    """batch: what their codes begin with."""
    found = [
        {
            "code": f"{batch}{number}", "full_name": f"Anna {number}", "email": f"anna{number}@example.com",
            "phone": "+79161234567", "region": "north", "birth_date": "1990-12-31", "active": "true", "visits": "3",
            "balance": "12.50", "note": f"row {number}",
        }
        for number in range(ROWS)
    ]  # fmt: skip
    for name, value in case.spoil.items():
        found[1][name] = f"{batch}{value}" if name == "code" else value
    return found


def as_csv(
    found: Sequence[Mapping[str, str]],
    resource: Resource,
    rename: Mapping[str, str] | None = None,
    without: Sequence[str] = (),
) -> bytes:
    """A file with the columns that this resource wants, but for those renamed or left out."""
    own: Callable[[str], str] = dict(zip(FIELDS, COLUMNS, strict=True)).__getitem__ if resource == "strict" else str
    names = [name for name in FIELDS if name not in without]
    header = [(rename or {}).get(name, own(name)) for name in names]
    file = io.StringIO()
    csv.writer(file).writerows([header, *([row[name] for name in names] for row in found)])
    return file.getvalue().encode()
