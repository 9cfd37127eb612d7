"""Import and export as they are first written: import-export's defaults, and a report made of its totals.

What the strict way is measured against: `rest-import-truth --breaks`, `rest-import-round-trip --breaks`, the bench. An
instance that is told import_resource "default" in REST_DEMO_OPTIONS does so.
"""

import time
from typing import BinaryIO

from django.db.models import QuerySet
from import_export.formats import base_formats

from rest_demo.contacts.choices import Mode
from rest_demo.contacts.importing import Refusal, Report
from rest_demo.contacts.models import Contact
from rest_demo.contacts.resource import DefaultContactResource
from rest_demo.errors import FileRefused

FORMATS = {"csv": base_formats.CSV, "xlsx": base_formats.XLSX, "json": base_formats.JSON}


def import_contacts(file: BinaryIO, kind: str, mode: Mode, dry_run: bool = False) -> Report:
    """The report says what `totals` say, as a page or a log line usually does. Raises FileRefused."""
    if kind not in FORMATS:
        raise FileRefused(f"{kind!r} is no format that is read here.", 415)
    began = time.monotonic()
    dataset = FORMATS[kind](encoding="utf-8-sig").create_dataset(file.read())
    result = DefaultContactResource().import_data(
        dataset, dry_run=dry_run, rollback_on_validation_errors=mode == "all-or-nothing"
    )
    told = result.totals
    report = Report(mode, dry_run, rows=result.total_rows, seconds=round(time.monotonic() - began, 3))
    report.created, report.updated, report.unchanged = told["new"], told["update"], told["skip"]
    report.refused = told["error"] + told["invalid"]
    report.good = report.rows - report.refused
    report.saved = not dry_run
    for row in result.invalid_rows:
        for field, sentences in row.error_dict.items():
            report.refusals += [Refusal(row.number + 1, field, "", str(sentence)) for sentence in sentences]
    for number, errors in result.row_errors():
        report.refusals += [Refusal(number + 1, "", "", str(error.error)[:200]) for error in errors]
    return report


def export(kind: str, contacts: QuerySet[Contact]) -> bytes:
    """As import-export's admin does it: xlsx with native types, the others as text."""
    dataset = DefaultContactResource().export(contacts, force_native_type=kind == "xlsx")
    made = FORMATS[kind]().export_data(dataset)
    return made.encode() if isinstance(made, str) else made
