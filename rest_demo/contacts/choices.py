"""What one may choose when contacts are imported or exported, and what a file's columns are called.

Needs no Django: the command's parser asks, and the bench.
"""

from typing import Literal, get_args

Mode = Literal["all-or-nothing", "keep-good-rows"]
MODES: tuple[Mode, ...] = get_args(Mode)
FORMATS = ("csv", "xlsx", "json")
ENCODINGS = ("utf-8", "utf-16", "cp1251", "cp1252", "koi8-r", "latin-1")
COLUMNS = {
    "code": "Code",
    "full_name": "Full name",
    "email": "E-mail",
    "phone": "Phone",
    "region": "Region",
    "birth_date": "Birth date",
    "active": "Active",
    "visits": "Visits",
    "balance": "Balance",
    "note": "Note",
}
"""Column by field, in the order of a file."""
