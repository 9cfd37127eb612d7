"""Fixtures of the tests that talk to one service on its real broker."""

from collections.abc import Iterator

import pytest

from kafka_demo import settings as kafka_settings
from lab.cluster.target import Target
from lab.cluster.targets import open_target
from lab.faults import FAULTS, mend
from rabbitmq_demo import settings as rabbitmq_settings
from tests.conftest import Stack


@pytest.fixture
def kafka(stack: Stack) -> Iterator[Target]:
    """The running stack as a target: .kill(node), .start(node) and so on. Every broker is whole again afterwards."""
    kafka_settings.read.cache_clear()
    target = open_target("local", stack.settings)
    yield target
    for node in ("kafka-controller", "kafka-1", "kafka-2"):
        target.unpause(node)  # first, without a wait: a killed node would not become healthy by it
        mend(FAULTS["killed"], node, target)


@pytest.fixture
def rabbitmq(stack: Stack) -> Iterator[Target]:
    """The running stack as a target, with the RabbitMQ demo pointed at it. The broker is whole again afterwards."""
    rabbitmq_settings.read.cache_clear()
    target = open_target("local", stack.settings)
    yield target
    target.unpause("rabbitmq")
    mend(FAULTS["killed"], "rabbitmq", target)
