"""One run as one HTML file that opens offline: verdict, picture, findings, story, and the history itself.

`lab report` gives it a run folder. The words are those of lab/told.py; the picture is drawn in the browser by the
scripts that the live page uses, from the history that the file carries.
"""

import base64
import gzip
import hashlib
from pathlib import Path

import jinja2
import msgspec
import psutil

from lab.console import bundle
from lab.console.words import phase_words, timeline_words
from lab.history import History
from lab.live import Progress
from lab.runner import Result
from lab.scenario import Scenario
from lab.told import contents
from lab.words import _, language

MOST_STORY = 200

_pages = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(bundle.__file__).parent / "templates"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
)
_pages.globals["_"] = _


def report(history: History, scenario: Scenario, result: Result, *, going_on: bool = False) -> str:
    """The whole page. `going_on`: the run may still write to its history; the page says so. Same input, same page."""
    lines = b"".join(msgspec.json.encode(line) + b"\n" for line in history)
    story, left_out = _story(history)
    return _pages.get_template("report.html").render(
        contents(history, scenario, result, going_on=going_on),
        language=language(),
        story=story,
        story_left_out=left_out,
        setting=_setting(history, result, lines),
        again=_("`lab check {run}` computes the verdict again from the history alone.").format(
            run=Path(result.run).name
        ),
        words=bundle.data(timeline_words() | phase_words(str(note.value) for note in history.of("phase", "note"))),
        history=base64.b64encode(gzip.compress(lines, compresslevel=6, mtime=0)).decode(),
        style=bundle.style(),
        scripts=bundle.scripts(),
    )


def goes_on(folder: Path, state: Path) -> bool:
    """Whether the process that records this run is still at it, on the stack of `state` or of another block."""
    history = str((folder / "history.jsonl").resolve())
    for lock in state.parent.glob(f"{state.name.rpartition('-')[0]}-*/run.lock"):
        try:
            writer = psutil.Process(int(lock.read_text()))
            if any(file.path == history for file in writer.open_files()):
                return True
        except (OSError, ValueError, psutil.Error):
            continue
    return False


def _story(history: History) -> tuple[list[tuple[str, str]], str]:
    """(seconds, sentence) of all that is worth a line, and a sentence when that was too much."""
    progress = Progress()
    told = [(f"{line.t:.2f}", sentence) for line in history if (sentence := progress.take(line))]
    left_out = len(told) - MOST_STORY
    says = _("{count} more lines are left out here; the history holds them.").format(count=left_out)
    return told[:MOST_STORY], says if left_out > 0 else ""


def _setting(history: History, result: Result, lines: bytes) -> list[tuple[str, str]]:
    return [
        (_("folder"), Path(result.run).name),
        (_("lines of history"), str(len(history))),
        (_("SHA-256 of the history"), hashlib.sha256(lines).hexdigest()),
    ]
