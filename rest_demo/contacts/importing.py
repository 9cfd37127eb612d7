"""Takes a table of contacts into the database: a thousand rows at a time, all in one transaction, and says what it did.

    file --> files.open_table --> header, rows --> ContactResource --> one statement for each thousand --> Report

Two modes. "all-or-nothing": one refused row, and nothing is saved. "keep-good-rows": refused rows are left out. In both
nothing is saved of a file that cannot be read to its end. Asked by the API, the command and the admin's confirmation.
"""

import itertools
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import InterfaceError, OperationalError, connection, transaction
from import_export.results import Result
from psycopg.errors import LockNotAvailable

from rest_demo.contacts.choices import COLUMNS, Mode
from rest_demo.contacts.files import Table
from rest_demo.contacts.resource import ContactResource, Numbered
from rest_demo.errors import ImportBusy, ImportFailed

CHUNK = 1000
_LOCK = 727002
MOST_TOLD = 1000
"""Refusals that a report carries; it counts all, and whoever wants each is told each."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a row was refused. field: the column, empty where it is the row itself. value: what stood there."""

    row: int
    field: str
    value: str
    reason: str


@dataclass(slots=True)
class Report:
    """What an import did. Counts are of rows; created and updated are what the database said, and stand in it now:
    none where nothing was saved. good: passed, unchanged ones included. seconds: from the first row to the commit."""

    mode: Mode
    dry_run: bool
    rows: int = 0
    good: int = 0
    refused: int = 0
    unchanged: int = 0
    created: int = 0
    updated: int = 0
    saved: bool = False
    seconds: float = 0.0
    refusals: list[Refusal] = field(default_factory=list)


def import_contacts(
    table: Table,
    mode: Mode,
    dry_run: bool = False,
    on_refusal: Callable[[Refusal], None] = lambda refusal: None,
    on_progress: Callable[[int], None] = lambda rows: None,
    patience: float | None = None,
) -> Report:
    """on_progress: told the rows so far. patience: seconds for which an import that is under way is waited for.

    Raises FileRefused, ImportBusy and ImportFailed, and then nothing was saved.
    """
    resource, report, began = ContactResource(), Report(mode, dry_run), time.monotonic()
    resource.check_header(table.header)
    with transaction.atomic():
        _wait_for_others(patience)
        for numbers, rows in _chunks(table.rows):
            refusals, unchanged = _import(resource, table.header, numbers, rows)
            for refusal in refusals:
                _refuse(report, refusal, on_refusal)
            report.rows += len(rows)
            report.refused += len({refusal.row for refusal in refusals})
            report.unchanged += unchanged
            on_progress(report.rows)
        report.good = report.rows - report.refused
        written = resource.written
        if report.good != report.unchanged + written.created + written.updated:
            raise ImportFailed(f"Nothing was saved: of {report.good} good rows the database took only {written}.")
        report.saved = not dry_run and (mode == "keep-good-rows" or not report.refused)
        if not report.saved:
            transaction.set_rollback(True)
    report.seconds = round(time.monotonic() - began, 3)
    if report.saved:
        report.created, report.updated = written.created, written.updated
    return report


def _wait_for_others(patience: float | None) -> None:
    """Until the end of the transaction nobody else imports: two files with the same codes in them could wait for each
    other's rows for ever, and PostgreSQL would have to end one of them."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"set local lock_timeout = {int((patience or 0) * 1000)}")
            cursor.execute("select pg_advisory_xact_lock(%s)", [_LOCK])
            cursor.execute("set local lock_timeout = 0")
    except OperationalError as error:
        if isinstance(error.__cause__, LockNotAvailable):
            raise ImportBusy("Another import is under way. Try again when it is done.") from error
        raise


def _import(
    resource: ContactResource, header: list[Any], numbers: list[int], rows: list[list[Any]]
) -> tuple[list[Refusal], int]:
    """Writes the good ones of these rows. The refusals of the others, in their order; how many rows change nothing."""
    cells = dict(zip(numbers, rows, strict=True))
    whole = {number: row for number, row in cells.items() if len(row) == len(header)}
    refusals = [
        Refusal(number, "", "", f"Has {len(row)} cells where the header has {len(header)}.")
        for number, row in cells.items()
        if number not in whole
    ]
    dataset = Numbered(*whole.values(), headers=header)
    dataset.numbers = list(whole)
    result = resource.import_data(dataset, use_transactions=True)
    if result.has_errors():
        error = _first_error(result)
        if isinstance(error, OperationalError | InterfaceError):
            raise error
        raise ImportFailed(f"Nothing was saved: {' '.join(str(error).split())}") from error
    for row in result.invalid_rows:
        refusals += refusals_of(row.number, row.error_dict, dict(zip(header, whole[row.number], strict=True)))
    return sorted(refusals, key=lambda refusal: refusal.row), result.totals["skip"]


def refusals_of(row: int, errors: dict[str, list[str]], cells: dict[str, Any]) -> Iterator[Refusal]:
    """errors: sentences by field, as import-export collects them. cells: the row's, by column."""
    for name, sentences in errors.items():
        column = COLUMNS.get(name, "")
        value = cells.get(column)
        for sentence in sentences:
            yield Refusal(row, column, "" if value is None else str(value)[:80], str(sentence))


def _refuse(report: Report, refusal: Refusal, on_refusal: Callable[[Refusal], None]) -> None:
    if len(report.refusals) < MOST_TOLD:
        report.refusals.append(refusal)
    on_refusal(refusal)


def _first_error(result: Result) -> Exception:
    errors = [*result.base_errors, *(error for _, row in result.row_errors() for error in row)]
    return errors[0].error


def _chunks(rows: Iterator[tuple[int, list[Any]]]) -> Iterator[tuple[list[int], list[list[Any]]]]:
    while chunk := list(itertools.islice(rows, CHUNK)):
        yield [number for number, _ in chunk], [cells for _, cells in chunk]
