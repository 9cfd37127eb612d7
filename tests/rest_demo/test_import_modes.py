"""Importing as the API, the command and the admin do it: two modes, counts that are the database's, and no halves."""

import itertools
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import DataError, connection

from rest_demo.contacts import importing, resource
from rest_demo.contacts.importing import CHUNK, Report, import_contacts
from rest_demo.contacts.models import Contact
from rest_demo.errors import FileRefused, ImportBusy, ImportFailed
from tests.rest_demo.contact_files import COLUMNS, row, table, written

pytestmark = pytest.mark.django_db


def taken(*rows: dict[str, Any], mode: Any = "all-or-nothing", **more: Any) -> Report:
    return import_contacts(table(written("csv", rows)), mode, **more)


def refusals(report: Report) -> list[tuple[int, str]]:
    return [(refusal.row, refusal.field) for refusal in report.refusals]


def test_all_or_nothing_saves_nothing_when_one_row_is_refused() -> None:
    report = taken(row("a"), row("b", Birth_date="31.02.1990"), row("c"))
    assert (report.saved, report.good, report.refused, report.created) == (False, 2, 1, 0)
    assert refusals(report) == [(3, "Birth date")]
    assert not Contact.objects.exists()


def test_keep_good_rows_leaves_out_the_refused_ones() -> None:
    report = taken(row("a"), row("b", Birth_date="31.02.1990"), row("c"), mode="keep-good-rows")
    assert (report.saved, report.good, report.refused, report.created) == (True, 2, 1, 2)
    assert list(Contact.objects.values_list("code", flat=True)) == ["a", "c"]


@pytest.mark.parametrize("mode", ["all-or-nothing", "keep-good-rows"])
def test_a_dry_run_says_what_is_refused_and_saves_nothing(mode: str) -> None:
    report = taken(row("a"), row("b", Active="yes"), mode=mode, dry_run=True)
    assert (report.saved, report.created, report.good) == (False, 0, 1)
    assert refusals(report) == [(3, "Active")]
    assert not Contact.objects.exists()


def test_every_wrong_field_of_a_row_is_named_with_what_stood_there() -> None:
    report = taken(row("a", E_mail="anna", Phone="123", Visits="3.7", Balance="12,50", Active="yes", Note="x" * 201))
    assert {field for _, field in refusals(report)} == {"E-mail", "Phone", "Visits", "Balance", "Active", "Note"}
    assert {refusal.field: refusal.value for refusal in report.refusals}["Visits"] == "3.7"
    assert all(refusal.reason.endswith(".") for refusal in report.refusals)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("Code", ""), ("Code", "a b"), ("Code", "import"), ("Code", "x" * 33), ("Code", "a\n"), ("Full name", ""),
        ("Full name", "x" * 121), ("Full name", "two\nlines"), ("Region", ""), ("Region", "North"), ("Visits", "-1"),
        ("Visits", "2147483648"), ("Balance", "1.005"), ("Balance", "100000000.00"), ("Birth date", "31.12.1899"),
        ("Birth date", "2990-01-01"), ("E-mail", "anna@"), ("Note", " a"),
    ],
)  # fmt: skip
def test_what_the_model_says_of_a_contact_holds_for_its_import(column: str, value: str) -> None:
    report = taken(row("a") | {column: value})
    assert refusals(report) == [(2, column)]


def test_rows_are_created_updated_or_unchanged_by_their_codes() -> None:
    taken(row("a"), row("b"))
    first = Contact.objects.get(code="a")
    report = taken(row("a", Note="new"), row("b"), row("c"))
    assert (report.created, report.updated, report.unchanged) == (1, 1, 1)
    assert Contact.objects.get(code="a").note == "new"
    assert Contact.objects.get(code="a").pk == first.pk


def test_the_same_file_again_changes_nothing() -> None:
    rows = [row(f"a{n}") for n in range(5)]
    taken(*rows)
    again = taken(*rows)
    assert (again.created, again.updated, again.unchanged, again.saved) == (0, 0, 5, True)


def test_a_column_that_is_left_out_leaves_what_is_there() -> None:
    taken(row("a"))
    import_contacts(table(b"Code,Full name,Region\na,Boris,south\n"), "all-or-nothing")
    contact = Contact.objects.get(code="a")
    assert (contact.full_name, contact.region, contact.note, str(contact.balance)) == (
        "Boris",
        "south",
        "a note",
        "12.50",
    )


def test_a_code_that_stands_twice_is_refused_the_second_time_by_the_row_of_the_first() -> None:
    report = taken(row("a"), row("b"), row("a", Note="other"), mode="keep-good-rows")
    assert refusals(report) == [(4, "Code")]
    assert "row 2" in report.refusals[0].reason
    assert Contact.objects.get(code="a").note == "a note"


def test_a_code_that_stands_twice_is_found_across_thousands_of_rows() -> None:
    rows = [row(f"a{n}") for n in range(2 * CHUNK + 10)]
    report = taken(*rows, row("a5"))
    assert refusals(report) == [(2 * CHUNK + 12, "Code")]


@pytest.mark.parametrize("count", [CHUNK - 1, CHUNK, CHUNK + 1])
def test_the_counts_are_right_at_the_edge_of_a_thousand(count: int) -> None:
    seen: list[int] = []
    rows = [row(f"a{n}") for n in range(count)]
    assert taken(*rows, on_progress=seen.append).created == count == Contact.objects.count()
    assert seen[-1] == count


def test_rows_of_the_wrong_length_are_refused_by_their_number() -> None:
    report = import_contacts(
        table(b"Code,Full name,Region\na,Anna,north\nb,Boris\n\nc,Vera,south,x\n"), "keep-good-rows"
    )
    assert refusals(report) == [(3, ""), (5, "")]
    assert list(Contact.objects.values_list("code", flat=True)) == ["a"]


@pytest.mark.parametrize("mode", ["all-or-nothing", "keep-good-rows"])
def test_a_file_that_breaks_in_the_middle_saves_nothing_in_either_mode(mode: Any) -> None:
    rows = written("csv", [row(f"a{n}") for n in range(CHUNK + 5)])
    with pytest.raises(FileRefused, match="UTF-8"):
        import_contacts(table(rows + b"z,\xcf\xf0\xe8,,,north,,true,1,1,\n"), mode)
    assert not Contact.objects.exists()


def test_what_the_database_refuses_after_all_saves_nothing_and_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = itertools.count()
    real = resource.upsert

    def second_fails(contacts: Any) -> Any:
        if next(calls):
            raise DataError("no room")
        return real(contacts)

    monkeypatch.setattr(resource, "upsert", second_fails)
    with pytest.raises(ImportFailed, match="no room"):
        taken(*(row(f"a{n}") for n in range(CHUNK + 5)), mode="keep-good-rows")
    assert not Contact.objects.exists()


def test_a_database_that_took_fewer_rows_than_were_good_is_no_success(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "upsert", lambda contacts: resource.Written(len(contacts) - 1, 0))
    with pytest.raises(ImportFailed, match="took only"):
        taken(row("a"), row("b"))


def test_rows_are_read_as_they_are_taken_and_not_all_at_once() -> None:
    read, ahead = [0], [0]

    def rows() -> Iterator[tuple[int, list[Any]]]:
        for number in range(2, 3 * CHUNK):
            read[0] += 1
            yield number, [f"a{number}", "Anna", "north"]

    found = table(b"Code,Full name,Region\na,Anna,north\n")
    assert [number for number, _ in found.rows] == [2]
    found.rows = rows()
    import_contacts(found, "all-or-nothing", on_progress=lambda done: ahead.append(read[0] - done))
    assert max(ahead) <= 1


def test_an_import_waits_for_another_one_and_not_for_ever() -> None:
    told = connection.get_connection_params()
    names = ("host", "port", "user", "password", "dbname")
    with psycopg.connect(**{name: told[name] for name in names}, autocommit=True) as other:
        other.execute("select pg_advisory_lock(%s)", [importing._LOCK])
        with pytest.raises(ImportBusy, match="under way"):
            taken(row("a"), patience=0.2)
        other.execute("select pg_advisory_unlock(%s)", [importing._LOCK])
        assert taken(row("a"), patience=0.2).created == 1


def test_more_refusals_than_a_report_carries_are_all_counted_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "MOST_TOLD", 3)
    told: list[Any] = []
    report = taken(*(row(f"a{n}", Active="yes") for n in range(5)), on_refusal=told.append)
    assert (report.refused, len(report.refusals), len(told)) == (5, 3, 5)


@pytest.mark.parametrize(
    ("header", "says"),
    [
        ("Code,Full name,Region,Birth dat", "'Birth dat' .do you mean 'Birth date'"),
        ("Code,Full name,Region,Shoe size", "'Shoe size'.*There is: Code"),
        ("code,full_name,region", "do you mean 'Code'"),
        ("Code,Full name,Region,id", "'id'"),
        ("Code,Full name", "missing: Region"),
        ("Code,Full name,Region,Code", "twice: Code"),
        ("Code,Full name,Region,", "Unknown columns: ''"),
    ],
)
def test_a_header_must_fit_and_the_nearest_name_is_said(header: str, says: str) -> None:
    cells = ",".join("x" for _ in header.split(","))
    with pytest.raises(FileRefused, match=says):
        import_contacts(table(f"{header}\n{cells}\n".encode()), "keep-good-rows")
    assert not Contact.objects.exists()


@pytest.mark.parametrize("kind", ["csv", "xlsx", "json"])
def test_each_format_is_taken_alike(kind: str) -> None:
    report = import_contacts(table(written(kind, [row("a"), row("b", Active="yes")]), f"x.{kind}"), "keep-good-rows")
    assert (report.created, [refusal.field for refusal in report.refusals]) == (1, ["Active"])
    assert str(Contact.objects.get().birth_date) == "1990-12-31"


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_a_csv_may_be_cut_by_semicolons_or_tabs(delimiter: str) -> None:
    text = "\n".join(delimiter.join(line) for line in (COLUMNS, list(row("a").values())))
    assert import_contacts(table(text.encode()), "all-or-nothing").created == 1
