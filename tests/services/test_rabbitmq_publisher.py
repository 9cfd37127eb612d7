"""What a publisher hears on a real broker: confirmed, returned, refused, or nothing at all."""

import uuid
from collections.abc import Iterator

import pytest
from kombu import Connection

from lab.cluster.target import Target
from rabbitmq_demo.broker import connect, connected, tear
from rabbitmq_demo.errors import BrokerUnavailable, TopologyDiffers
from rabbitmq_demo.publisher import Done, Publisher
from rabbitmq_demo.subscription import Subscription, everything_in
from rabbitmq_demo.topology import consumers, declare, declared, depth
from rabbitmq_demo.wiring import Queue, Topology


class Heard(dict[str, tuple[str, str | None]]):
    """How each message ended, by its id; hearing of one twice is an error."""

    def of(self, id: str) -> Done:
        def done(outcome: str, value: object, error: str | None) -> None:
            assert id not in self
            self[id] = outcome, error

        return done


@pytest.fixture
def connection(rabbitmq: Target) -> Iterator[Connection]:
    with connected("tests") as found:
        yield found


@pytest.fixture
def queue(connection: Connection) -> Iterator[str]:
    name = f"test-{uuid.uuid4().hex[:8]}"
    with declared(Topology((), (Queue(name, "quorum"),), ()), connection):
        yield name


def test_every_confirmed_message_is_in_the_queue_and_the_window_is_never_exceeded(
    connection: Connection, queue: str
) -> None:
    publisher, heard, most = Publisher(connection, window=20), Heard(), 0
    for number in range(500):
        publisher.publish("", queue, b"{}", heard.of(str(number)), id=str(number))
        most = max(most, publisher.in_flight)
    publisher.settle()
    assert {outcome for outcome, _ in heard.values()} == {"ok"}
    assert (len(heard), publisher.in_flight) == (500, 0)
    assert 1 < most <= 20
    assert [delivery.id for delivery in everything_in(queue, connection)] == [str(n) for n in range(500)]
    assert depth(queue, connection) == 0


def test_a_mandatory_message_without_a_queue_is_returned_and_others_beside_it_are_confirmed(
    connection: Connection, queue: str
) -> None:
    publisher, heard = Publisher(connection), Heard()
    publisher.publish("", queue, b"{}", heard.of("good"), id="good", mandatory=True)
    publisher.publish("", "no such queue", b"{}", heard.of("lost"), id="lost", mandatory=True)
    publisher.publish("", "no such queue", b"{}", heard.of("silent"), id="silent")
    publisher.settle()
    assert heard == {"good": ("ok", None), "lost": ("fail", "returned: 312 NO_ROUTE"), "silent": ("ok", None)}


def test_a_message_that_a_full_queue_refuses_is_unknown(connection: Connection) -> None:
    name = f"test-{uuid.uuid4().hex[:8]}"
    full = Queue(name, "classic", arguments={"x-max-length": 1, "x-overflow": "reject-publish"})
    with declared(Topology((), (full,), ()), connection):
        publisher, heard = Publisher(connection), Heard()
        for id in ("first", "second"):
            publisher.publish("", name, b"{}", heard.of(id), id=id)
            publisher.settle()
    assert heard["first"] == ("ok", None)
    assert heard["second"][0] == "info"
    assert "refused" in (heard["second"][1] or "")


def test_what_has_no_answer_when_the_connection_breaks_is_unknown(rabbitmq: Target, queue: str) -> None:
    connection, heard = connect("tests"), Heard()
    publisher = Publisher(connection)
    for number in range(5):
        publisher.publish("", queue, b"{}", heard.of(str(number)), id=str(number))
    asked = publisher.in_flight
    connection.connection.transport.sock.shutdown(2)
    with pytest.raises(BrokerUnavailable):
        publisher.settle()
    assert len(heard) == 5
    assert asked
    assert sum(outcome == "info" for outcome, _ in heard.values()) == asked
    tear(connection)


def test_a_message_larger_than_the_broker_takes_is_one_error_and_no_crash(rabbitmq: Target, queue: str) -> None:
    connection, heard = connect("tests"), Heard()
    publisher = Publisher(connection)
    with pytest.raises(BrokerUnavailable, match="larger"):
        publisher.publish("", queue, b"x" * 1_100_000, heard.of("big"), id="big")
        publisher.settle()
    assert heard["big"][0] == "info"
    tear(connection)


def test_declaring_twice_is_harmless_and_declaring_otherwise_is_refused(connection: Connection, queue: str) -> None:
    declare(Topology((), (Queue(queue, "quorum"),), ()), connection)
    with pytest.raises(TopologyDiffers, match=queue), connected("tests") as other:
        declare(Topology((), (Queue(queue, "classic"),), ()), other)


def test_a_torn_consumer_gives_back_what_it_had_not_acknowledged(connection: Connection, queue: str) -> None:
    publisher, heard = Publisher(connection), Heard()
    for number in range(3):
        publisher.publish("", queue, b"{}", heard.of(str(number)), id=str(number))
    publisher.settle()
    other = connect("tests")
    taken = Subscription(other, [queue], prefetch=10)
    assert taken.gather(3, within=10) == 3
    assert consumers(queue, connection) == 1
    tear(other)
    with Subscription(connection, [queue], prefetch=1) as again:
        for number in range(3):
            delivery = again.take(within=10)
            assert delivery
            assert (delivery.id, delivery.redelivered) == (str(number), True)
            again.ack(delivery)


def test_the_depth_of_a_queue_that_is_not_there_is_none(connection: Connection) -> None:
    assert depth("no such queue", connection) is None
    assert consumers("no such queue", connection) is None
