"""The hub's topic as it is now, as plain values: for whoever draws it, who asks again and again.

    brokers --metadata, end offsets--> look() --> {"topic", "brokers", "partitions"}

Nobody reads the topic for it and no consumer group is joined: an end offset says how many records were ever written.
"""

from concurrent.futures import Future
from functools import cache
from typing import Any

from confluent_kafka import KafkaException, TopicPartition
from confluent_kafka.admin import OffsetSpec

from kafka_demo.cluster import Cluster, look_at
from kafka_demo.errors import UnknownTopic

TOPIC = "freblogg"
WITHIN = 1.5


class Picture:
    """One client for all looks. Not for several threads."""

    def __init__(self, topic: str) -> None:
        self._topic = topic
        # A frozen broker shall not hold up the picture for longer than it must.
        self._cluster = Cluster(socket_timeout_ms=1000)
        self._brokers: set[str] = set()
        self._ends: dict[int, int] = {}
        self._asked: dict[int, Future[Any]] = {}

    def look(self) -> dict[str, Any]:
        """{"topic", "brokers": [{"name", "alive"}], "partitions": [{"number", "leader", "preferred", "replicas",
        "in_sync", "end"}]}. `alive` is the controller's word: a killed broker stays in its list for a session.

        Raises ClusterUnavailable, or UnknownTopic before the topic is made.
        """
        seen = look_at(self._topic, self._cluster.metadata(self._topic, within=WITHIN))
        if not seen["partitions"]:
            raise UnknownTopic(f"there is no topic {self._topic} yet; the service kafka-topics makes it")
        alive = set(seen["brokers"])
        self._brokers |= alive.union(*(one["replicas"] for one in seen["partitions"].values()))
        self._ask_ends([int(number) for number, one in seen["partitions"].items() if one["leader"]])
        return {
            "topic": self._topic,
            "brokers": [{"name": name, "alive": name in alive} for name in sorted(self._brokers)],
            "partitions": [
                {"number": int(number), "preferred": one["replicas"][0], **one, "end": self._ends.get(int(number), 0)}
                for number, one in seen["partitions"].items()
            ],
        }

    def _ask_ends(self, numbers: list[int]) -> None:
        """Take the end offsets that came since the last look, and ask for the next: a dead leader holds nobody up."""
        for number, future in [(number, future) for number, future in self._asked.items() if future.done()]:
            del self._asked[number]
            try:
                offset = future.result().offset
            except KafkaException:
                continue  # its leader has just gone; the next one is asked again
            if offset >= 0:
                self._ends[number] = offset
        wanted = {TopicPartition(self._topic, number): OffsetSpec.latest() for number in numbers}
        wanted = {where: spec for where, spec in wanted.items() if where.partition not in self._asked}
        if wanted:
            for where, future in self._cluster.admin.list_offsets(wanted, request_timeout=2).items():
                self._asked[where.partition] = future


@cache
def _picture() -> Picture:
    return Picture(TOPIC)


def look() -> dict[str, Any]:
    """See Picture.look."""
    return _picture().look()
