"""Appends records to a topic, and says of each exactly once how it ended. The workload or `traffic` calls `append`.

append(id, done) --> the client's queue --> leader --> followers
     done("ok" | "fail" | "info", ...) <-- delivery report
"""

import time
from collections.abc import Callable
from functools import partial
from itertools import count
from threading import Event, Thread

import confluent_kafka
from confluent_kafka import KafkaError, KafkaException, Message

from kafka_demo import settings
from kafka_demo.outcomes import Outcome, outcome
from kafka_demo.record import body_of, crc_of
from kafka_demo.topic import Topic

Done = Callable[[Outcome, dict[str, int | None] | None, str | None], None]
"""done(outcome, value, error): value is {"partition", "offset", "crc"} when ok, error says why when not."""


class Producer:
    """A client of its own with its own thread for the answers. With acks=1 (or 0) there is no idempotence to have."""

    def __init__(
        self,
        topic: Topic,
        acks: str | int = "all",
        idempotent: bool = True,
        name: str = "producer",
        partition: int | None = None,
        full_queue_after: float = 5.0,
    ) -> None:
        exactly_once = idempotent and str(acks) in ("all", "-1")
        # One request at a time, not five. Of those that reach a new leader which is just beginning to lead, the first
        # is refused for not leading, the next for its sequence number. librdkafka then takes a new epoch and sends all
        # again, and the leader no more knows what it had copied from the old one: a record that was in flight stands in
        # the log twice (librdkafka issue 4953; in a run of ours, with OutOfOrderSequenceException in the leader's log).
        one_by_one = {"max_in_flight": 1} if exactly_once else {}
        self.name = name
        self._topic = topic.name
        self._where = {} if partition is None else {"partition": partition}  # else the key decides
        self._full_queue_after = full_queue_after
        self._client = confluent_kafka.Producer(
            settings.client(
                client_id=name,
                acks=str(acks),
                enable_idempotence=exactly_once,
                # Far longer than a failover: a record shall not run out of time merely because its leader died.
                message_timeout_ms=120_000,
                **one_by_one,
            )
        )
        self._numbers = count()
        self._waiting: dict[int, Done] = {}
        self._ended = Event()
        self._answers = Thread(target=self._poll, name=f"{name}-answers", daemon=True)
        self._answers.start()

    def append(self, record_id: str, done: Done) -> None:
        """Hand one record over and return at once; `done` hears of it from this thread or from the client's own.

        Only a full queue (100,000 records without an answer) makes it wait, `full_queue_after` seconds at most.
        """
        number = next(self._numbers)
        self._waiting[number] = done  # before the look at `_ended`: either we see it, or close() sees this record
        if self._ended.is_set():
            del self._waiting[number]
            raise RuntimeError(f"{self.name} is closed; it appends nothing any more")
        body = body_of(record_id)
        report = partial(self._reported, number, crc_of(body))
        deadline = time.monotonic() + self._full_queue_after
        while True:
            try:
                return self._client.produce(self._topic, body, record_id.encode(), on_delivery=report, **self._where)
            except BufferError:
                if self._ended.wait(0.02) or time.monotonic() > deadline:
                    return self._tell(number, "fail", None, "never sent: the client's queue is full")
            except KafkaException as error:
                return self._tell(number, "fail", None, f"never sent: {error.args[0].str()}")

    def close(self, within: float = 30.0) -> None:
        """Wait for the answers that are still out, then give up: those records end as "info". May be repeated."""
        self._ended.set()
        self._answers.join()
        self._client.flush(within)
        for number in list(self._waiting):
            self._tell(number, "info", None, f"no answer until {within:g} s after the producer was closed")
        if len(self._client):
            self._client.purge()
            self._client.flush(1)

    def __enter__(self) -> "Producer":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _poll(self) -> None:
        while not self._ended.is_set():
            self._client.poll(0.1)

    def _reported(self, number: int, crc: int, error: KafkaError | None, message: Message) -> None:
        if error is not None:
            return self._tell(number, outcome(error), None, f"{error.name()}: {error.str()}")
        # An idempotent retry that the broker knows already is acknowledged without an offset.
        known = message.offset() is not None and message.offset() >= 0
        value = {"partition": message.partition(), "offset": message.offset() if known else None, "crc": crc}
        self._tell(number, "ok", value, None)

    def _tell(self, number: int, how: Outcome, value: dict[str, int | None] | None, error: str | None) -> None:
        done = self._waiting.pop(number, None)
        if done is not None:  # else it has been told: an answer may come while close() gives up on it
            done(how, value, error)
