"""A report: complete in itself, safe whatever a history says, and honest about a run that did not come to its end."""

import base64
import gzip
import hashlib
import json
import os
import re
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

from lab import cli, demos
from lab.console import bundle
from lab.console.words import timeline_words
from lab.history import History, Op, Recorder
from lab.report import goes_on, report
from lab.runner import judged
from lab.synthetic import made_up_run

HOSTILE = "</script></pre><script>alert(1)</script><img src=http://evil.example/x onerror=alert(2)>{{ 7 * 7 }}<!--"
WALL = "2024-01-01T00:00:00.000+00:00"
SCENARIO = demos.scenario_named("kafka-leader-failover")
ADDRESSES = {"src", "href", "srcset", "action", "data", "poster", "background", "formaction", "xlink:href"}


class Page(HTMLParser):
    """What a browser would make of a page, as far as the tests ask."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[tuple[str | None, str]] = []
        self.styles: list[str] = []
        self.text = ""
        self._inside = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._inside = tag
        if tag == "script":
            self.scripts.append((dict(attrs).get("type"), ""))

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside == "script":
            self.scripts[-1] = (self.scripts[-1][0], self.scripts[-1][1] + data)
        elif self._inside == "style":
            self.styles.append(data)
        else:
            self.text += data

    def script(self, kind: str) -> str:
        return next(text for said, text in self.scripts if said == kind)


def page_of(history: History, **how: bool) -> Page:
    return Page(report(history, SCENARIO, judged(history, SCENARIO, Path("runs/some-run")), **how))


def hostile_history() -> History:
    lines = [
        Op(
            0.0,
            WALL,
            "lab",
            "note",
            "run",
            value={"scenario": "x", "variant": "main", "parameters": {HOSTILE: HOSTILE}},
        ),
        Op(0.1, WALL, "lab", "note", "phase", value=HOSTILE),
        Op(0.1, WALL, "lab", "note", HOSTILE, value=HOSTILE),
        Op(0.2, WALL, "lab", "fault", "killed", HOSTILE, {"node": HOSTILE, "step": "began", "what": HOSTILE}),
        Op(0.3, WALL, HOSTILE, "ok", "read", HOSTILE, {"partition": 0, "offset": 0, "crc": 1, "broker": 1}),
        Op(0.4, WALL, HOSTILE, "fail", HOSTILE, HOSTILE, None, HOSTILE),
        Op(0.5, WALL, "lab", "note", "crash", value=HOSTILE),
    ]
    return History(lines)


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


def test_a_run_goes_on_while_the_process_of_a_lock_has_its_history_open(tmp_path: Path) -> None:
    state, folder = tmp_path / "lab-0123-5", tmp_path / "run"
    other = tmp_path / "lab-0123-6"
    for place in (state, other, folder):
        place.mkdir()
    (state / "run.lock").write_text("not a number")
    with Recorder(folder / "history.jsonl"):
        assert not goes_on(folder, state), "no lock names its process"
        (other / "run.lock").write_text(str(os.getpid()))
        assert goes_on(folder, state), "the stack of another block is asked as well"
        assert not goes_on(other, state)
    assert not goes_on(folder, state)


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


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """Call `lab ARGUMENTS` with one run in the run folders; returns exit code, stdout and stderr."""
    monkeypatch.setenv("LAB_STATE_ROOT", str(tmp_path))
    monkeypatch.setenv("LAB_RUNS", str(tmp_path / "runs"))
    monkeypatch.delenv("LAB_TARGET", raising=False)
    folder = tmp_path / "runs" / "a-run"
    folder.mkdir(parents=True)
    (tmp_path / "runs" / "latest").symlink_to("a-run")
    with Recorder(folder / "history.jsonl") as recorder:
        recorder.add("lab", "note", "run", value={"scenario": SCENARIO.name, "variant": "control"})
        recorder.add("lab", "note", "end")

    def call(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["lab", *arguments])
        code = cli._run()
        said = capsys.readouterr()
        return code, said.out, said.err

    return call


def test_lab_report_writes_into_the_run_folder_and_prints_where(lab, tmp_path: Path) -> None:
    code, out, _ = lab("report")
    assert (code, out.strip()) == (0, str(tmp_path / "runs" / "a-run" / "report.html"))
    assert "kafka-leader-failover (control)" in Path(out.strip()).read_text()


def test_lab_report_writes_where_it_is_told_and_says_so_in_json(lab, tmp_path: Path) -> None:
    code, out, _ = lab("report", "a-run", "-o", str(tmp_path / "x.html"), "--json")
    assert (code, json.loads(out)) == (0, {"report": str(tmp_path / "x.html")})
    assert (tmp_path / "x.html").exists()


def test_lab_report_refuses_an_unknown_run_as_lab_check_does(lab) -> None:
    refused = lab("report", "no-such-run")
    assert refused[0] == 64
    assert "'no-such-run' is no run" in refused[2]
    assert lab("check", "no-such-run") == refused


def test_lab_report_says_where_it_cannot_write(lab, tmp_path: Path) -> None:
    code, _, said = lab("report", "-o", str(tmp_path / "no" / "x.html"))
    assert code != 0
    assert "Cannot write" in said
    assert "-o FILE" in said
