"""Do the checks see what they claim to see? Anomalies are planted in made-up histories, and each must be found.

`lab check --self-test` and the tests call `run_self_test`. No verdict is worth more than what it says.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from lab import checks
from lab.scenario import Variant
from lab.synthetic import Append, MadeUpRun, Read, made_up_run
from lab.verdict import Check, Finding, Verdict, judge

JUDGES: Sequence[Check] = (
    checks.nothing_acknowledged_is_lost,
    checks.nothing_is_read_twice,
    checks.order_within_a_partition,
    checks.an_offset_holds_one_value,
    checks.acknowledged_offset_is_where_it_is_read,
    checks.what_certainly_failed_is_not_read,
    checks.what_is_read_is_what_was_written,
    checks.unknown_outcomes_may_appear,
    checks.the_read_reached_the_high_watermark,
    checks.reads_come_from_the_leader,
    checks.the_leader_moved(),
    checks.leaders_go_and_come_back,
    checks.leader_and_follower_are_on_different_brokers,
    checks.partitions_are_spread_evenly,
    checks.followers_stay_in_sync,
    checks.writes_pause_for(),
    checks.writes_pause_at_most(seconds=20),
    checks.the_fault_was_felt,
    checks.enough_was_written(),
    checks.the_script_ran_to_its_end,
    checks.the_system_recovered,
)
"""Asked about every made-up history."""


@dataclass(frozen=True, slots=True)
class Row:
    """How often an anomaly was found by the check that should find it. For the clean histories: how often all held."""

    anomaly: str
    detected: int
    of: int
    check: str


@dataclass(frozen=True, slots=True)
class Anomaly:
    """Something that `plant` does to a made-up run, the check that must notice, and what it must then say."""

    name: str
    check: str
    verdict: Verdict
    plant: Callable[[MadeUpRun, random.Random], None]
    variants: Sequence[Variant] = ("main", "control")
    struck: bool = True


def run_self_test(seeds: int = 100) -> list[Row]:
    """One row for the clean histories, then one for each anomaly. Takes about 20 ms a history."""
    clean = sum(is_clean(seed) for seed in range(seeds))
    rows = [Row("none", clean, seeds, "every check holds")]
    for anomaly in ANOMALIES:
        found = sum(is_detected(anomaly, seed) for seed in range(seeds))
        rows.append(Row(anomaly.name, found, seeds, anomaly.check))
    return rows


def is_clean(seed: int) -> bool:
    """Whether every check holds in the clean history of this seed; every fourth one is a control run."""
    findings = judge(made_up_run(seed, "main" if seed % 4 else "control").history(), JUDGES)[1]
    return all(finding.verdict is Verdict.HOLDS for finding in findings)


def is_detected(anomaly: Anomaly, seed: int) -> bool:
    """Whether the right check says what it must, and no other one is BROKEN."""
    findings = findings_with(anomaly, seed)
    right = [finding.verdict for finding in findings if finding.check == anomaly.check]
    wrong = [f for f in findings if f.verdict is Verdict.BROKEN and f.check != anomaly.check]
    return right == [anomaly.verdict] and not wrong


def findings_with(anomaly: Anomaly, seed: int) -> list[Finding]:
    """What all checks say about the history of this seed with the anomaly planted."""
    run = made_up_run(seed, anomaly.variants[seed % len(anomaly.variants)], struck=anomaly.struck)
    anomaly.plant(run, random.Random(seed + 1_000_000))
    return judge(run.history(), JUDGES)[1]


def _lose(run: MadeUpRun, rng: random.Random) -> None:
    victim = rng.choice([one for one in run.appends if one.outcome == "ok"])
    run.reads = [read for read in run.reads if read.id != victim.id]


def _double(run: MadeUpRun, rng: random.Random) -> None:
    victim = rng.choice([one for one in run.appends if one.outcome == "ok"])
    _read_at_the_end(run, victim)


def _reorder(run: MadeUpRun, rng: random.Random) -> None:
    """Two neighbours of one producer change places; the log and the acknowledgements agree about it."""
    first = rng.choice(run.appends[: len(run.appends) // 2])
    earlier, later = [
        one
        for one in run.appends
        if (one.process, one.partition) == (first.process, first.partition) and one.offset is not None
    ][:2]
    earlier.offset, later.offset = later.offset, earlier.offset
    earlier.told, later.told = later.told, earlier.told
    place = {read.id: number for number, read in enumerate(run.reads)}
    one, other = run.reads[place[earlier.id]], run.reads[place[later.id]]
    one.id, other.id, one.crc, other.crc = other.id, one.id, other.crc, one.crc


def _corrupt(run: MadeUpRun, rng: random.Random) -> None:
    acknowledged = {one.id for one in run.appends if one.outcome == "ok"}
    victim = rng.choice([read for read in run.reads if read.id in acknowledged])
    victim.crc ^= 1 << rng.randrange(32)


def _phantom(run: MadeUpRun, rng: random.Random) -> None:
    _read_at_the_end(run, replace(rng.choice(run.appends), id="append-999999"))


def _fail_what_was_written(run: MadeUpRun, rng: random.Random) -> None:
    rng.choice([one for one in run.appends if one.outcome == "ok"]).outcome = "fail"


def _be_late(run: MadeUpRun, rng: random.Random) -> None:
    """Acknowledgements of partition 0 come back too late by a tenth of a session timeout, or by much more."""
    control = run.variant == "control"
    resumed = run.killed + run.session_timeout * (rng.uniform(0.45, 0.9) if control else rng.uniform(1.35, 1.8))
    for one in run.appends:
        if one.partition == 0 and one.outcome == "ok" and run.killed <= one.ended < resumed:
            one.ended = resumed + (one.ended - run.killed) / 1000


def _no_fault(run: MadeUpRun, rng: random.Random) -> None:
    """Nothing recorded at all, nothing proved, or nothing felt."""
    missing = rng.choice(["everything", "applied", "felt"])
    if missing == "everything":
        run.steps = {}
    else:
        run.steps[f"not_{missing}"] = run.steps.pop(missing)


def _two_at_one_offset(run: MadeUpRun, rng: random.Random) -> None:
    """An append of unknown outcome that was not in the log is read where another record stands."""
    victim = next(one for one in run.appends if one.outcome == "info" and one.offset is None)
    before = {one.id for one in run.appends if one.partition == victim.partition and one.invoked < victim.invoked}
    at = max(number for number, read in enumerate(run.reads) if read.id in before)
    run.reads.insert(at + 1, replace(run.reads[at], id=victim.id, crc=victim.crc))


def _elsewhere(run: MadeUpRun, rng: random.Random) -> None:
    victim = rng.choice([one for one in run.appends if one.outcome == "ok"])
    victim.told = run.high_watermark(victim.partition) + rng.randrange(100)


def _stop_reading(run: MadeUpRun, rng: random.Random) -> None:
    partition = rng.randrange(run.partitions)
    end = run.high_watermark(partition)
    run.unread[partition] = rng.randint(1, min(end, 20))
    run.reads = [r for r in run.reads if r.partition != partition or r.offset < end - run.unread[partition]]


def _read_from_a_follower(run: MadeUpRun, rng: random.Random) -> None:
    victim = rng.choice(run.reads)
    victim.broker = 3 - victim.broker


def _read_at_the_end(run: MadeUpRun, one: Append) -> None:
    end = run.high_watermark(one.partition)
    run.reads.append(Read(one.id, one.partition, end, one.crc, broker=1 + one.partition % 2))


ANOMALIES = (
    Anomaly("lost", "nothing_acknowledged_is_lost", Verdict.BROKEN, _lose),
    Anomaly("doubled", "nothing_is_read_twice", Verdict.BROKEN, _double),
    Anomaly("reordered", "order_within_a_partition", Verdict.BROKEN, _reorder),
    Anomaly("corrupted", "what_is_read_is_what_was_written", Verdict.BROKEN, _corrupt),
    Anomaly("read though never appended", "what_certainly_failed_is_not_read", Verdict.BROKEN, _phantom),
    Anomaly("read though it failed", "what_certainly_failed_is_not_read", Verdict.BROKEN, _fail_what_was_written),
    Anomaly("late", "writes_pause_for", Verdict.BROKEN, _be_late),
    Anomaly("fault that did not happen", "the_fault_was_felt", Verdict.UNKNOWN, _no_fault, ("main",), struck=False),
    Anomaly("two records at one offset", "an_offset_holds_one_value", Verdict.BROKEN, _two_at_one_offset),
    Anomaly("told the wrong offset", "acknowledged_offset_is_where_it_is_read", Verdict.BROKEN, _elsewhere),
    Anomaly("not read to the end", "the_read_reached_the_high_watermark", Verdict.UNKNOWN, _stop_reading),
    Anomaly("read from a follower", "reads_come_from_the_leader", Verdict.BROKEN, _read_from_a_follower),
)
"""Each with the check that must find it."""
