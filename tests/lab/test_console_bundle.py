"""The console's static files: ours stand in one script without what binds them, others' are as they were published."""

import hashlib
import re

from lab.console import bundle
from lab.console.words import timeline_words


def test_modules_stand_after_those_that_they_import_and_nothing_binds_them_any_more() -> None:
    seen: set[str] = set()
    for name in bundle.REPORT_MODULES:
        text = (bundle.STATIC / name).read_text()
        late = set(re.findall(r'from "\./(\w+\.js)"', text)) - seen
        assert late == set(), f"{name} stands before {late}"
        seen.add(name)
        assert not re.search(r"^\s*(import|export)\b", bundle.one_module(text), re.MULTILINE), name
    assert "class Run" in bundle.scripts()[1].text


def test_every_sentence_that_a_script_says_is_there_to_be_translated() -> None:
    words = timeline_words()
    for name in bundle.REPORT_MODULES:
        text = (bundle.STATIC / name).read_text()
        for key in re.findall(r'say\(words, "(\w+)"', text):
            assert key in words, f"{name} says {key}"
    for step in ("applied", "not_applied", "felt", "not_felt", "mending", "mended"):
        assert f"step_{step}" in words


def test_vendored_files_are_as_they_were_published() -> None:
    vendor = bundle.STATIC / "vendor"
    rows = re.findall(r"^\| `(\S+)` \|.*\| `([0-9a-f]{64})` \|$", (vendor / "README.md").read_text(), re.MULTILINE)
    there = {path.relative_to(vendor).as_posix() for path in vendor.rglob("*") if path.is_file()} - {"README.md"}
    assert {name for name, _ in rows} == there
    for name, digest in rows:
        assert hashlib.sha256((vendor / name).read_bytes()).hexdigest() == digest, name
