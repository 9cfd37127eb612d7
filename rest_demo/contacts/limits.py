"""How much of a file is read at most. files.py, workbooks.py and archives.py keep to it; who opens a file chooses."""

from dataclasses import dataclass

from rest_demo.errors import FileRefused

MIB = 2**20
MAX_COLUMNS = 64


@dataclass(frozen=True, slots=True)
class Limits:
    """More is refused. In bytes, but for `rows`."""

    size: int
    rows: int
    unpacked: int
    """Of all parts of an xlsx together."""
    held: int
    """Of those parts of an xlsx that are held in memory: all but the sheet, which is read a row at a time."""


UPLOAD = Limits(16 * MIB, 200_000, 128 * MIB, 4 * MIB)
IN_THE_ADMIN = Limits(2 * MIB, 2_000, 32 * MIB, 2 * MIB)
"""Its preview holds every row in memory and on the page."""
COMMAND = Limits(512 * MIB, 2_000_000, 1024 * MIB, 256 * MIB)


def too_large(size: int, most: int) -> FileRefused:
    """Also for those who know the size before there is a file."""
    said = f"It has {size / MIB:,.1f} MiB; at most {most / MIB:.0f} MiB are taken here."
    return FileRefused(f"{said} Cut it, or use the command: python -m rest_demo import FILE", 413)
