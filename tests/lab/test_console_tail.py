"""A history as server-sent events: whole, live, torn, resumed, and with a writer that has died."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lab.console import tail as module
from lab.console.tail import BATCH, Tail

DIED = "nobody writes it any more"


def write(folder: Path, numbers: range, rest: str = "") -> None:
    with (folder / "history.jsonl").open("a") as file:
        file.writelines(json.dumps({"t": number}) + "\n" for number in numbers)
        file.write(rest)


def judge(folder: Path) -> None:
    (folder / "verdict.json").write_text('{"verdict": "HOLDS"}')


def events_of(folder: Path, at: int = 0, lives: Callable[[], bool] = lambda: False) -> list[dict[str, Any]]:
    """All events until the stream ends by itself, their data parsed."""

    async def read() -> list[dict[str, Any]]:
        tail = Tail(folder, at, lives, lambda: DIED)
        return [event | {"data": json.loads(event["data"])} async for event in tail.events()]

    return asyncio.run(asyncio.wait_for(read(), 60))


def numbers_in(events: list[dict[str, Any]]) -> list[int]:
    return [line["t"] for event in events if event["event"] == "lines" for line in event["data"]]


def test_a_judged_run_comes_whole_and_ends_with_its_verdict(tmp_path: Path) -> None:
    write(tmp_path, range(3))
    judge(tmp_path)
    events = events_of(tmp_path)
    assert numbers_in(events) == [0, 1, 2]
    assert events[-1]["event"] == "end"
    assert events[-1]["data"] == {"verdict": {"verdict": "HOLDS"}, "why": ""}
    assert events[-1]["id"] == str((tmp_path / "history.jsonl").stat().st_size)


def test_a_long_run_comes_in_batches_and_in_pieces(tmp_path: Path) -> None:
    write(tmp_path, range(100_000))
    judge(tmp_path)
    events = events_of(tmp_path)
    assert numbers_in(events) == list(range(100_000))
    assert max(len(event["data"]) for event in events[:-1]) <= BATCH
    assert len(events) > 20


def test_whoever_comes_back_goes_on_behind_the_last_line_it_had(tmp_path: Path) -> None:
    write(tmp_path, range(2 * BATCH))
    judge(tmp_path)
    first, *rest = events_of(tmp_path)
    assert numbers_in(events_of(tmp_path, int(first["id"]))) == numbers_in(rest)


def test_a_line_longer_than_a_piece_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PIECE", 64)
    write(tmp_path, range(2), json.dumps({"t": 2, "value": "x" * 1000}) + "\n")
    judge(tmp_path)
    assert numbers_in(events_of(tmp_path)) == [0, 1, 2]


def test_a_torn_last_line_is_left_out(tmp_path: Path) -> None:
    write(tmp_path, range(2), '{"t": 2, "wa')
    events = events_of(tmp_path)
    assert numbers_in(events) == [0, 1]
    assert events[-1]["data"] == {"verdict": None, "why": DIED}


@pytest.mark.parametrize("bad", [b"no json\n", b'{"t": "\xff"}\n'])
def test_a_bad_line_in_the_middle_ends_the_stream_with_its_place(tmp_path: Path, bad: bytes) -> None:
    write(tmp_path, range(2))
    at = (tmp_path / "history.jsonl").stat().st_size
    with (tmp_path / "history.jsonl").open("ab") as file:
        file.write(bad)
    write(tmp_path, range(2, 3))
    events = events_of(tmp_path, lives=lambda: True)
    assert numbers_in(events) == [0, 1]
    assert f"byte {at} " in events[-1]["data"]["why"]


def test_a_link_in_place_of_a_history_is_not_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text('{"t": 1}\n')
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "history.jsonl").symlink_to(secret)
    events = events_of(folder)
    assert [event["event"] for event in events] == ["end"]
    assert "cannot be read" in events[0]["data"]["why"]


def test_lines_come_while_they_are_written_and_the_verdict_ends_it(tmp_path: Path) -> None:
    async def read() -> list[Any]:
        events = Tail(tmp_path, 0, lambda: True, lambda: DIED).events()
        heard: list[Any] = []
        for number in range(3):
            write(tmp_path, range(number, number + 1))
            event = await anext(events)
            heard.append(json.loads(event["data"])[0]["t"])
        write(tmp_path, range(3, 4))
        judge(tmp_path)
        heard += [event["event"] async for event in events]
        return heard

    assert asyncio.run(asyncio.wait_for(read(), 60)) == [0, 1, 2, "lines", "end"]


def test_what_a_writer_wrote_last_is_read_before_its_death_is_told(tmp_path: Path) -> None:
    alive = iter([True, False])

    def dies() -> bool:
        write(tmp_path, range(7, 8))
        return next(alive)

    events = events_of(tmp_path, lives=dies)
    assert numbers_in(events)[-1] == 7
    assert events[-1]["data"]["why"] == DIED
    assert next(alive, None) is None


def test_a_verdict_that_is_just_being_written_is_waited_for(tmp_path: Path) -> None:
    write(tmp_path, range(1))
    (tmp_path / "verdict.json").write_text('{"verd')

    def lives() -> bool:
        judge(tmp_path)
        return True

    assert events_of(tmp_path, lives=lives)[-1]["data"]["verdict"] == {"verdict": "HOLDS"}


def test_a_run_that_has_written_nothing_yet_is_waited_for(tmp_path: Path) -> None:
    def lives() -> bool:
        write(tmp_path, range(1))
        judge(tmp_path)
        return True

    assert numbers_in(events_of(tmp_path, lives=lives)) == [0]
