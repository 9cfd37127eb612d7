"""Reads what is written from now on, as a member of a consumer group. `traffic` follows its own records with it.

The group keeps its place in Kafka itself, at a broker that is its coordinator: when that one dies another takes over.
"""

from collections.abc import Iterator
from threading import Event

from confluent_kafka import OFFSET_BEGINNING, KafkaException, TopicPartition
from confluent_kafka import Consumer as Client

from kafka_demo import settings
from kafka_demo.record import Record, record_of
from kafka_demo.topic import Topic


def follow(topic: Topic, group: str, stop: Event, reading: Event | None = None) -> Iterator[Record | None]:
    """As a member of a consumer group, every record that is written from the moment on in which `reading` is set.

    Yields None when nothing came for half a second, so that the caller is never kept waiting. Ends after `stop`.
    """
    positions: dict[int, int] = {}

    def assigned(client: Client, partitions: list[TopicPartition]) -> None:
        for one in partitions:
            one.offset = positions.get(one.partition, _end_of_log(client, one))
        client.assign(partitions)
        if reading:
            reading.set()

    client = Client(settings.client(group_id=group, auto_offset_reset="earliest"))
    try:
        client.subscribe([topic.name], on_assign=assigned)
        while not stop.is_set():
            message = client.poll(0.5)
            if message is None or message.error():
                yield None
            else:
                positions[message.partition()] = message.offset() + 1
                yield record_of(message)
    finally:
        client.close()


def _end_of_log(client: Client, where: TopicPartition) -> int:
    """Known for certain, while "latest" would be wherever the log ends at the first fetch."""
    try:
        return client.get_watermark_offsets(where, timeout=2, cached=False)[1]
    except KafkaException:
        return OFFSET_BEGINNING  # its leader is away: rather read too much than miss something
