"""The import and the export over HTTP: parameters, statuses, reports, and files that come back unchanged."""

import csv
import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from rest_demo.contacts.models import Contact
from tests.rest_demo.contact_files import COLUMNS, row, written


def post(api: APIClient, *rows: dict[str, Any], kind: str = "csv", query: str = "") -> Any:
    upload = SimpleUploadedFile(f"contacts.{kind}", written(kind, rows))
    return api.post(f"/api/contacts/import/{query}", {"file": upload}, format="multipart")


@pytest.mark.parametrize("kind", ["csv", "xlsx", "json"])
def test_a_good_file_is_answered_with_what_the_database_has_more(api: APIClient, kind: str) -> None:
    answer = post(api, row("a"), row("b"), kind=kind)
    told = answer.json()
    assert (answer.status_code, told["created"], told["saved"], told["refusals"]) == (200, 2, True, [])
    assert Contact.objects.count() == 2


def test_refused_rows_make_a_problem_of_all_or_nothing_with_the_report_in_it(api: APIClient) -> None:
    answer = post(api, row("a"), row("b", Visits="3.7"))
    told = answer.json()
    assert (answer.status_code, answer["Content-Type"]) == (422, "application/problem+json")
    assert told["type"] == "urn:lab:rest:rows-refused"
    assert told["report"]["refusals"] == [
        {"row": 3, "field": "Visits", "value": "3.7", "reason": "'3.7' is no whole number; write digits only."}
    ]
    assert not Contact.objects.exists()


def test_refused_rows_are_reported_when_good_ones_are_kept(api: APIClient) -> None:
    answer = post(api, row("a"), row("b", Visits="3.7"), query="?mode=keep-good-rows")
    assert (answer.status_code, answer.json()["created"], answer.json()["refused"]) == (200, 1, 1)


def test_a_dry_run_answers_the_question_and_saves_nothing(api: APIClient) -> None:
    answer = post(api, row("a"), row("b", Visits="3.7"), query="?dry_run=true")
    assert (answer.status_code, answer.json()["refused"], answer.json()["saved"]) == (200, 1, False)
    assert not Contact.objects.exists()


@pytest.mark.parametrize("query", ["?mode=most", "?dry_run=perhaps", "?format=pdf", "?encoding=zip_codec"])
def test_a_parameter_that_makes_no_sense_is_named(api: APIClient, query: str) -> None:
    answer = post(api, row("a"), query=query)
    assert answer.status_code == 400
    assert query[1:].partition("=")[0] in answer.json()["errors"]


def test_a_request_without_a_file_is_told_how_to_send_one(api: APIClient) -> None:
    answer = api.post("/api/contacts/import/", {"file": "no file"}, format="multipart")
    assert (answer.status_code, "multipart/form-data" in answer.json()["detail"]) == (400, True)
    assert api.post("/api/contacts/import/", {}, format="json").status_code == 415
    assert api.get("/api/contacts/import/").status_code == 405


def test_the_format_can_be_said_where_the_name_does_not(api: APIClient) -> None:
    upload = SimpleUploadedFile("contacts.txt", written("csv", [row("a")]))
    answer = api.post("/api/contacts/import/?format=csv", {"file": upload}, format="multipart")
    assert answer.json()["created"] == 1


@pytest.mark.parametrize("kind", ["csv", "xlsx", "json"])
def test_an_export_is_taken_back_unchanged(api: APIClient, kind: str) -> None:
    post(api, row("a", Note="'=1+1"), row("b", Birth_date=""))
    answer = api.get(f"/api/contacts/export/?format={kind}")
    content = answer.getvalue()
    assert f'filename="contacts.{kind}"' in answer["Content-Disposition"]
    upload = SimpleUploadedFile(f"x.{kind}", content)
    told = api.post("/api/contacts/import/", {"file": upload}, format="multipart").json()
    assert (told["unchanged"], told["rows"]) == (2, 2)


def test_an_exported_csv_has_the_resources_columns_and_formats(api: APIClient) -> None:
    post(api, row("a"))
    found = list(csv.reader(io.StringIO(api.get("/api/contacts/export/").getvalue().decode("utf-8-sig"))))
    good = ["a", "Anna", "anna@example.com", "'+79161234567", "north", "31.12.1990", "true", "3", "12.50", "a note"]
    assert found == [COLUMNS, good]


def test_no_contacts_make_a_file_with_a_header_only(api: APIClient) -> None:
    assert api.get("/api/contacts/export/?format=json").getvalue() == b"[]\n"
    assert api.get("/api/contacts/export/").getvalue().decode("utf-8-sig").strip() == ",".join(COLUMNS)
