"""The demos by name: whom to ask about a stack of which only a part runs, and what a role stands for."""

import pytest

from lab import demos
from lab.cluster.target import Refused


def test_only_demos_of_which_a_node_runs_are_asked() -> None:
    assert demos.at_work([]) == []
    assert "kafka_demo" in demos.at_work(["kafka-2"])
    assert "celery_demo" not in demos.at_work(["kafka-2"])
    assert "rabbitmq_demo" in demos.at_work(["rabbitmq"])
    assert "kafka_demo" not in demos.at_work(["rabbitmq"])


def test_a_stack_of_which_nothing_runs_is_not_asked_for_its_status() -> None:
    assert demos.status_lines([]) == []


def test_a_node_by_its_name_stands_for_itself() -> None:
    assert demos.resolve_node("kafka-1") == "kafka-1"


def test_a_role_that_nobody_knows_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(Refused, match=r"There is no role 'king'.*kafka-leader"):
        demos.resolve_node("king:of/0")


def test_every_demo_has_scenarios_and_no_two_have_the_same_name() -> None:
    names = [found.name for found in demos.scenarios()]
    assert len(names) == len(set(names))
    assert {found.demo for found in demos.scenarios()} == set(demos.DEMOS)
