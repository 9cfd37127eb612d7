"""The checks of frames find what is planted into made-up runs, a hundred times each, and blame no clean run."""

import random
from collections.abc import Callable
from itertools import pairwise

import msgspec
import pytest

from lab import checks
from lab.history import History, Op
from lab.verdict import Check, Verdict
from tests.lab.histories_of_frames import event, frame, opened, settled
from tests.lab.lines import line

SEEDS = range(100)
EVENTS, SOCKETS = 60, 5
no_frame_is_missed = checks.no_frame_is_missed(ways=["core", "pubsub"])


def clean(draw: random.Random) -> list[Op]:
    """Two set-ups; sockets that come at some number, break off, come back with what they saw last, and miss nothing."""
    ops: list[Op] = []
    for way in ("core", "pubsub"):
        refused = set(draw.sample(range(1, EVENTS), 5))
        ops += [event(seq, seq, way, "info" if seq in refused else "ok") for seq in range(1, EVENTS + 1)]
        for number in range(SOCKETS):
            ops += _socket(draw, f"{way}-s{number}", way, refused)
    return [*ops, settled()]


def _socket(draw: random.Random, name: str, way: str, refused: set[int]) -> list[Op]:
    after = draw.randint(0, EVENTS // 2)
    breaks_off = draw.randint(after, EVENTS)
    ops = [opened(after, name, after, way)]
    for seq in range(after + 1, EVENTS + 1):
        if seq not in refused or draw.random() < 0.5:
            ops.append(frame(seq + 0.5 if seq <= breaks_off else 70 + seq / 100, seq, name, way))
    return [*ops, opened(70, name, breaks_off, way)]


def lose_one(draw: random.Random, ops: list[Op]) -> list[Op]:
    sure = {op.id for op in ops if op.op == "event" and op.kind == "ok"}
    lost = draw.choice([op for op in ops if op.op == "frame" and op.id in sure])
    return [op for op in ops if op is not lost]


def swap_two(draw: random.Random, ops: list[Op]) -> list[Op]:
    frames = [op for op in ops if op.op == "frame" and op.t < 70]
    one, other = draw.choice([(a, b) for a, b in pairwise(frames) if a.process == b.process])
    moved = {id(one): other.t, id(other): one.t}
    return [msgspec.structs.replace(op, t=moved.get(id(op), op.t)) for op in ops]


def bring_one_again(draw: random.Random, ops: list[Op]) -> list[Op]:
    doubled = draw.choice([op for op in ops if op.op == "frame"])
    return [*ops, msgspec.structs.replace(doubled, t=doubled.t + 0.001)]


def make_one_up(draw: random.Random, ops: list[Op]) -> list[Op]:
    return [*ops, msgspec.structs.replace(frame(85, EVENTS + draw.randint(1, 9), "core-s0"))]


PLANTED: list[tuple[Callable[[random.Random, list[Op]], list[Op]], Check]] = [
    (lose_one, no_frame_is_missed),
    (swap_two, checks.frames_come_in_order),
    (bring_one_again, checks.frames_come_in_order),
    (make_one_up, checks.frames_come_in_order),
]


@pytest.mark.parametrize(("plant", "check"), PLANTED, ids=[plant.__name__ for plant, _ in PLANTED])
def test_what_is_planted_is_found(plant: Callable[[random.Random, list[Op]], list[Op]], check: Check) -> None:
    for seed in SEEDS:
        draw = random.Random(seed)
        finding = check(History(sorted(plant(draw, clean(draw)), key=lambda op: op.t)))
        assert finding.verdict == Verdict.BROKEN, (seed, finding)


def test_a_clean_run_is_not_blamed() -> None:
    for seed in SEEDS:
        found = History(sorted(clean(random.Random(seed)), key=lambda op: op.t))
        for check in (no_frame_is_missed, checks.frames_come_in_order):
            finding = check(found)
            assert finding.verdict == Verdict.HOLDS, (seed, finding)


def test_gaps_are_told_by_their_first_and_last_number() -> None:
    came = [frame(10 + seq, seq) for seq in (1, 2, 6, 8, 9)]
    found = History([opened(0), *(event(1, seq) for seq in range(1, 11)), *came, settled()])
    finding = checks.no_frame_is_missed(ways=["core"])(found)
    assert finding.witnesses == [{"socket": "s-1", "missing": ["3-5", "7", "10"]}]
    assert finding.counts == {
        "sockets": 1, "expected": 10, "missed": 5, "gaps": 3, "again": 0, "missed: core": 5,
    }  # fmt: skip


def test_a_frame_that_comes_again_after_a_reconnect_is_counted_and_no_gap() -> None:
    found = History([opened(0), event(1, 1), frame(2, 1), opened(3), frame(4, 1), settled()])
    finding = checks.no_frame_is_missed(ways=["core"])(found)
    assert (finding.verdict, finding.counts["again"]) == (Verdict.HOLDS, 1)


def test_what_a_socket_asked_for_may_come_late_and_nothing_else() -> None:
    events = [event(1, seq) for seq in range(1, 7)]
    asked = line(5, "s-1", "invoke", "resume", None, {"after": 1, "before": 4})
    before = [opened(0), *events, frame(2, 1), frame(4, 4), asked, frame(6, 5)]
    assert checks.frames_come_in_order(History([*before, frame(7, 2), frame(8, 3), frame(9, 6)])).verdict == "HOLDS"
    assert checks.frames_come_in_order(History([*before, frame(7, 4)])).verdict == "BROKEN"
