"""Reads a topic from its beginning to its end, once. A scenario does it last of all, to see what is there.

What was read is yielded as plain Records, so a scenario can hand it to its history. The end of a log is its *high
watermark*: up to there every in-sync replica has the records, and only so far may anybody read. (`group` reads on.)
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass

from confluent_kafka import OFFSET_BEGINNING, KafkaError, KafkaException, TopicPartition
from confluent_kafka import Consumer as Client

from kafka_demo import settings
from kafka_demo.cluster import pause
from kafka_demo.errors import ClusterUnavailable
from kafka_demo.record import Record, record_of
from kafka_demo.served_by import ServedBy
from kafka_demo.topic import Topic


@dataclass(slots=True)
class End:
    """How far one partition was read: to its end when `position` has reached `high_watermark`, else `error` says why.

    Positions count offsets, not records: a compacted log has gaps, and markers of transactions take offsets too.
    """

    partition: int
    position: int = 0
    high_watermark: int | None = None
    error: str | None = None

    @property
    def reached(self) -> bool:
        return self.high_watermark is not None and self.position >= self.high_watermark


def read_to_end(topic: Topic, idle: float = 10.0) -> Iterator[Record | End]:
    """Every record, from each partition's beginning to the high watermark that it has now; then an End for each.

    When nothing comes for `idle` seconds, the partitions that are not at their end yet end with an error.
    """
    served_by = ServedBy(topic.name)
    client = Client(
        settings.client(
            group_id="kafka-demo-reader",  # the client demands one; nobody joins it and nothing is committed
            enable_auto_commit=False,
            auto_offset_reset="error",
            enable_partition_eof=True,
            fetch_wait_max_ms=100,
            statistics_interval_ms=100,
            stats_cb=served_by,
        )
    )
    ends = {number: End(number) for number in range(topic.partitions)}
    try:
        client.assign([TopicPartition(topic.name, number, OFFSET_BEGINNING) for number in ends])
        for end in ends.values():
            _ask_high_watermark(client, topic.name, end, idle)
        yield from _read(client, ends, served_by, idle)
    finally:
        client.close()
    for end in ends.values():
        if end.reached:
            end.error = None  # it got over it
        elif end.error is None:
            end.error = f"nothing came for {idle:g} s at {end.position} of {end.high_watermark}"
    yield from ends.values()


def high_watermark_stands_still(topic: Topic, partition: int, seconds: float = 0.3) -> bool:
    """Whether the high watermark stays where it is for so long: under load, that no follower fetches."""
    client = Client(settings.client(group_id="kafka-demo-reader", enable_auto_commit=False))
    where = TopicPartition(topic.name, partition)
    try:
        _, before = client.get_watermark_offsets(where, timeout=2, cached=False)
        pause(seconds)
        _, after = client.get_watermark_offsets(where, timeout=2, cached=False)
    except KafkaException as error:
        raise ClusterUnavailable(f"the high watermark of {topic.name}/{partition} is not to be had: {error}") from error
    finally:
        client.close()
    return bool(before == after)


def _ask_high_watermark(client: Client, topic: str, end: End, within: float) -> None:
    """Asked of the leader, not of the client's memory. A leader just elected may need a moment before it knows."""
    deadline = time.monotonic() + within
    while end.high_watermark is None and time.monotonic() < deadline:
        try:
            where = TopicPartition(topic, end.partition)
            _, end.high_watermark = client.get_watermark_offsets(where, timeout=2, cached=False)
        except KafkaException as error:
            end.error = f"its high watermark is not known: {error.args[0].str()}"
            pause(0.1)


def _read(client: Client, ends: dict[int, End], served_by: ServedBy, idle: float) -> Iterator[Record]:
    """Poll until every partition is at its end. A record is held until statistics have said who served it."""
    held: list[Record] = []
    latest = time.monotonic()
    unfinished = {end.partition for end in ends.values() if end.high_watermark is not None and not end.reached}
    while (unfinished or held) and time.monotonic() < latest + idle:
        message = client.poll(0.1)
        if message is not None and message.partition() in unfinished:
            end, error = ends[message.partition()], message.error()
            if error is None:
                held.append(record_of(message))
                end.position = message.offset() + 1
                latest = time.monotonic()
            elif error.code() == KafkaError._PARTITION_EOF:
                end.position = message.offset()
            else:
                end.error = f"{error.name()}: {error.str()}"
            if end.reached:
                unfinished.remove(end.partition)
        if served_by.is_news:
            yield from served_by.name(held)
            held.clear()
    yield from held
