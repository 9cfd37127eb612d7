"""From the hub's inbox to Kafka: router, exchanges, handover, Celery's worker, `freblogg`."""

import json
import uuid

from confluent_kafka import Consumer, TopicPartition

from lab.waiting import wait_for
from rabbitmq_demo.broker import connected
from rabbitmq_demo.publisher import Publisher
from rabbitmq_demo.topology import INBOX, ROUTING_KEY_IN
from tests.conftest import Stack

KINDS = ("feed", "web", "video", "image", "gateway", "officialsnotification")


def test_a_notification_of_each_kind_comes_out_of_kafka_once_with_its_way(stack: Stack) -> None:
    run = uuid.uuid4().hex[:8]
    sent = {f"hub-{run}-{kind}": kind for kind in KINDS}
    with _AtTheEnd(stack) as consumer, connected("tests") as connection:
        publisher = Publisher(connection)
        for id, kind in sent.items():
            body = {"id": id, "kind": kind, "region": "north", "priority": "urgent", "text": "a test", "contact": "C-1"}
            headers = {"channel": "sms", "language": "ru"} if kind == "gateway" else {}
            publisher.publish(INBOX, ROUTING_KEY_IN, json.dumps(body).encode(), lambda *_: None, id=id, headers=headers)
        publisher.settle()
        found: list[dict[str, object]] = []

        def all_there() -> bool:
            for record in consumer.consume(100, timeout=0.5):
                value = json.loads(record.value()) if record.value().startswith(b"{") else {}
                if value.get("notification") in sent:
                    found.append(value)
            return {value["notification"] for value in found} == set(sent)

        wait_for("the results in Kafka", all_there, within=60)
    assert sorted(str(value["notification"]) for value in found) == sorted(sent)
    for value in found:
        hops = [hop.partition("@")[0] for hop in value["trace"]]  # type: ignore[attr-defined]
        assert hops[:2] == ["rabbitmq_demo.router", "rabbitmq_demo.handover"]
        assert hops[2].startswith("celery_demo."), hops
        assert (value["contact"], value["region"]) == ("C-1", "north")


class _AtTheEnd:
    """A consumer of freblogg that begins at its present end."""

    def __init__(self, stack: Stack) -> None:
        ports = [stack.settings.variables[f"LAB_KAFKA_{number}_PORT"] for number in (1, 2)]
        servers = ",".join(f"127.0.0.1:{port}" for port in ports)
        self._consumer = Consumer({"bootstrap.servers": servers, "group.id": f"tests-{uuid.uuid4().hex}"})

    def __enter__(self) -> Consumer:
        partitions = range(len(self._consumer.list_topics("freblogg", timeout=20).topics["freblogg"].partitions))
        ends = []
        for number in partitions:
            end = self._consumer.get_watermark_offsets(TopicPartition("freblogg", number), timeout=20)[1]
            ends.append(TopicPartition("freblogg", number, end))
        self._consumer.assign(ends)
        return self._consumer

    def __exit__(self, *exc: object) -> None:
        self._consumer.close()
