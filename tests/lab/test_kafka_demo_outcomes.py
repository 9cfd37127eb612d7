"""Which errors of a delivery report are certain: every code that the client knows is judged here, without a broker."""

import pytest
from confluent_kafka import KafkaError

from kafka_demo.outcomes import CERTAIN, outcome

CODES = sorted(
    {
        getattr(KafkaError, name)
        for name in dir(KafkaError)
        if name.isupper() and isinstance(getattr(KafkaError, name), int)
    }
    - {KafkaError.NO_ERROR}
)


def test_a_report_without_an_error_is_ok() -> None:
    assert outcome(None) == "ok"


def test_only_three_errors_are_certain_and_every_other_one_is_unknown() -> None:
    assert len(CODES) > 150
    certain = {code for code in CODES if outcome(KafkaError(code)) == "fail"}
    assert certain == {17, 21, 87}  # invalid topic, invalid required acks, invalid record
    assert {code for code in CODES if outcome(KafkaError(code)) == "info"} == set(CODES) - certain


def test_every_certain_error_says_why_it_is_certain() -> None:
    assert all(len(reason.split()) > 5 for reason in CERTAIN.values())


@pytest.mark.parametrize(
    "code",
    [
        KafkaError.NOT_ENOUGH_REPLICAS,  # an earlier attempt may have been written, and only its answer lost
        KafkaError.NOT_ENOUGH_REPLICAS_AFTER_APPEND,  # written, in too few copies
        KafkaError.REQUEST_TIMED_OUT,  # written, and not acknowledged in time
        KafkaError.MSG_SIZE_TOO_LARGE,  # said of the batch; an earlier attempt may have travelled in a smaller one
        KafkaError._MSG_TIMED_OUT,
        KafkaError._PURGE_QUEUE,  # purged from the queue, where it waited for its second attempt
        KafkaError._PURGE_INFLIGHT,
        KafkaError._TRANSPORT,
        KafkaError._INVALID_DIFFERENT_RECORD,  # refused for another record's sake
    ],
)
def test_an_error_that_leaves_room_for_an_earlier_attempt_is_unknown(code: int) -> None:
    assert outcome(KafkaError(code)) == "info"
