"""`python -m rest_demo import FILE` and `export FILE`: contacts by the file, without HTTP and its limits.

Refused rows are named on stdout as they are met, one a line; the progress bar is on stderr, and only on a terminal.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import BinaryIO

from django.db import InterfaceError, OperationalError
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from rest_demo import settings
from rest_demo.contacts import by_default, exporting
from rest_demo.contacts.choices import FORMATS, Mode
from rest_demo.contacts.files import Table, open_table
from rest_demo.contacts.importing import Refusal, Report, import_contacts
from rest_demo.contacts.limits import COMMAND
from rest_demo.contacts.models import Contact
from rest_demo.errors import RestDemoError, RowsRefused, WrongUsage


def import_file(
    path: Path, mode: Mode, *, dry_run: bool, kind: str | None, encoding: str | None, as_json: bool
) -> None:
    """Raises RowsRefused, after the report, where rows were; FileRefused; WrongUsage for a file that cannot be read."""
    with _database_errors(), _opened(path) as file:
        if settings.read().options.import_resource == "default":
            report = by_default.import_contacts(file, kind or path.suffix[1:], mode, dry_run)
        else:
            report = _with_progress(open_table(file, path.name, COMMAND, kind, encoding), mode, dry_run, as_json)
    print(json.dumps(asdict(report)) if as_json else _sentence(report))
    if report.refused:
        raise RowsRefused(f"{report.refused:,} of {report.rows:,} rows were refused{_consequence(report)}")


def export_file(path: Path, kind: str | None, prefix: str) -> None:
    """The file appears when it is whole. Raises WrongUsage where it cannot be written."""
    kind = kind or path.suffix[1:].lower()
    if kind not in FORMATS:
        raise WrongUsage(f"{kind or path.name!r} is no format that is written here; there is {', '.join(FORMATS)}")
    part = path.with_name(f".{path.name}.part")
    try:
        with _database_errors(), part.open("wb") as file:
            count = exporting.write(file, kind, Contact.objects.filter(code__startswith=prefix))
        os.replace(part, path)
    except OSError as error:
        raise WrongUsage(f"{path} cannot be written: {error.strerror}") from error
    finally:
        part.unlink(missing_ok=True)
    print(f"{count:,} contacts written to {path}")


def _with_progress(table: Table, mode: Mode, dry_run: bool, quiet: bool) -> Report:
    def refused(refusal: Refusal) -> None:
        if not quiet:
            where = f"{refusal.field}: " if refusal.field else ""
            print(f"row {refusal.row}: {where}{refusal.reason}" + (f" ({refusal.value!r})" if refusal.value else ""))

    columns = (TextColumn("{task.fields[rows]:>10,} rows"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("import", total=1.0, rows=0)
        return import_contacts(
            table, mode, dry_run, refused, lambda rows: progress.update(task, completed=table.read, rows=rows)
        )


def _sentence(report: Report) -> str:
    if report.saved:
        done = f"{report.created:,} created, {report.updated:,} updated, {report.unchanged:,} unchanged"
    else:
        done = f"{report.good:,} good, nothing saved"
    return f"{report.rows:,} rows: {done}, {report.refused:,} refused, in {report.seconds:.1f} s"


def _consequence(report: Report) -> str:
    return "; the others are saved" if report.saved else "; nothing was saved"


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    try:
        file = path.open("rb")
    except OSError as error:
        raise WrongUsage(f"{path} cannot be read: {error.strerror}") from error
    with file:
        yield file


@contextmanager
def _database_errors() -> Iterator[None]:
    try:
        yield
    except (OperationalError, InterfaceError) as error:
        raise RestDemoError(f"PostgreSQL does not answer: {' '.join(str(error).split())}") from error
