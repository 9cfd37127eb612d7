"""From Kafka to the pages. `python -m channels_demo bridge` runs it until SIGTERM or Ctrl-C.

    freblogg --consumer group--> read --> backlog (numbered, each id once) --> group of the region --> commit

The commit comes last, so a death in between means reading again: the backlog knows the id and gives it the number that
it had, and a socket sends no number twice. At least once from Kafka, exactly once to a page.
"""

import asyncio
import logging
import signal
import time
from collections import Counter

from confluent_kafka import Consumer, KafkaException, Message
from redis.exceptions import RedisError

from channels_demo import backlog, groups, notification, settings
from channels_demo.beat import Beat

log = logging.getLogger("channels_demo.bridge")

AT_ONCE = 100
AGAIN_AFTER = 1.0
COUNTS_EVERY = 30.0
"""Seconds."""


class Bridge:
    """`counts`: what became of the records, for the log and the health endpoint."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self._beat = Beat(settings.read().health, lambda: self.counts)
        self._stop = asyncio.Event()

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop.set)
        client = Consumer(client_settings())
        client.subscribe([settings.read().options.topic])
        counter = asyncio.create_task(self._tell_counts())
        try:
            while not self._stop.is_set():
                self._beat()
                records = await asyncio.to_thread(_consume, client)
                if records and await self._hand_over(records):
                    await asyncio.to_thread(_commit, client, _ends(records))
        finally:
            counter.cancel()
            await asyncio.to_thread(client.close)
            log.info("bridge ended: %s", dict(self.counts))

    async def _hand_over(self, records: list[Message]) -> bool:
        """Whether all of them are in the backlog. While Redis is away it is tried again, for as long as it takes."""
        for record in records:
            try:
                result = notification.read(record.value(), record.partition() or 0, record.offset() or 0)
            except notification.NotOurs as not_ours:
                self.counts[f"skipped: {not_ours.reason}"] += 1
                continue
            while not await self._pass_on(result):
                self._beat()
                if await self._stopped_within(AGAIN_AFTER):
                    return False
        return True

    async def _pass_on(self, result: notification.Result) -> bool:
        hop = f"channels_demo.bridge@{time.monotonic():.6f}"
        try:
            event, new = await backlog.append(result.region, result.id, result.body, [*result.trace, hop])
            # Also when it is not new: we may have died before this line. Who has the number does not send it again.
            await groups.send_event(event)
        except (RedisError, OSError, TimeoutError) as error:
            self.counts["redis away"] += 1
            log.warning("Redis does not take an event: %s: %s", type(error).__name__, error)
            return False
        self.counts["bridged" if new else "seen before"] += 1
        return True

    async def _stopped_within(self, seconds: float) -> bool:
        try:
            await asyncio.wait_for(self._stop.wait(), seconds)
        except TimeoutError:
            return False
        return True

    async def _tell_counts(self) -> None:
        told: dict[str, int] = {}
        while not await self._stopped_within(COUNTS_EVERY):
            if told != self.counts:
                told = dict(self.counts)
                log.info("bridge: %s", ", ".join(f"{count} {what}" for what, count in sorted(told.items())))


def client_settings() -> dict[str, object]:
    """A member of the group that starts, when the group is new, with what is written from now on."""
    return {
        "bootstrap.servers": settings.read().kafka,
        "group.id": settings.read().options.consumer_group,
        "enable.auto.commit": False,
        "auto.offset.reset": "earliest",
        "session.timeout.ms": 10_000,
        # A broker that comes back is found again at once, and a frozen one given up after three seconds.
        "reconnect.backoff.ms": 50,
        "reconnect.backoff.max.ms": 500,
        "socket.timeout.ms": 3000,
        "topic.metadata.refresh.interval.ms": 5000,
        "queued.max.messages.kbytes": 2048,
        "log_level": 1,
        "error_cb": lambda error: log.warning("Kafka: %s", error.str()),
    }


def _consume(client: Consumer) -> list[Message]:
    return [one for one in client.consume(AT_ONCE, timeout=0.5) if not one.error()]


def _ends(records: list[Message]) -> list[Message]:
    """The last record of each partition."""
    return list({record.partition(): record for record in records}.values())


def _commit(client: Consumer, ends: list[Message]) -> None:
    for record in ends:
        try:
            client.commit(record, asynchronous=False)
        except KafkaException as error:
            log.warning("the place in partition %s is not kept: %s", record.partition(), error.args[0].str())
