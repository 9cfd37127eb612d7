"""What a delivery report proves: the one place that decides which errors are certain. The producer asks here.

ok     the record is in the log, in as many copies as acks asked for
fail   the record is certainly not in the log and never will be
info   it may or may not be: only reading the log can tell

Nearly every error is "info", because a report tells how the *last* attempt ended, and the client tries many times. A
record may be written, its answer lost with the broker, and the retry refused with NOT_ENOUGH_REPLICAS, or purged, or
out of time: reported as an error, and in the log. So an error is certain only when it condemns the record itself, in
every attempt and in whichever batch it travelled. That leaves out even MSG_SIZE_TOO_LARGE: the broker says it of a
batch, and the first attempt may have travelled in a smaller one. What `produce()` itself refuses never became an
attempt and is certain too, whatever the error; the producer knows that by itself.
"""

from collections.abc import Mapping
from typing import Literal

from confluent_kafka import KafkaError

Outcome = Literal["ok", "fail", "info"]

CERTAIN: Mapping[int, str] = {
    KafkaError.INVALID_RECORD: "the broker names this very record as one that it refuses (KIP-467), each time",
    KafkaError.TOPIC_EXCEPTION: "the topic's name is illegal, so there is no log that could hold the record",
    KafkaError.INVALID_REQUIRED_ACKS: "no broker knows this acks setting, and the client sends the same each time",
}
"""Error code -> why the record is certainly not in the log."""


def outcome(error: KafkaError | None) -> Outcome:
    """What the error of a delivery report (None: success) says about the record."""
    if error is None:
        return "ok"
    return "fail" if error.code() in CERTAIN else "info"
