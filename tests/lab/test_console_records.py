"""Run folders as the console reads them: what a folder says, whatever state it is in, and nothing outside of it."""

import io
import shutil
import zipfile
from pathlib import Path

import msgspec
import pytest

from lab.console import records
from lab.console.download import zipped
from lab.console.records import all_records, folder_of, newest_of, record_of
from lab.console.story import Stories
from lab.history import Op
from lab.synthetic import WALL
from tests.lab.run_folders import SCENARIO, run_folder, with_verdict

STAMP = "20260101-120000"


def test_a_folder_says_scenario_variant_moment_verdict_and_what_was_asked_for(tmp_path: Path) -> None:
    folder = run_folder(tmp_path, STAMP, "control", predicted="pause")
    record = record_of(tmp_path, folder.name)
    assert record
    assert (record.scenario, record.variant, record.verdict) == (SCENARIO.name, "control", "HOLDS")
    assert record.began
    assert record.began.isoformat() == "2026-01-01T12:00:00"
    assert record.about["predicted"] == "pause"
    assert [name for name, _ in record.counts(["nothing_acknowledged_is_lost"])] == ["acknowledged", "lost"]


def test_runs_come_newest_first_and_links_and_strangers_are_no_runs(tmp_path: Path) -> None:
    names = [run_folder(tmp_path, f"2026010{day}-120000").name for day in (2, 1, 3)]
    (tmp_path / "latest").symlink_to(names[0])
    (tmp_path / "notes").mkdir()
    (tmp_path / "README.md").write_text("runs\n")
    assert [record.name for record in all_records(tmp_path)] == sorted(names, reverse=True)
    assert all_records(tmp_path / "not there") == []


@pytest.mark.parametrize("history", [None, b"", b'{"t": 0.0, "wall": "20', b"not a history\n", b'{"t":1}\n'])
@pytest.mark.parametrize("verdict", [None, b"", b'{"scenario": "x', b"[]"])
def test_a_folder_in_any_state_is_still_listed_under_what_its_name_says(
    tmp_path: Path, history: bytes | None, verdict: bytes | None
) -> None:
    folder = tmp_path / f"{STAMP}-{SCENARIO.name}-breaks-2"
    folder.mkdir()
    for name, content in (("history.jsonl", history), ("verdict.json", verdict)):
        if content is not None:
            (folder / name).write_bytes(content)
    (record,) = all_records(tmp_path)
    assert (record.scenario, record.variant, record.result, record.about) == (SCENARIO.name, "breaks", None, {})


@pytest.mark.parametrize("name", ["..", ".", "", "../runs", "a/b", "latest", ".hidden", "nothing-here", "x\x00", "-x"])
def test_a_name_that_is_no_folder_of_runs_leads_nowhere(tmp_path: Path, name: str) -> None:
    run_folder(tmp_path / "runs", STAMP)
    (tmp_path / "runs" / "latest").symlink_to(tmp_path)
    (tmp_path / "history.jsonl").write_text("")
    assert folder_of(tmp_path / "runs", name) is None
    assert record_of(tmp_path / "runs", name) is None


def test_a_file_that_is_a_link_is_not_read(tmp_path: Path) -> None:
    folder = run_folder(tmp_path / "runs", STAMP)
    shutil.move(folder / "verdict.json", tmp_path / "elsewhere.json")
    (folder / "verdict.json").symlink_to(tmp_path / "elsewhere.json")
    record = record_of(tmp_path / "runs", folder.name)
    assert record
    assert record.result is None


def test_a_verdict_is_read_once_and_again_when_it_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = run_folder(tmp_path, STAMP)
    reads: list[Path] = []
    read = records._bytes
    monkeypatch.setattr(records, "_bytes", lambda path, **how: reads.append(path) or read(path, **how))
    for _ in range(3):
        assert all_records(tmp_path)[0].verdict == "HOLDS"
    assert len(reads) == 2, "the verdict and the first line"
    with_verdict(folder, verdict="BROKEN", claim="another, longer claim")
    assert all_records(tmp_path)[0].verdict == "BROKEN"


def test_the_newest_judged_run_of_each_variant_is_found(tmp_path: Path) -> None:
    run_folder(tmp_path, "20260101-120000")
    newest = run_folder(tmp_path, "20260102-120000")
    (run_folder(tmp_path, "20260103-120000") / "verdict.json").unlink()
    control = run_folder(tmp_path, "20260101-130000", "control")
    found = newest_of(all_records(tmp_path))
    assert {key: record.name for key, record in found.items()} == {
        (SCENARIO.name, "main"): newest.name,
        (SCENARIO.name, "control"): control.name,
    }


def test_a_zip_holds_the_folder_and_nothing_that_a_link_leads_to(tmp_path: Path) -> None:
    folder = run_folder(tmp_path / "runs", STAMP)
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "key").write_text("do not send me")
    (folder / "file-link").symlink_to(secret / "key")
    (folder / "logs" / "folder-link").symlink_to(secret)
    parts = list(zipped(folder))
    assert len(parts) > 3, "it is sent in parts"
    with zipfile.ZipFile(io.BytesIO(b"".join(parts))) as archive:
        assert archive.testzip() is None
        assert sorted(archive.namelist()) == [
            f"{folder.name}/{name}" for name in ("history.jsonl", "logs/kafka-1.log", "verdict.json")
        ]
        assert archive.read(f"{folder.name}/history.jsonl") == (folder / "history.jsonl").read_bytes()


def test_a_story_goes_on_where_it_stopped_and_waits_for_a_whole_line(tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    lines = [line(1.0, "two brokers"), line(2.0, "one broker")]
    path.write_bytes(lines[0] + lines[1][:20])
    stories = Stories()
    story = stories.of(path, "en")
    story.go_on()
    assert story.told == [(1.0, "phase", "two brokers")]
    path.write_bytes(lines[0] + lines[1])
    story.go_on()
    assert story.told == [(1.0, "phase", "two brokers"), (2.0, "phase", "one broker")]
    assert stories.of(path, "en") is story
    assert stories.of(path, "ru") is not story


def line(t: float, phase: str) -> bytes:
    return msgspec.json.encode(Op(t, WALL, "lab", "note", "phase", value=phase)) + b"\n"
