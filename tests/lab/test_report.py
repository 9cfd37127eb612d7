"""A report: complete in itself, safe whatever a history says, and honest about a run that did not come to its end."""

import base64
import gzip
import hashlib
import json
import re
from pathlib import Path

import pytest
from msgspec.structs import replace

from lab.console import bundle
from lab.history import History, Recorder
from lab.report import report
from lab.runner import judged
from lab.synthetic import made_up_run
from lab.words import speak
from tests.lab.report_pages import HOSTILE, SCENARIO, Page, hostile_history, page_of

ADDRESSES = {"src", "href", "srcset", "action", "data", "poster", "background", "formaction", "xlink:href"}


def test_nothing_that_a_history_says_becomes_markup() -> None:
    harmless, page = page_of(made_up_run(1).history()), page_of(hostile_history())
    assert [kind for kind, _ in page.scripts] == ["application/json", "text/plain", None, "module"]
    assert page.scripts[2:] == harmless.scripts[2:], "the scripts that run are the same, whatever the history"
    assert {tag for tag, _ in page.tags} - {tag for tag, _ in harmless.tags} <= {"b", "span", "li", "ul", "dd", "code"}
    assert "img" not in {tag for tag, _ in page.tags}
    assert page.text.count(HOSTILE) >= 6, "id, error, node, phase, note and parameter are shown as they are"


def test_words_cannot_end_the_element_that_holds_them() -> None:
    held = bundle.data({"play": HOSTILE})
    assert "<" not in held
    assert json.loads(held) == {"play": HOSTILE}


def test_a_page_loads_nothing_from_anywhere() -> None:
    page = page_of(made_up_run(2).history())
    assert [(tag, found) for tag, attributes in page.tags if (found := ADDRESSES & set(attributes))] == []
    assert "link" not in {tag for tag, _ in page.tags}
    for text in page.styles:
        assert [target for target in re.findall(r"url\(([^)]*)\)", text) if not target.startswith("#")] == []
        assert "@import" not in text
    ours = page.script("module")
    assert not re.search(r"\b(fetch|XMLHttpRequest|EventSource|WebSocket|importScripts|sendBeacon|import)\s*\(", ours)


def test_the_policy_lets_its_own_scripts_work_and_no_other() -> None:
    page = page_of(made_up_run(3).history())
    policy = next(a["content"] for tag, a in page.tags if tag == "meta" and "http-equiv" in a) or ""
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    running = [text for kind, text in page.scripts if kind in (None, "module")]
    assert policy.count("'sha256-") == len(running) + len(page.styles) == 3
    for text in (*running, *page.styles):
        assert base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() in policy


def test_a_page_holds_the_whole_history_and_its_sum(tmp_path: Path) -> None:
    with Recorder(tmp_path / "history.jsonl") as recorder:
        recorder.add("lab", "note", "run", value={"scenario": SCENARIO.name, "variant": "main"})
        recorder.add("producer-1", "invoke", "append", "a-1")
        recorder.add("producer-1", "ok", "append", "a-1", {"partition": 0, "offset": 0, "crc": 1, "ratio": 0.1})
        recorder.add("lab", "note", "end", error="é\u2028<&>")
    written = (tmp_path / "history.jsonl").read_bytes()
    page = page_of(History.load(tmp_path / "history.jsonl"))
    assert gzip.decompress(base64.b64decode(page.script("text/plain"))) == written
    assert hashlib.sha256(written).hexdigest() in page.text


def test_the_same_history_gives_the_same_page() -> None:
    history = made_up_run(4).history()
    found = judged(history, SCENARIO, Path("runs/some-run"))
    assert report(history, SCENARIO, found) == report(History(list(history)), SCENARIO, found)


def test_verdict_findings_faults_offenders_and_lesson_are_there_without_any_script() -> None:
    history = made_up_run(5).history()
    lost = next(op.id for op in history if op.kind == "ok" and op.op == "append")
    page = page_of(History([op for op in history if not (op.op == "read" and op.id == lost)]))
    assert "✕ BROKEN" in page.text
    assert "not as expected: HOLDS was" in page.text
    assert SCENARIO.claim in page.text
    assert "nothing acknowledged is lost" in page.text
    assert "· append · invoke" in page.text, "what the history says of an offender"
    assert str(lost) in page.text
    assert "kafka-1 killed, begun at" in page.text
    assert "elected +" in page.text
    assert "felt" in page.text
    assert SCENARIO.lesson.splitlines()[0] in page.text


@pytest.mark.parametrize(
    ("choice", "says"),
    [("pause", "This came true."), ("loss", "This did not come true."), ("gone", None), (None, None)],
)
def test_what_was_predicted_stands_beside_what_came(choice: str | None, says: str | None) -> None:
    told = {"scenario": SCENARIO.name, "variant": "main", "predicted": choice}
    ops = [replace(op, value=told) if op.op == "run" else op for op in made_up_run(5).history()]
    page = page_of(History(ops))
    if says is None:
        assert "You predicted" not in page.text
    else:
        chosen = next(p.says for p in SCENARIO.predictions if p.choice == choice)
        assert f"You predicted: {chosen} {says}" in page.text


def test_a_complete_run_is_not_called_torn() -> None:
    assert not alerts(page_of(made_up_run(6).history()))


def test_a_torn_history_is_reported_as_such_and_shown_up_to_there(tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    with Recorder(path) as recorder:
        recorder.add("lab", "note", "run", value={"scenario": SCENARIO.name, "variant": "main"})
        recorder.add("producer-1", "invoke", "append", "a-1")
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"t": 1.0, "wall": "20')
    page = page_of(History.load(path))
    assert "This run is not complete: The history ends within a line: its writer was killed." in page.text
    assert "The last line, of which only a part was written, is left out." in page.text
    assert "? UNKNOWN" in page.text
    assert gzip.decompress(base64.b64decode(page.script("text/plain"))) == whole


def test_a_run_without_an_end_is_called_incomplete_and_one_that_goes_on_is_not_called_killed() -> None:
    history = History([op for op in made_up_run(7).history() if op.op != "end"])
    assert "This run is not complete: The history ends before the run did." in page_of(history).text
    going_on = page_of(history, going_on=True)
    assert len(alerts(going_on)) == 1
    assert "This run was still going on when the report was made." in going_on.text
    assert "not complete" not in going_on.text


def test_an_empty_history_makes_a_page_too() -> None:
    assert "The history ends before the run did." in page_of(History([])).text


def alerts(page: Page) -> list[str]:
    return [tag for tag, attributes in page.tags if attributes.get("class") == "alert"]


def test_a_report_is_in_the_language_of_its_reader_and_names_it() -> None:
    found = made_up_run(5).history()
    with speak("ru"):
        page = page_of(found)
    assert dict(page.tags)["html"]["lang"] == "ru"
    assert "ничто подтверждённое не потеряно" in page.text
    assert dict(page_of(found).tags)["html"]["lang"] == "en"
