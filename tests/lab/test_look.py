"""One look at the hub: each system in a thread of its own, and what hangs or fails makes its own part old."""

import io
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lab import settings as environment
from lab.cluster.target import ServiceStatus
from lab.journal import journal_of
from lab.look import EMPTY, Looker, tell
from lab.looking import services as looking_services
from lab.looking.moved import moved
from lab.looking.part import LATE_AFTER, Part, sentence, without_numbers
from lab.looking.services import LocalEye, Services
from lab.waiting import wait_for
from tests.conftest import ROOT

FIELDS = {"age", "error"}


class Hangs:
    """A look that does not come back before it is let go."""

    def __init__(self) -> None:
        self.asked = threading.Event()
        self.released = threading.Event()

    def __call__(self) -> dict[str, Any]:
        self.asked.set()
        self.released.wait(60)
        return {"seen": True}


@pytest.fixture
def hangs() -> Iterator[Hangs]:
    found = Hangs()
    yield found
    found.released.set()


def looker(**looks: Callable[[], dict[str, Any]]) -> Looker:
    """All parts, which see nothing but what is told here."""
    sources = {name: (looks.get(name, lambda name=name: dict(EMPTY[name])), None) for name in EMPTY}
    return Looker(sources)  # type: ignore[arg-type]


def test_every_part_has_its_shape_before_anything_was_seen() -> None:
    seen = looker().seen()
    for name in ("kafka", "rabbitmq", "celery", "rest", "channels"):
        assert seen[name] == {**EMPTY[name], "age": None, "error": "not asked yet"}
    assert seen["services"] == []
    assert set(seen["moved"].values()) == {0}
    json.dumps(seen)


def test_a_part_that_hangs_grows_old_and_holds_up_no_other(hangs: Hangs) -> None:
    found = looker(rabbitmq=hangs, kafka=lambda: {**EMPTY["kafka"], "topic": "freblogg"})
    found.start()
    assert hangs.asked.wait(30)
    wait_for("kafka to be seen", lambda: found.seen()["kafka"]["age"] is not None, within=30)
    wait_for("a sentence about rabbitmq", lambda: "no answer for" in found.seen()["rabbitmq"]["error"], LATE_AFTER + 30)
    seen = found.seen()
    assert seen["rabbitmq"]["age"] is None
    assert seen["kafka"]["error"] == ""
    hangs.released.set()
    wait_for("rabbitmq to be seen", lambda: found.seen()["rabbitmq"]["age"] is not None, within=30)
    assert found.seen()["rabbitmq"]["error"] == ""


def test_a_part_that_raises_keeps_what_it_saw_and_says_why() -> None:
    answers: list[Any] = [{"brokers": ["kafka-1"]}, ConnectionRefusedError(111, "Connection refused")]

    def look() -> dict[str, Any]:
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, Exception):
            raise answer
        return dict(answer)

    news = threading.Event()
    part = Part(look, 0.01, news.set, {"brokers": []})
    part.start()
    wait_for("the error", lambda: "refused" in part.snapshot()["error"], within=30)
    first = part.snapshot()
    assert first["brokers"] == ["kafka-1"]
    assert first["age"] is not None
    wait_for("it to grow older", lambda: part.snapshot()["age"] > first["age"], within=30)


def test_a_part_that_saw_only_some_of_it_shows_that_and_is_not_well() -> None:
    part = Part(lambda: {"servers": ["channels-1"], "error": "Redis does not answer"}, 0.01, lambda: None, {})
    part.start()
    wait_for("the servers", lambda: "servers" in part.snapshot(), within=30)
    assert part.snapshot() == {"servers": ["channels-1"], "age": None, "error": "Redis does not answer"}


def test_only_what_is_not_a_count_is_news() -> None:
    number, leader = [0], ["kafka-1"]
    news: list[None] = []

    def look() -> dict[str, Any]:
        number[0] += 1
        return {"partitions": [{"number": 0, "end": number[0], "leader": leader[0]}]}

    part = Part(look, 0.005, lambda: news.append(None), {"partitions": []})
    part.start()
    wait_for("some looks", lambda: number[0] > 20, within=30)
    assert len(news) == 1
    leader[0] = "kafka-2"
    wait_for("the news", lambda: len(news) == 2, within=30)


def test_numbers_are_left_out_at_any_depth_and_truth_is_none_of_them() -> None:
    seen = {"alive": True, "age": 1.5, "list": [{"name": "a", "waiting": 3, "known": None}]}
    assert without_numbers(seen) == {"alive": True, "list": [{"name": "a", "known": None}]}


def test_a_notification_is_followed_until_it_is_forgotten() -> None:
    where: dict[str, dict[str, Any]] = {}
    found = Looker({"rest": (lambda: dict(EMPTY["rest"]), where.get)} | {
        name: (lambda name=name: dict(EMPTY[name]), None) for name in EMPTY if name != "rest"
    })  # type: ignore[arg-type]  # fmt: skip
    found.start()
    found.obey('{"follow": "n-1"}')
    assert found.seen()["followed"] == {"n-1": {"rest": None}}
    where["n-1"] = {"sent": True}
    wait_for("it to be sent", lambda: found.seen()["followed"]["n-1"]["rest"] == {"sent": True}, within=30)
    found.obey('{"forget": "n-1"}')
    assert found.seen()["followed"] == {}
    for nonsense in ("", "[]", "{", '{"follow": 7}', "null"):
        found.obey(nonsense)
    assert found.seen()["followed"] == {}


def test_only_the_last_few_are_followed() -> None:
    part = Part(dict, 60, lambda: None, {}, follow=lambda id: None)
    for number in range(9):
        part.follow(f"n-{number}")
    assert list(part.followed()) == ["n-4", "n-5", "n-6", "n-7", "n-8"]


def test_what_moved_comes_from_each_systems_own_totals() -> None:
    parts = {
        "rest": {"accepted": 10, "outbox": 3},
        "celery": {"started": 6, "ended": 5},
        "channels": {"events": 4, "shown": 8},
    }
    assert moved(parts) == {
        "rest>rabbitmq": 7, "rabbitmq>celery": 6, "celery>kafka": 5, "kafka>channels": 4, "channels>pages": 8,
    }  # fmt: skip


def test_it_ends_when_nobody_reads_or_its_parent_is_gone() -> None:
    class Closed(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError

    tell(looker(), Closed(), os.getppid())
    out = io.StringIO()
    tell(looker(), out, parent=-1)
    assert out.getvalue() == ""


def test_the_command_ends_when_its_reader_goes_and_when_its_parent_does() -> None:
    """With real systems or without: it starts anywhere, and says what it cannot see."""
    command = [sys.executable, "-m", "lab.look"]
    told = dict(os.environ) | {"LAB_BLOCK": "96"}  # where no stack is
    with subprocess.Popen(command, cwd=ROOT, env=told, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout
        first = json.loads(child.stdout.readline())
        assert set(EMPTY) - {"services"} <= set(first)
        assert set(first["kafka"]) >= FIELDS
        child.stdout.close()
        assert child.wait(60) == 0
    shell = ["sh", "-c", f"{sys.executable} -m lab.look & echo $!; wait"]
    with subprocess.Popen(shell, cwd=ROOT, env=told, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        pid = int(parent.stdout.readline())
        assert "kafka" in json.loads(parent.stdout.readline())
        parent.kill()
        wait_for("the orphan to end", lambda: not Path(f"/proc/{pid}").exists(), within=60)


def test_an_error_without_words_is_told_by_its_type() -> None:
    assert sentence(TimeoutError()) == "TimeoutError"
    assert sentence(ValueError("two\n  lines")) == "two lines"


class Statuses:
    """An eye that sees what it is told."""

    def statuses(self) -> list[ServiceStatus]:
        return [ServiceStatus("kafka-1", "exited", "unhealthy"), ServiceStatus("kafka-2", "running", "healthy")]


def test_services_say_what_was_broken_on_purpose_until_it_is_mended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = replace(environment.read(ROOT), state=tmp_path, target="external")
    monkeypatch.setattr(looking_services, "_eye", lambda target: Statuses())
    found = Services(settings)
    journal = journal_of(settings)
    assert [one["broken"] for one in found.look()["services"]] == [None, None]
    journal.will_break("f-1", "killed", "kafka-1")
    assert found.look()["services"][0] == {
        "name": "kafka-1", "state": "exited", "health": "unhealthy", "broken": "killed",
    }  # fmt: skip
    journal.mended("f-1")
    assert [one["broken"] for one in found.look()["services"]] == [None, None]
    (tmp_path / "faults.jsonl").unlink()
    assert [one["broken"] for one in found.look()["services"]] == [None, None]


def test_without_a_stack_there_are_no_services(tmp_path: Path) -> None:
    assert Services(replace(environment.read(ROOT), state=tmp_path, target="")).look() == {"services": []}


def test_a_local_stack_without_a_supervisor_is_absent(tmp_path: Path) -> None:
    from lab.cluster.local.target import LocalTarget

    eye = LocalEye(LocalTarget(replace(environment.read(ROOT), state=tmp_path / "lab-test-0")))
    assert {status.state for status in eye.statuses()} == {"absent"}
