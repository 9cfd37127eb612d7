"""docs/run-folder.md: what it says is what the code writes, and what it does not say is found.

tests/scenarios holds the folder of every real run against it too.
"""

import json
from pathlib import Path
from typing import get_args

import msgspec
import pytest

from lab import checks
from lab.faults import FAULTS
from lab.history import Kind, Op
from lab.runner import Result
from lab.verdict import Finding
from tests.conftest import ROOT
from tests.lab.run_folders import run_folder
from tests.markdown import links, rows, section
from tests.run_folder import FILES, FINDING, KEYS, KINDS, OPS, PAGE, VERDICT, undocumented


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return run_folder(tmp_path, "20260101-120000")


def fields(struct: type[msgspec.Struct]) -> set[str]:
    return {field.encode_name for field in msgspec.structs.fields(struct)}


def test_the_page_has_the_keys_kinds_and_faults_of_the_code_and_no_others() -> None:
    assert fields(Op) == KEYS
    assert set(get_args(Kind)) == KINDS
    assert fields(Result) == VERDICT
    assert fields(Finding) == FINDING
    assert {op for op, told in OPS.items() if "fault" in told.kinds} == set(FAULTS)


def test_every_check_module_that_the_page_names_exists_and_links_lead_somewhere() -> None:
    named = {
        name.strip(" `") for row in rows(section(PAGE, "What scripts write"), "| op |") for name in row[4].split(",")
    }
    there = {path.stem for path in Path(checks.__file__).parent.glob("*.py")}
    assert named - {""} <= there
    assert [link for link in links(PAGE) if not (ROOT / "docs" / link).exists()] == []


def test_a_run_folder_holds_nothing_that_the_page_does_not_say(folder: Path) -> None:
    assert undocumented(folder) == []
    assert {"history.jsonl", "verdict.json"} <= FILES


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"op": "guess"}, "note guess"),
        ({"kind": "hint"}, "hint run"),
        ({"extra": 1}, "key extra of a line"),
        ({"value": ["main"]}, "value of note run: list"),
        ({"value": {"scenario": "x", "mood": 1}}, "value of note run: ['mood', 'scenario']"),
    ],
)
def test_a_line_that_the_page_does_not_say_is_found(folder: Path, change: dict[str, object], found: str) -> None:
    path = folder / "history.jsonl"
    first, _, rest = path.read_text().partition("\n")
    path.write_text(f"{json.dumps(json.loads(first) | change)}\n{rest}")
    assert undocumented(folder) == [found]


def test_a_file_and_a_key_of_the_verdict_that_the_page_does_not_say_are_found(folder: Path) -> None:
    (folder / "core").touch()
    told = json.loads((folder / "verdict.json").read_text())
    told["findings"][0]["mood"] = told["mood"] = 1
    (folder / "verdict.json").write_text(json.dumps(told))
    assert undocumented(folder) == ["file core", "key mood of verdict.json", "key mood of a finding"]
