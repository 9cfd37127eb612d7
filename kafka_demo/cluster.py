"""What the brokers say: who is alive, who leads, which settings are in force. `topic` and `watcher` ask here.

Metadata comes from `list_topics`, because any live broker answers it. `describe_topics` goes to the controller's
representative first and can time out just when it is wanted: during a failover.
"""

import time
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NoAnswer
from threading import Event
from typing import Any, TypeVar

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient, ClusterMetadata, ConfigResource, PartitionMetadata

from kafka_demo import settings
from kafka_demo.errors import ClusterUnavailable, WrongUsage

NO_LEADER = -1
Found = TypeVar("Found")


def node_name(broker_id: int) -> str:
    """Broker 1 is the service kafka-1."""
    return f"kafka-{broker_id}"


class Cluster:
    """The cluster as a client sees it. Safe to share between threads; connects at the first question."""

    def __init__(self, **more: Any) -> None:
        self.admin = AdminClient(settings.client(**more))

    def metadata(self, topic: str | None = None, within: float = 10.0) -> ClusterMetadata:
        """The live brokers and one topic (None: all topics), asked for now.

        One question waits a second at most: a frozen broker may have got it, and the next goes to another one.
        """
        deadline = time.monotonic() + within
        while True:
            try:
                return self.admin.list_topics(topic, timeout=min(1.0, within))
            except KafkaException as error:
                if time.monotonic() > deadline:
                    raise self.unavailable(f"no broker answered for {within:g} s", error) from error
            pause(0.05)

    def brokers(self, within: float = 10.0) -> list[int]:
        """Ids of the brokers that the controller takes for alive: a killed one stays until its session times out."""
        return sorted(self.metadata(within=within).brokers)

    def partitions(self, topic: str, within: float = 10.0) -> dict[int, PartitionMetadata] | None:
        """The topic's partitions by number: leader (-1: none), replicas, isrs. None when the brokers do not know it."""
        found = self.metadata(topic, within).topics[topic]
        if found.error is None:
            return dict(found.partitions)
        if found.error.code() == KafkaError.UNKNOWN_TOPIC_OR_PART:
            return None
        raise WrongUsage(f"topic {topic!r}: {found.error.str()}")

    def configuration(self, kind: ConfigResource.Type, name: str, within: float = 5.0) -> dict[str, str | None]:
        """All settings in force for a topic or (asked of itself) a broker.

        Any broker may be asked about a topic; one that has not heard of a new topic yet is asked again.
        """
        resource, deadline = ConfigResource(kind, name), time.monotonic() + within
        while True:
            future = self.admin.describe_configs([resource], request_timeout=within)[resource]
            try:
                entries = self.result(future, f"the configuration of {kind.name.lower()} {name}", within + 1)
                return {key: entry.value for key, entry in entries.items()}
            except ClusterUnavailable as error:
                if not _is_unknown_topic(error.__cause__) or time.monotonic() > deadline:
                    raise
            pause(0.05)

    def session_timeout(self) -> float:
        """Seconds of silence after which the controller takes a broker for dead, as a live broker's configuration says.

        The controller goes by its own copy of this setting and answers no client: keep both copies equal, as
        docker-compose.yml does. Raises ClusterUnavailable rather than guess.
        """
        for broker in self.brokers():
            try:
                value = self.configuration(ConfigResource.Type.BROKER, str(broker)).get("broker.session.timeout.ms")
            except ClusterUnavailable:
                continue  # in the list, but dead or frozen: its session has not timed out yet
            if value:
                return int(value) / 1000
        raise self.unavailable("no live broker tells its broker.session.timeout.ms")

    def result(self, future: Future[Any], what: str, within: float) -> Any:
        """The answer to an administrative request. Raises ClusterUnavailable with `what` in the sentence."""
        try:
            return future.result(within)
        except KafkaException as error:
            raise self.unavailable(f"could not get {what}", error) from error
        except NoAnswer as error:
            raise self.unavailable(f"could not get {what}: no answer for {within:g} s") from error

    def unavailable(self, what: str, error: KafkaException | None = None) -> ClusterUnavailable:
        cause = f" ({error.args[0].str()})" if error else ""
        return ClusterUnavailable(
            f"{what}{cause}; brokers asked: {settings.read().bootstrap}. "
            "`lab status` says which of them are started, KAFKA_BOOTSTRAP where they are looked for"
        )


def _is_unknown_topic(error: BaseException | None) -> bool:
    return isinstance(error, KafkaException) and error.args[0].code() == KafkaError.UNKNOWN_TOPIC_OR_PART


def look_at(topic: str, metadata: ClusterMetadata) -> dict[str, Any]:
    """What the metadata says of a topic, in plain values that can be compared, told and recorded.

    {"brokers": ["kafka-1", "kafka-2"],
     "partitions": {"0": {"leader": "kafka-1" or None, "replicas": [preferred leader first], "in_sync": [...]}}}
    """
    return {
        "brokers": [node_name(broker) for broker in sorted(metadata.brokers)],
        "partitions": {
            str(number): {
                "leader": None if one.leader == NO_LEADER else node_name(one.leader),
                "replicas": [node_name(broker) for broker in one.replicas],
                "in_sync": sorted(node_name(broker) for broker in one.isrs),
            }
            for number, one in sorted(metadata.topics[topic].partitions.items())
        },
    }


def pause(seconds: float) -> None:
    """Give the brokers a moment before they are asked again."""
    Event().wait(seconds)


def until(what: str, condition: Callable[[], Found], deadline: float) -> Found:
    """The first answer that counts as true. Raises ClusterUnavailable after the deadline (monotonic seconds)."""
    while not (found := condition()):
        if time.monotonic() > deadline:
            raise ClusterUnavailable(f"waited in vain for {what}; `lab status` says what is missing")
        pause(0.05)
    return found
