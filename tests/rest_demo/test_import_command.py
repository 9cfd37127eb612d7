"""`python -m rest_demo import` and `export`: exit codes, a line for each refusal, files that are whole or not there."""

import json
from pathlib import Path

import pytest
from django.db import OperationalError

from rest_demo.__main__ import main
from rest_demo.contacts import command, exporting
from rest_demo.contacts.models import Contact
from tests.rest_demo.contact_files import row, written

pytestmark = pytest.mark.django_db


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path = tmp_path / "good.csv"
    path.write_bytes(written("csv", [row("a"), row("b")]))
    return path


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    path = tmp_path / "bad.csv"
    path.write_bytes(written("csv", [row("a"), row("b", Birth_date="31.02.1990", Active="yes")]))
    return path


def test_a_good_file_is_imported_and_the_end_is_said(good: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["import", str(good)]) == 0
    assert "2 rows: 2 created, 0 updated, 0 unchanged, 0 refused" in capsys.readouterr().out
    assert Contact.objects.count() == 2


def test_refused_rows_are_named_one_a_line_and_the_exit_code_is_1(
    bad: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["import", str(bad)]) == 1
    told = capsys.readouterr()
    assert "row 3: Birth date: 31.02.1990 is no day of the calendar. ('31.02.1990')" in told.out.splitlines()
    assert any(line.startswith("row 3: Active: 'yes'") for line in told.out.splitlines())
    assert "1 of 2 rows were refused; nothing was saved" in told.err
    assert not Contact.objects.exists()


def test_keep_good_rows_saves_the_others_and_still_ends_with_1(bad: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["import", str(bad), "--mode", "keep-good-rows"]) == 1
    assert "the others are saved" in capsys.readouterr().err
    assert list(Contact.objects.values_list("code", flat=True)) == ["a"]


def test_a_dry_run_saves_nothing(good: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["import", str(good), "--dry-run"]) == 0
    assert "2 good, nothing saved" in capsys.readouterr().out
    assert not Contact.objects.exists()


def test_the_report_can_be_had_as_json_and_nothing_else_is_said(bad: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["import", str(bad), "--json", "--mode", "keep-good-rows"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["created"], told["refused"], {one["row"] for one in told["refusals"]}) == (1, 1, {3})


@pytest.mark.parametrize(
    ("content", "says"), [(b"", "empty"), (b"Code,Nam\na,b\n", "Unknown columns"), (b"\x7fELF\0\0", "binary")]
)
def test_a_file_that_is_no_table_ends_with_1_and_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes, says: str
) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(content)
    assert main(["import", str(path)]) == 1
    assert says in capsys.readouterr().err


def test_another_encoding_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(written("csv", [row("a", Full_name="Анна")]).decode().encode("cp1251"))
    assert main(["import", str(path)]) == 1
    assert "name its encoding" in capsys.readouterr().err
    assert main(["import", str(path), "--encoding", "cp1251"]) == 0
    assert Contact.objects.get().full_name == "Анна"


@pytest.mark.parametrize(
    "arguments", [["import"], ["import", "x.csv", "--mode", "most"], ["import", "no such file.csv"]]
)
def test_wrong_usage_ends_with_64(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    try:
        code = main(arguments)
    except SystemExit as ended:
        code = int(ended.code or 0)
    assert code == 64
    assert capsys.readouterr().err


def test_a_database_that_does_not_answer_ends_with_69(good: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: object) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(command, "import_contacts", gone)
    assert main(["import", str(good)]) == 69


@pytest.mark.parametrize("kind", ["csv", "xlsx", "json"])
def test_an_export_is_taken_back_unchanged(good: Path, tmp_path: Path, kind: str) -> None:
    main(["import", str(good)])
    path = tmp_path / f"out.{kind}"
    assert main(["export", str(path)]) == 0
    assert main(["import", str(path), "--json"]) == 0
    assert Contact.objects.count() == 2


def test_an_export_can_be_of_some_only(good: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["import", str(good)])
    assert main(["export", str(tmp_path / "out.json"), "--prefix", "b"]) == 0
    assert [one["Code"] for one in json.loads((tmp_path / "out.json").read_text())] == ["b"]
    assert "1 contacts written" in capsys.readouterr().out


def test_an_export_that_fails_leaves_the_file_that_was_there(
    good: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "out.csv"
    path.write_text("old")

    def fails(*_: object) -> int:
        raise OperationalError("gone")

    monkeypatch.setattr(exporting, "write", fails)
    assert main(["export", str(path)]) == 69
    assert path.read_text() == "old"
    assert [one.name for one in tmp_path.iterdir() if "part" in one.name] == []


def test_an_export_to_an_unknown_format_ends_with_64(tmp_path: Path) -> None:
    assert main(["export", str(tmp_path / "out.pdf")]) == 64
