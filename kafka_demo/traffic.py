"""Steady traffic through a topic, and whether all of it arrives. `python -m kafka_demo traffic` runs it.

    pace --numbered records--> Producer --> brokers --> a consumer group --> Accounts --> lines on the terminal

One process writes and reads, so it can hold what was acknowledged against what was read.
"""

import time
from collections.abc import Callable
from functools import partial
from threading import Event, Thread

from kafka_demo.accounts import Accounts
from kafka_demo.errors import ClusterUnavailable
from kafka_demo.group import follow
from kafka_demo.pace import Pace
from kafka_demo.producer import Producer
from kafka_demo.terminal import say
from kafka_demo.topic import Topic

COUNTS_EVERY = 10.0
LAST_ANSWERS = 4.0
LAST_READS = 2.0
"""Seconds. What docker gives us between SIGTERM and SIGKILL are ten, and the consumer needs some to leave its group."""


class Traffic:
    """Runs until `stop`. `tell` is given each line; `turn` is called at least twice a second while all is well."""

    def __init__(
        self,
        topic: Topic,
        per_second: float,
        stop: Event,
        tell: Callable[[str, str], None] = say,
        turn: Callable[[], None] = lambda: None,
    ) -> None:
        self.accounts = Accounts(topic.partitions)
        self._topic = topic
        self._per_second = per_second
        self._stop = stop
        self._tell = tell
        self._turn = turn
        self._run = f"traffic-{time.time_ns() // 1_000_000:x}"  # earlier runs have left their records in the topic
        self._reading = Event()
        self._enough_read = Event()

    def run(self) -> None:
        reader = Thread(target=self._read, name="traffic-reader", daemon=True)
        reader.start()
        producer = Producer(self._topic, name=self._run)
        try:
            if self._wait_for(reader):
                self._tell("traffic", f"{self._per_second:g} records a second to {self._topic.name}, as {self._run}-N")
                self._write(producer, reader)
        finally:
            producer.close(LAST_ANSWERS)
        self._last_reads()
        self._enough_read.set()
        reader.join(LAST_READS)
        self._tell_events()
        self._tell("ended", f"{self.accounts.counts()}, not read yet {self.accounts.unread}; {self.accounts.verdict()}")

    def _wait_for(self, reader: Thread) -> bool:
        """Until the reader stands at the end of the log: what is written now, it will see."""
        asked = float("-inf")
        while not (self._reading.is_set() or self._stop.is_set()):
            if time.monotonic() - asked > COUNTS_EVERY:
                asked = time.monotonic()
                self._tell("traffic", "joining the consumer group")
            self._check(reader)
            self._stop.wait(0.2)
        return not self._stop.is_set()

    def _write(self, producer: Producer, reader: Thread) -> None:
        number = 0
        pace = Pace(self._per_second, time.monotonic())
        counted = time.monotonic()
        while not self._stop.wait(min(0.5, pace.due_in(time.monotonic()))):
            now = time.monotonic()
            if pace.due_in(now) == 0:
                number += 1
                pace.take()
                self.accounts.appended(number, now)
                producer.append(f"{self._run}-{number:06}", partial(self._ended, number))
            if self._tell_events() or now - counted > COUNTS_EVERY:
                counted = now
                self._tell("counts", self.accounts.counts())
            self._check(reader)

    def _ended(self, number: int, outcome: str, value: dict[str, int | None] | None, error: str | None) -> None:
        self.accounts.ended(number, outcome, value, error, time.monotonic())

    def _tell_events(self) -> bool:
        events = self.accounts.events(time.monotonic())
        for label, sentence in events:
            self._tell(label, sentence)
        return bool(events)

    def _read(self) -> None:
        for record in follow(self._topic, self._run, self._enough_read, self._reading):
            run, _, number = record.id.rpartition("-") if record else ("", "", "")
            if record and run == self._run:
                self.accounts.was_read(int(number), record.partition, record.offset)

    def _check(self, reader: Thread) -> None:
        if not reader.is_alive():
            raise ClusterUnavailable("the reader has ended by itself, so nobody would see whether a record arrives")
        self._turn()

    def _last_reads(self) -> None:
        deadline = time.monotonic() + LAST_READS
        while self.accounts.unread and time.monotonic() < deadline:
            self._enough_read.wait(0.1)
