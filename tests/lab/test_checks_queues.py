"""The checks of queues find what is planted into made-up runs, a hundred times each, and blame no clean run."""

import random
from collections.abc import Callable

import pytest

from lab import checks
from lab.history import History, Op
from lab.verdict import Check, Verdict
from tests.lab.histories_of_queues import case, drained, got, sent, waiting
from tests.lab.lines import line, note

SEEDS = range(100)
MESSAGES = 150


def clean(draw: random.Random) -> list[Op]:
    """Publishers who are told ok or nothing, a consumer that dies once, and everything confirmed handled in the end."""
    ids = [f"m-{number}" for number in range(MESSAGES)]
    unknown = set(draw.sample(ids, draw.randint(0, 20)))
    ops = [sent(id, "info" if id in unknown else "ok") for id in ids]
    arrived = [id for id in ids if id not in unknown or draw.random() < 0.5]
    held = draw.sample(arrived, draw.randint(1, 20))
    ops.append(note(1, "held", held))
    handled_before = set(draw.sample(held, draw.randint(0, len(held))))
    draw.shuffle(arrived)
    ops += [got(id) for id in arrived if id in handled_before or id not in held]
    ops += [got(id, redelivered=True) for id in held]
    return [*ops, drained()]


def lose_one(draw: random.Random, ops: list[Op]) -> list[Op]:
    confirmed = [op.id for op in ops if op.op == "publish" and op.kind == "ok"]
    lost = draw.choice(confirmed)
    return [op for op in ops if not (op.op == "receive" and op.id == lost)]


def lose_one_that_was_held(draw: random.Random, ops: list[Op]) -> list[Op]:
    held = next(op.value for op in ops if op.op == "held")
    lost = draw.choice(held)
    return [op for op in ops if not (op.op == "receive" and op.id == lost)]


def double_one_without_a_mark(draw: random.Random, ops: list[Op]) -> list[Op]:
    return [*ops, got(draw.choice([op.id or "" for op in ops if op.op == "receive"]))]


Plant = Callable[[random.Random, list[Op]], list[Op]]
PLANTED: list[tuple[Plant, Check]] = [
    (lose_one, checks.nothing_confirmed_is_lost()),
    (lose_one_that_was_held, checks.unacknowledged_messages_come_back),
    (double_one_without_a_mark, checks.a_second_time_is_marked),
]


@pytest.mark.parametrize(("plant", "check"), PLANTED, ids=lambda found: getattr(found, "__name__", ""))
def test_what_is_planted_is_found_in_each_of_a_hundred_runs(plant: Plant, check: Check) -> None:
    for seed in SEEDS:
        draw = random.Random(seed)
        finding = check(History(plant(draw, clean(draw))))
        assert finding.verdict is Verdict.BROKEN, seed
        assert finding.witnesses


def test_no_clean_run_is_blamed() -> None:
    for seed in SEEDS:
        history = History(clean(random.Random(seed)))
        assert [check(history).verdict for _, check in PLANTED] == [Verdict.HOLDS] * len(PLANTED), seed


def test_a_queue_that_was_not_read_to_its_end_makes_an_absence_unknown() -> None:
    for seed in SEEDS:
        draw = random.Random(seed)
        cut = [op for op in lose_one(draw, clean(draw)) if op.op != "drained"]
        assert checks.nothing_confirmed_is_lost()(History(cut)).verdict is Verdict.UNKNOWN
        assert checks.nothing_confirmed_is_lost()(History([*cut, drained(left=3)])).verdict is Verdict.UNKNOWN


def test_one_wrong_prediction_among_many_is_found_and_named() -> None:
    check = checks.messages_reach_the_predicted_queues(ways=["topic", "fanout"])
    for seed in SEEDS:
        draw = random.Random(seed)
        right = [case("routed", draw.choice(["topic", "fanout"]), ["a"], ["a"]) for _ in range(50)]
        right += [case("routed", way, [], []) for way in ("topic", "fanout")]
        assert check(History(right)).verdict is Verdict.HOLDS
        wrong = draw.choice([([], ["a"]), (["a"], []), (["a"], ["a", "b"]), (["a", "b"], ["b"])])
        right.insert(draw.randrange(50), case("routed", "topic", *wrong))
        finding = check(History(right))
        assert (finding.verdict, finding.counts["wrong"], len(finding.witnesses)) == (Verdict.BROKEN, 1, 1)


def test_a_message_that_comes_early_is_as_wrong_as_one_that_comes_late() -> None:
    check = checks.messages_expire_on_time(group="g", within=1.0)
    for waited, verdict in ((0.2, "BROKEN"), (0.3, "HOLDS"), (1.2, "HOLDS"), (1.4, "BROKEN")):
        history = History([waiting("a", 0.3), got("a", t=1 + waited)])
        assert check(history).verdict == verdict, waited


def test_a_control_run_in_which_nobody_died_holds_unless_something_was_handled_twice() -> None:
    run = line(0, "lab", "note", "run", value={"variant": "control"})
    check = checks.unacknowledged_messages_come_back
    assert check(History([run, got("a"), got("b"), drained()])).verdict is Verdict.HOLDS
    assert check(History([run, got("a"), got("a", redelivered=True), drained()])).verdict is Verdict.BROKEN
