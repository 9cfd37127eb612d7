"""What a script writes into the history with `Lab.record` stands there as it was given, between its other lines."""

from dataclasses import replace
from pathlib import Path

from lab import settings as environment
from lab.history import History, Recorder
from lab.journal import journal_of
from lab.script import Lab
from tests.lab.fake_target import FakeTarget


def test_a_script_records_what_a_client_did_and_got(tmp_path: Path) -> None:
    settings = replace(environment.read(), state=tmp_path)
    path = tmp_path / "history.jsonl"
    with Recorder(path) as recorder:
        lab = Lab(FakeTarget(), recorder, journal_of(settings), "main", "quick", 0, "run-1")
        lab.note("before", 1)
        lab.record("consumer-1", "ok", "receive", "m-7", {"queue": "work", "redelivered": False})
        lab.record("publisher", "info", "publish", "m-8", error="the connection was lost")
        lab.note("after", 2)
    history = History.load(path)
    assert [line.op for line in history] == ["before", "receive", "publish", "after"]
    receive, publish = history[1], history[2]
    assert (receive.process, receive.kind, receive.id) == ("consumer-1", "ok", "m-7")
    assert receive.value == {"queue": "work", "redelivered": False}
    assert (publish.kind, publish.value, publish.error) == ("info", None, "the connection was lost")
    assert receive.t <= publish.t
