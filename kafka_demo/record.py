"""What a record looks like: `producer` writes it so, `consumer` and `group` know it again.

Its key is its id; its body is the id and a digest of it. So it describes itself, and its CRC-32 tells an unharmed one.
"""

import hashlib
import zlib
from dataclasses import dataclass

from confluent_kafka import Message


@dataclass(frozen=True, slots=True)
class Record:
    """One record as it was read. `broker` is the id of the broker that served it, None where the client cannot know."""

    id: str
    partition: int
    offset: int
    crc: int
    broker: int | None = None


def body_of(record_id: str) -> bytes:
    """The id, and a digest of it as filler."""
    return f"{record_id} {hashlib.sha256(record_id.encode()).hexdigest()}".encode()


def crc_of(body: bytes) -> int:
    return zlib.crc32(body)


def record_of(message: Message) -> Record:
    """A message of the client in our words. A record without a key, by somebody else, is named by its place."""
    partition, offset, key = message.partition(), message.offset(), message.key()
    record_id = key.decode(errors="replace") if key else f"no key, {partition}/{offset}"
    return Record(record_id, partition, offset, crc_of(message.value() or b""))
