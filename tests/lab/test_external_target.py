"""The external target looks at somebody's brokers and touches nothing."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.cluster.external import ExternalTarget
from lab.cluster.target import Refused, ServiceStatus, StackUnavailable
from lab.settings import Settings


def target(bootstrap: str | None) -> ExternalTarget:
    nowhere = Path("/nowhere")
    variables = {} if bootstrap is None else {"KAFKA_BOOTSTRAP": bootstrap}
    return ExternalTarget(Settings(nowhere, 0, nowhere, nowhere, nowhere, "external", variables))


@pytest.fixture
def broker() -> Iterator[str]:
    """The address of something that takes connections."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"127.0.0.1:{server.getsockname()[1]}"


@pytest.fixture
def dead() -> str:
    """An address where nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return f"127.0.0.1:{server.getsockname()[1]}"


def test_up_says_of_each_broker_that_it_answers(broker: str) -> None:
    told: list[str] = []
    target(broker).up([], told.append)
    assert told == [f"{broker} answers"]


def test_up_names_the_broker_that_does_not_answer(broker: str, dead: str) -> None:
    with pytest.raises(StackUnavailable, match=f"No broker answers at {dead}, which KAFKA_BOOTSTRAP names"):
        target(f"{broker},{dead}").up([], lambda sentence: None)


def test_status_has_one_line_for_each_address(broker: str, dead: str) -> None:
    assert target(f"{broker}, {dead}").status() == [
        ServiceStatus(broker, "running", "none"),
        ServiceStatus(dead, "absent", "none"),
    ]


def test_a_name_is_taken_for_running_while_any_broker_answers(broker: str, dead: str) -> None:
    assert target(f"{dead},{broker}").status_of("kafka-2").state == "running"
    assert target(dead).status_of("kafka-2").state == "absent"


@pytest.mark.parametrize("act", ["kill", "stop", "start", "pause", "unpause", "cut_off", "rejoin"])
def test_nothing_is_broken_and_nothing_mended(act: str, broker: str) -> None:
    external = target(broker)
    assert external.abilities == frozenset()
    with pytest.raises(Refused, match="kafka-1 is not the lab's to break or mend"):
        getattr(external, act)("kafka-1")


def test_down_leaves_the_cluster_as_it_is(broker: str) -> None:
    told: list[str] = []
    external = target(broker)
    external.down(told.append, volumes=True)
    assert told == ["The cluster is not the lab's: it is left as it is."]
    assert external.status_of(broker).state == "running"


@pytest.mark.parametrize("bootstrap", [None, "", " , "])
def test_without_addresses_it_says_which_variable_to_set(bootstrap: str | None) -> None:
    with pytest.raises(Refused, match="KAFKA_BOOTSTRAP; it is not set"):
        target(bootstrap).up([], lambda sentence: None)


@pytest.mark.parametrize("wrong", ["kafka", "kafka:", "kafka:0", "kafka:70000", "http://kafka:9092", "a b:9092"])
def test_an_address_that_makes_no_sense_is_named(wrong: str) -> None:
    with pytest.raises(Refused, match="it has"):
        target(f"127.0.0.1:9092,{wrong}").status()
