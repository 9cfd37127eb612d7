"""The topic: made here, found here, and asked here who leads it. Everything else in this service is handed a Topic.

    partition     0        1        2        3
    kafka-1    leader   follower leader   follower
    kafka-2    follower leader   follower leader

Each partition's replicas stand on different brokers. The first one named is its *preferred* leader; who leads now is a
different question, and only the metadata answers it.
"""

import time
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

import confluent_kafka
from confluent_kafka import ElectionType, KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import ConfigResource, NewTopic, PartitionMetadata

from kafka_demo.cluster import NO_LEADER, Cluster, look_at, node_name, pause, until
from kafka_demo.errors import ClusterUnavailable, KafkaDemoError, TopicExists, UnknownTopic, WrongUsage
from kafka_demo.placement import placement

HEARD_OF_WITHIN = 5.0
"""Seconds. Any broker may be asked; one that has just started may hear of a new topic after the others."""


class Topic:
    """A topic that is there. As a context manager it is deleted at the end."""

    def __init__(self, cluster: Cluster, name: str, partitions: int) -> None:
        self._cluster = cluster
        self.name = name
        self.partitions = partitions

    def leader(self, partition: int) -> str | None:
        """The node that leads the partition now, None while nobody does."""
        leader = self._ask(partition).leader
        return None if leader == NO_LEADER else node_name(leader)

    def replicas(self, partition: int) -> list[str]:
        """The nodes that hold a copy; the first is the preferred leader."""
        return [node_name(broker) for broker in self._ask(partition).replicas]

    def in_sync_replicas(self, partition: int) -> list[str]:
        """The nodes whose copy is complete, and which may therefore be elected."""
        return sorted(node_name(broker) for broker in self._ask(partition).isrs)

    def followers(self, partition: int) -> list[str]:
        """The nodes that hold a copy and do not lead it now."""
        asked = self._ask(partition)
        return [node_name(broker) for broker in asked.replicas if broker != asked.leader]

    def cluster(self) -> dict[str, Any]:
        """All of it at one moment: {"brokers": [...], "partitions": {"0": {...}}}, see `look_at`."""
        return look_at(self.name, self._cluster.metadata(self.name))

    def is_in_sync(self) -> bool:
        """Whether every copy is in sync, whoever leads."""
        known = self._cluster.partitions(self.name) or {}
        return len(known) == self.partitions and all(set(one.isrs) == set(one.replicas) for one in known.values())

    def is_complete(self) -> bool:
        """Whether every copy is in sync and every partition is led by its preferred leader."""
        known = self._cluster.partitions(self.name) or {}
        return len(known) == self.partitions and all(
            set(one.isrs) == set(one.replicas) and one.leader == one.replicas[0] for one in known.values()
        )

    def elect_preferred_leaders(self) -> None:
        """Give every partition back to its preferred leader. The metadata follows in milliseconds."""
        partitions = [TopicPartition(self.name, number) for number in range(self.partitions)]
        # No timeout arguments: the binding drops a comma between their names (2.15 and 2.16) and raises SystemError.
        future = self._cluster.admin.elect_leaders(ElectionType.PREFERRED, partitions)
        answers = self._cluster.result(future, f"an election of preferred leaders for {self.name}", within=30)
        for where, error in answers.items():
            if error and error.code() != KafkaError.ELECTION_NOT_NEEDED:
                raise ClusterUnavailable(
                    f"{self.name}/{where.partition} could not be given back to {self.replicas(where.partition)[0]} "
                    f"({error.str().rstrip('.')}); start that node and wait until it is back in sync"
                )

    def session_timeout(self) -> float:
        """Seconds of silence after which the controller takes a broker for dead, as a live broker says."""
        return self._cluster.session_timeout()

    def describe(self) -> dict[str, str | int]:
        """What was made: {"name", "partitions", "replication_factor", "min_in_sync_replicas"}."""
        configuration = self._cluster.configuration(ConfigResource.Type.TOPIC, self.name)
        return {
            "name": self.name,
            "partitions": self.partitions,
            "replication_factor": len(self.replicas(0)),
            "min_in_sync_replicas": int(configuration["min.insync.replicas"] or 1),
        }

    @staticmethod
    def versions() -> dict[str, str]:
        """What is in use. No answer that this client can ask for names the brokers' version."""
        return {
            "kafka": "unknown",
            "librdkafka": confluent_kafka.libversion()[0],
            "confluent-kafka": confluent_kafka.version(),
        }

    def delete(self) -> None:
        future = self._cluster.admin.delete_topics([self.name])[self.name]
        self._cluster.result(future, f"topic {self.name} deleted", within=30)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.delete()
        except KafkaDemoError as second:
            if error is None:
                raise
            error.add_note(f"Besides, {second}")

    def _ask(self, partition: int) -> PartitionMetadata:
        deadline = time.monotonic() + HEARD_OF_WITHIN
        while (known := self._cluster.partitions(self.name)) is None:
            if time.monotonic() > deadline:
                raise UnknownTopic(f"there is no topic {self.name!r} any more; somebody deleted it")
            pause(0.05)
        if partition not in known:
            raise WrongUsage(f"topic {self.name!r} has partitions 0 to {len(known) - 1}, not {partition}")
        return known[partition]


def find_topic(name: str, within: float = 10.0) -> Topic:
    """The topic of that name, as it is. A broker has to answer `within` seconds."""
    cluster = Cluster()
    known = cluster.partitions(name, within)
    if known is None:
        raise UnknownTopic(f"there is no topic {name!r}; make it with `python -m kafka_demo create-topic {name}`")
    return Topic(cluster, name, len(known))


def create_topic(
    name: str,
    partitions: int,
    replication_factor: int = 2,
    min_in_sync_replicas: int = 1,
    leaders: Sequence[str] | None = None,
    within: float = 30.0,
) -> Topic:
    """Make a topic and wait until every copy is in sync and every partition is led by its preferred leader.

    `leaders` names the preferred leader of each partition; without it the live brokers take turns. Waits until as many
    brokers live as there shall be copies. Raises TopicExists when the name is taken, and ClusterUnavailable when it is
    not done `within` so many seconds.
    """
    if partitions < 1 or replication_factor < 1:
        raise WrongUsage(
            f"topic {name!r} needs at least 1 partition and 1 copy, not {partitions} and {replication_factor}"
        )
    cluster, deadline = Cluster(), time.monotonic() + within
    brokers = until(
        f"{replication_factor} live brokers, one for each copy of {name!r}",
        lambda: found if len(found := cluster.brokers(within)) >= replication_factor else [],
        deadline,
    )
    new = NewTopic(
        name,
        num_partitions=partitions,
        replica_assignment=placement(brokers, partitions, replication_factor, leaders),
        config={"min.insync.replicas": str(min_in_sync_replicas)},
    )
    # Not the client's own few seconds: brokers that have just started, on a busy machine, may take longer than that.
    left = max(10.0, deadline - time.monotonic())
    try:
        cluster.admin.create_topics([new], operation_timeout=left, request_timeout=left)[name].result(left + 5)
    except KafkaException as error:
        if error.args[0].code() == KafkaError.TOPIC_ALREADY_EXISTS:
            raise TopicExists(f"there is a topic {name!r} already; choose another name, or find_topic() it") from error
        raise cluster.unavailable(f"could not create topic {name!r}", error) from error
    topic = Topic(cluster, name, partitions)
    until(f"every copy of {name!r} in sync and led by its preferred leader", topic.is_complete, deadline)
    return topic
