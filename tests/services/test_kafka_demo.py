"""The Kafka demo on a real cluster: what it writes is read back, through the death of a leader and of all brokers."""

import uuid
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any

import pytest
from confluent_kafka import KafkaError
from confluent_kafka import Producer as Client
from confluent_kafka.admin import NewTopic

from kafka_demo import settings
from kafka_demo.cluster import Cluster
from kafka_demo.consumer import End, read_to_end
from kafka_demo.errors import ClusterUnavailable, TopicExists, UnknownTopic, WrongUsage
from kafka_demo.outcomes import outcome
from kafka_demo.producer import Producer
from kafka_demo.record import Record
from kafka_demo.topic import Topic, create_topic, find_topic
from lab.cluster.target import Target
from lab.waiting import pause, wait_for

BROKERS = ["kafka-1", "kafka-2"]


class Outcomes:
    """Takes what producers say of their records, and keeps every word of it."""

    def __init__(self) -> None:
        self.said: dict[str, list[tuple[str, dict[str, Any] | None, str | None]]] = defaultdict(list)

    def append(self, producer: Producer, record_id: str) -> None:
        self.said[record_id] = []
        producer.append(record_id, lambda *words: self.said[record_id].append(words))

    def counts(self) -> Counter[str]:
        """How many records ended how; "silent" and "twice" are what must not be."""
        return Counter(
            words[0][0] if len(words) == 1 else "twice" if words else "silent" for words in self.said.values()
        )

    def acknowledged(self) -> dict[str, dict[str, Any] | None]:
        return {record_id: said[0][1] for record_id, said in self.said.items() if said and said[0][0] == "ok"}


@pytest.fixture
def name() -> str:
    return f"test-{uuid.uuid4().hex[:8]}"


@pytest.fixture
def topic(kafka: Target, name: str) -> Iterator[Topic]:
    with create_topic(name, partitions=2) as made:
        yield made


@contextmanager
def frozen(kafka: Target, *brokers: str) -> Iterator[None]:
    for broker in brokers:
        kafka.pause(broker)
    try:
        yield
    finally:
        for broker in brokers:
            kafka.unpause(broker)


def read(topic: Topic, idle: float = 10.0) -> tuple[list[Record], list[End]]:
    both = list(read_to_end(topic, idle))
    return [one for one in both if isinstance(one, Record)], [one for one in both if isinstance(one, End)]


def test_a_topic_is_as_it_was_asked_for_and_its_name_is_taken(topic: Topic) -> None:
    assert topic.describe() == {
        "name": topic.name, "partitions": 2, "replication_factor": 2, "min_in_sync_replicas": 1,
    }  # fmt: skip
    assert topic.cluster() == {
        "brokers": BROKERS,
        "partitions": {
            "0": {"leader": "kafka-1", "replicas": ["kafka-1", "kafka-2"], "in_sync": BROKERS},
            "1": {"leader": "kafka-2", "replicas": ["kafka-2", "kafka-1"], "in_sync": BROKERS},
        },
    }
    assert topic.session_timeout() == 3.0
    with pytest.raises(TopicExists, match="choose another name"):
        create_topic(topic.name, partitions=2)
    with pytest.raises(WrongUsage, match="has partitions 0 to 1, not 2"):
        topic.leader(2)


def test_leader_and_follower_of_a_partition_stand_on_different_brokers(topic: Topic) -> None:
    for partition in range(topic.partitions):
        leader = topic.leader(partition)
        assert topic.followers(partition) == [broker for broker in BROKERS if broker != leader]


def test_a_topic_is_deleted_at_the_end_of_its_block(kafka: Target, name: str) -> None:
    with create_topic(name, partitions=1, leaders=["kafka-2"]) as topic:
        assert topic.leader(0) == "kafka-2"
    wait_for("the topic to be gone", lambda: find_fails(name), within=10)


def find_fails(name: str) -> bool:
    try:
        find_topic(name)
    except UnknownTopic as error:
        return "create-topic" in str(error)
    return False


def test_every_record_is_read_back_as_it_was_acknowledged_from_the_leader(topic: Topic) -> None:
    outcomes = Outcomes()
    with Producer(topic) as producer:
        for number in range(2_000):
            outcomes.append(producer, f"a-{number:06}")
    assert outcomes.counts() == {"ok": 2_000}
    records, ends = read(topic)
    assert {
        one.id: {"partition": one.partition, "offset": one.offset, "crc": one.crc} for one in records
    } == outcomes.acknowledged()
    assert {(one.partition, one.broker) for one in records} == {(0, 1), (1, 2)}
    assert [(end.partition, end.position, end.error) for end in ends] == [
        (end.partition, end.high_watermark, None) for end in ends
    ]
    assert sum(end.position for end in ends) == 2_000


def test_nothing_acknowledged_is_lost_when_the_leader_is_killed_and_comes_back(topic: Topic, kafka: Target) -> None:
    outcomes, enough = Outcomes(), Event()
    producer = Producer(topic, partition=0)

    def write() -> None:
        number = 0
        while not enough.wait(0.005):
            outcomes.append(producer, f"a-{number:06}")
            number += 1

    writer = Thread(target=write)
    writer.start()
    wait_for("records to be acknowledged", lambda: len(outcomes.acknowledged()) > 100, within=10)
    kafka.kill("kafka-1")
    wait_for("the follower to lead", lambda: topic.leader(0) == "kafka-2", 20, passing=(ClusterUnavailable,))
    assert topic.in_sync_replicas(0) == ["kafka-2"]
    with pytest.raises(ClusterUnavailable, match=r"/0 could not be given back to kafka-1 .*start that node"):
        topic.elect_preferred_leaders()
    kafka.start("kafka-1")
    wait_for("kafka-1 to be in sync", lambda: topic.in_sync_replicas(0) == BROKERS, 60, passing=(ClusterUnavailable,))
    topic.elect_preferred_leaders()
    wait_for("kafka-1 to lead again", lambda: topic.leader(0) == "kafka-1", within=10)
    enough.set()
    writer.join()
    producer.close()

    assert set(outcomes.counts()) == {"ok"}
    records, ends = read(topic)
    assert Counter(one.id for one in records) == Counter(outcomes.acknowledged().keys())
    assert all(end.reached for end in ends)


def test_closing_tells_every_record_once_and_what_has_no_answer_is_unknown(topic: Topic, kafka: Target) -> None:
    outcomes = Outcomes()
    producer = Producer(topic, full_queue_after=0.2)
    outcomes.append(producer, "answered")
    wait_for("an answer", outcomes.acknowledged, within=10)
    with frozen(kafka, *BROKERS):
        for number in range(100_001):  # one more than the client's queue holds
            outcomes.append(producer, f"a-{number:06}")
        assert outcomes.said["a-100000"] == [("fail", None, "never sent: the client's queue is full")]
        producer.close(within=1)
    assert outcomes.counts() == {"ok": 1, "fail": 1, "info": 100_000}
    assert (outcomes.said["a-000000"][0][2] or "").startswith("no answer until 1 s after")
    producer.close()
    with pytest.raises(RuntimeError, match="is closed"):
        producer.append("late", lambda *_: None)
    pause(0.5)
    assert outcomes.counts() == {"ok": 1, "fail": 1, "info": 100_000}


def test_a_partition_that_nobody_serves_ends_with_an_error_and_the_others_are_read(topic: Topic, kafka: Target) -> None:
    outcomes = Outcomes()
    with Producer(topic) as producer:
        for number in range(100):
            outcomes.append(producer, f"a-{number:06}")
    with frozen(kafka, "kafka-1"):
        records, ends = read(topic, idle=1.5)
    assert not ends[0].reached
    assert ends[0].error
    assert {one.partition for one in records} <= {1}


def test_without_idempotence_and_with_one_ack_records_arrive_too(topic: Topic) -> None:
    outcomes = Outcomes()
    with Producer(topic, acks="1", partition=1) as producer:
        outcomes.append(producer, "a-1")
    with Producer(topic, idempotent=False, partition=1) as producer:
        outcomes.append(producer, "a-2")
    assert outcomes.counts() == {"ok": 2}
    assert [(one.id, one.partition, one.offset) for one in read(topic)[0]] == [("a-1", 1, 0), ("a-2", 1, 1)]


def test_a_record_that_the_broker_refuses_by_name_is_certainly_not_in_the_log(kafka: Target, name: str) -> None:
    cluster = Cluster()
    compacted = NewTopic(name, 1, 2, config={"cleanup.policy": "compact"})
    cluster.result(cluster.admin.create_topics([compacted])[name], "a compacted topic", within=10)
    with wait_for("the topic", lambda: find_topic(name), within=10, passing=(UnknownTopic,)) as topic:
        wait_for("every copy", topic.is_complete, within=20)
        errors: list[KafkaError] = []
        client = Client(settings.client())
        client.produce(
            name, b"a compacted log takes no record without a key", on_delivery=lambda e, _: errors.append(e)
        )
        assert client.flush(10) == 0
        assert [(error.code(), outcome(error)) for error in errors] == [(KafkaError.INVALID_RECORD, "fail")]
        assert read(topic)[0] == []
