"""The books of `traffic`: what was appended, how it ended, what was read, what is missing, when writing paused. Pure.

Records go by their number. Every method may be called from any thread; time is handed in; nothing grows without bound.

When is an acknowledged record missing? Not when it is late. A partition is read in the order of its offsets, so once
the reader has passed a record's offset and has not seen the record, it is not there.
"""

from collections import OrderedDict, defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import RLock

from kafka_demo.terminal import numbers

HELD_UP_AFTER = 1.0
"""Seconds without an answer from which a record counts as held up."""
REMEMBERED = 20_000
"""How many numbers of records already read we remember, to know them when they are read again."""
NAMED = 1_000
"""How many missing records we remember by number."""


@dataclass(slots=True)
class Some:
    """Some records: how many, the lowest and the highest number."""

    count: int = 0
    lowest: int = 0
    highest: int = 0

    def add(self, number: int) -> None:
        self.lowest = min(self.lowest, number) if self.count else number
        self.highest = max(self.highest, number)
        self.count += 1

    def __str__(self) -> str:
        return f"record {self.lowest}" if self.count == 1 else f"{self.count} records, {self.lowest} to {self.highest}"


@dataclass(slots=True)
class Pause:
    """Records that waited longer than they should, and how long the first of them did."""

    records: Some = field(default_factory=Some)
    seconds: float = 0.0
    partitions: set[int] = field(default_factory=set)


class Accounts:
    """Counts since the start, and the few records that are still under way."""

    def __init__(self, partitions: int) -> None:
        self.acknowledged = self.unknown = self.failed = self.read = self.twice = self.missing = 0
        self.named_missing: set[int] = set()
        self._partitions = partitions
        self._lock = RLock()
        self._open: OrderedDict[int, float] = OrderedDict()  # appended, without an answer: number -> when
        self._unread: dict[int, deque[tuple[int, int]]] = defaultdict(deque)  # partition -> (offset, number)
        self._without_offset: dict[int, list[int]] = defaultdict(list)  # partition -> numbers
        self._passed: dict[int, int] = defaultdict(lambda: -1)  # partition -> the highest offset read
        self._seen: OrderedDict[int, None] = OrderedDict()
        self._pause: Pause | None = None
        self._errors: dict[tuple[str, str], Some] = defaultdict(Some)  # (outcome, why) -> which

    @property
    def unread(self) -> int:
        """Acknowledged, and the reader has not come so far yet."""
        with self._lock:
            return sum(map(len, self._unread.values())) + sum(map(len, self._without_offset.values()))

    def appended(self, number: int, now: float) -> None:
        with self._lock:
            self._open[number] = now

    def ended(
        self, number: int, outcome: str, value: Mapping[str, int | None] | None, error: str | None, now: float
    ) -> None:
        """What the producer said of a record: its outcome, for "ok" its "partition" and "offset", else the reason."""
        with self._lock:
            waited = now - self._open.pop(number, now)
            if waited > HELD_UP_AFTER:
                self._held_up(number, waited, value)
            if outcome != "ok" or value is None:
                self.failed += outcome == "fail"
                self.unknown += outcome == "info"
                self._errors["failed" if outcome == "fail" else "unknown", error or ""].add(number)
                return
            self.acknowledged += 1
            partition, offset = value["partition"] or 0, value["offset"]
            if offset is None:
                # Written by an attempt whose answer was lost: it lies before whatever is acknowledged next.
                if number not in self._seen:
                    self._without_offset[partition].append(number)
                return
            self._unread[partition].extend((offset, one) for one in self._without_offset.pop(partition, []))
            self._unread[partition].append((offset, number))
            self._settle(partition)

    def was_read(self, number: int, partition: int, offset: int) -> None:
        with self._lock:
            if number in self._seen:
                self.twice += 1
            else:
                self.read += 1
            if number in self.named_missing:
                self.named_missing.remove(number)
                self.missing -= 1
            self._seen[number] = None
            if len(self._seen) > REMEMBERED:
                self._seen.popitem(last=False)
            if number in self._without_offset[partition]:
                self._without_offset[partition].remove(number)
            self._passed[partition] = max(self._passed[partition], offset)
            self._settle(partition)

    def events(self, now: float) -> list[tuple[str, str]]:
        """To be asked often: (label, sentence) for a halt of writing, for its end, and for records that ended badly."""
        with self._lock:
            told = [(label, f"{which}: {why}") for (label, why), which in self._errors.items()]
            self._errors.clear()
            number, since = next(iter(self._open.items()), (None, now))
            halted = now - since > HELD_UP_AFTER
            if halted and self._pause is None:
                self._pause = Pause()
                told.append(("writing", f"held up: no answer for record {number} in {now - since:.1f} s"))
            elif not halted and self._pause is not None:
                told.append(("writing", f"{_story(self._pause, self._partitions)}; {self.verdict()}"))
                self._pause = None
            return told

    def verdict(self) -> str:
        with self._lock:
            if not self.missing:
                return "nothing acknowledged is missing so far"
            return f"MISSING though acknowledged: {self.missing}, first {sorted(self.named_missing)[:10]}"

    def counts(self) -> str:
        with self._lock:
            twice = f", read twice {self.twice}" if self.twice else ""
            return (
                f"acknowledged {self.acknowledged}, unknown {self.unknown}, failed {self.failed}, "
                f"read {self.read}, missing {self.missing}{twice}"
            )

    def _settle(self, partition: int) -> None:
        """Strike out what the reader has passed; what it has not seen on its way is missing."""
        unread = self._unread[partition]
        while unread and unread[0][0] <= self._passed[partition]:
            _, number = unread.popleft()
            if number not in self._seen:
                self.missing += 1
                if len(self.named_missing) < NAMED:
                    self.named_missing.add(number)

    def _held_up(self, number: int, waited: float, value: Mapping[str, int | None] | None) -> None:
        if self._pause is None:
            self._pause = Pause()
        self._pause.records.add(number)
        self._pause.seconds = max(self._pause.seconds, waited)
        if value is not None and value["partition"] is not None:
            self._pause.partitions.add(value["partition"])


def _story(pause: Pause, partitions: int) -> str:
    where = f" on {numbers(pause.partitions, of=partitions)}" if pause.partitions else ""
    return f"paused for {pause.seconds:.1f} s{where} (no answer for {pause.records})"
