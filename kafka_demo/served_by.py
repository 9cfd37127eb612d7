"""Which broker served a record? Nothing in a record says it, but the client's statistics do. `consumer` asks here."""

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

from kafka_demo.record import Record


class ServedBy:
    """Made a client's `stats_cb`, it learns with each statistics from which broker each partition is fetched."""

    def __init__(self, topic: str) -> None:
        self.topic = topic
        self.is_news = False
        self.seen: dict[int, set[int]] = defaultdict(set)
        self.latest: dict[int, int] = {}

    def __call__(self, statistics: str) -> None:
        partitions = json.loads(statistics)["topics"].get(self.topic, {}).get("partitions", {})
        self.latest = {int(number): one["broker"] for number, one in partitions.items() if one["broker"] >= 0}
        for number, broker in self.latest.items():
            self.seen[number].add(broker)
        self.is_news = True

    def name(self, records: list[Record]) -> Iterator[Record]:
        """The records with their broker: None when it changed while they came."""
        for record in records:
            brokers = self.seen[record.partition]
            yield replace(record, broker=next(iter(brokers))) if len(brokers) == 1 else record
        self.seen = defaultdict(set, {number: {broker} for number, broker in self.latest.items()})
        self.is_news = False
