"""The admin's import: who may, what the preview says, and that what was confirmed is done, wherever the file waited."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from rest_demo.contacts.models import Contact
from tests.rest_demo.contact_files import row, written

IMPORT, CONFIRM = "/admin/contacts/contact/import/", "/admin/contacts/contact/process_import/"
_HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')


@pytest.fixture
def admin(admin_client: Client) -> Client:
    """A user who may do everything."""
    return admin_client


def upload(admin: Client, *rows: dict[str, Any], mode: str = "all-or-nothing", content: bytes | None = None) -> Any:
    file = SimpleUploadedFile("contacts.csv", written("csv", rows) if content is None else content)
    return admin.post(IMPORT, {"import_file": file, "format": "0", "resource": "0", "mode": mode})


def confirmation(page: Any) -> dict[str, str]:
    fields = dict(_HIDDEN.findall(page.content.decode()))
    return {name: fields[name] for name in ("import_file_name", "original_file_name", "format", "resource", "mode")}


def said(answer: Any) -> str:
    return " ".join(str(message) for message in get_messages(answer.wsgi_request))


def test_a_good_file_is_previewed_and_saved_only_when_it_is_confirmed(admin: Client) -> None:
    page = upload(admin, row("a"), row("b"))
    assert "All 2 rows are good" in page.content.decode()
    assert not Contact.objects.exists()
    answer = admin.post(CONFIRM, confirmation(page))
    assert (answer.status_code, Contact.objects.count()) == (302, 2)
    assert said(answer) == "Imported: 2 new, 0 changed, 0 unchanged, 0 refused."


def test_each_bad_row_and_field_is_named_and_all_or_nothing_offers_no_confirmation(admin: Client) -> None:
    page = upload(admin, row("a"), row("b", Birth_date="31.02.1990", Active="yes", Note="<script>x</script>\x07"))
    text = page.content.decode()
    assert "1 of 2 rows is refused" in text
    for shown in ("Birth date", "31.02.1990 is no day of the calendar.", "Active", "&lt;script&gt;x"):
        assert shown in text
    assert "<script>x" not in text
    assert "Confirm import" not in text


def test_good_rows_are_kept_when_that_is_the_mode_also_at_the_confirmation(admin: Client) -> None:
    page = upload(admin, row("a"), row("b", Active="yes"), mode="keep-good-rows")
    assert "Refused rows are left out." in page.content.decode()
    answer = admin.post(CONFIRM, confirmation(page))
    assert list(Contact.objects.values_list("code", flat=True)) == ["a"]
    assert said(answer) == "Imported: 1 new, 0 changed, 0 unchanged, 1 refused."


def test_what_became_wrong_after_the_preview_is_not_called_a_success(admin: Client) -> None:
    fields = confirmation(upload(admin, row("a"), row("b", Active="yes"), mode="keep-good-rows"))
    answer = admin.post(CONFIRM, fields | {"mode": "all-or-nothing"})
    assert not Contact.objects.exists()
    assert "Nothing was imported" in said(answer)


def test_changed_and_unchanged_rows_are_counted_apart(admin: Client) -> None:
    admin.post(CONFIRM, confirmation(upload(admin, row("a"), row("b"))))
    answer = admin.post(CONFIRM, confirmation(upload(admin, row("a", Note="new"), row("b"), row("c"))))
    assert said(answer) == "Imported: 1 new, 1 changed, 1 unchanged, 0 refused."


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"), (b"Code,Full name,Region,Birth dat\na,b,c,d\n", "do you mean"), (b"\x7fELF\0", "binary"),
        (b"Code,Full name,Region\na,b\n", "Row 2 has 2 cells"), (b"Code,Full name,Region\n", "no rows"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_table_is_an_error_of_the_form(admin: Client, content: bytes, says: str) -> None:
    page = upload(admin, content=content)
    assert page.status_code == 200
    assert says in page.content.decode()
    assert "Confirm import" not in page.content.decode()


def test_a_large_file_is_sent_to_the_command(admin: Client) -> None:
    page = upload(admin, *(row(f"a{n}") for n in range(2_001)))
    assert "more than 2,000 rows" in page.content.decode()


@pytest.mark.parametrize("storage", ["CacheStorage", "TempFolderStorage"])
def test_a_file_that_is_gone_at_the_confirmation_is_said_and_nothing_is_imported(
    admin: Client, storage: str, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    settings.IMPORT_EXPORT_TMP_STORAGE_CLASS = f"import_export.tmp_storages.{storage}"
    fields = confirmation(upload(admin, row("a")))
    answer = admin.post(CONFIRM, fields | {"import_file_name": "another"})
    assert answer.headers["Location"] == IMPORT
    assert "Nothing was imported" in said(answer)
    assert admin.post(CONFIRM, fields).headers["Location"] != IMPORT
    assert Contact.objects.count() == 1


@pytest.mark.parametrize(
    ("codename", "path"), [("import_contact", IMPORT), ("export_contact", "/admin/contacts/contact/export/")]
)
def test_import_and_export_need_a_permission_of_their_own(client: Client, db: None, codename: str, path: str) -> None:
    user = User.objects.create_user("anna", password="secret", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__endswith="contact").exclude(codename=codename))
    client.force_login(user)
    assert client.get(path).status_code == 403
    user.user_permissions.add(Permission.objects.get(codename=codename))
    assert client.get(path).status_code == 200


@pytest.mark.parametrize(("number", "kind"), [(0, "csv"), (1, "xlsx"), (2, "json")])
def test_an_export_of_the_admin_is_taken_back_unchanged(admin: Client, number: int, kind: str) -> None:
    admin.post(CONFIRM, confirmation(upload(admin, row("a", Note="'=1+1"))))
    answer = admin.post("/admin/contacts/contact/export/", {"format": str(number), "resource": "0"})
    assert f"contacts.{kind}" in answer.headers["Content-Disposition"]
    file = SimpleUploadedFile(f"x.{kind}", answer.content)
    page = admin.post(IMPORT, {"import_file": file, "format": str(number), "resource": "0", "mode": "all-or-nothing"})
    assert "<b>1</b> unchanged" in page.content.decode()
