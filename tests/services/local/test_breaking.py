"""Kill, stop, pause and start reach every process of a node, hold until they are mended, and can be mended by `up`."""

import os
import signal

import pytest

from lab.cluster.local import LocalTarget
from lab.cluster.local.processes import ended, states_of
from lab.cluster.target import LabError, Refused, StackUnavailable
from lab.settings import Settings
from lab.waiting import pause, wait_for
from tests.services.local.small_stack import (
    answers,
    told,
    up_and_whole,
)


def test_what_is_killed_stays_dead_until_it_is_started(settings: Settings) -> None:
    target = up_and_whole(settings)
    for node in ("web", "slow"):
        pid = target.status_of(node).pid
        assert pid is not None
        target.kill(node)
        wait_for(f"{node} to be dead", lambda node=node: target.status_of(node).state == "exited", within=20)
        pause(1.5)  # supervisor would have brought it back by now
        assert target.status_of(node).state == "exited"
        assert states_of(pid) == {}
        target.start(node)
        wait_for(f"{node} to be healthy", lambda node=node: target.status_of(node).health == "healthy", within=60)
        assert target.status_of(node).pid != pid


def test_a_start_right_after_a_kill_is_not_lost(settings: Settings) -> None:
    target = up_and_whole(settings)
    target.kill("web")
    target.start("web")
    wait_for("web to be healthy", lambda: target.status_of("web").health == "healthy", within=60)


def test_an_app_that_dies_by_itself_comes_back(settings: Settings) -> None:
    target = up_and_whole(settings)
    pid = target.status_of("slow").pid
    assert pid is not None
    os.kill(pid, signal.SIGTERM)
    wait_for("slow to come back", lambda: target.status_of("slow").pid not in (pid, None), within=60)


def test_a_pause_freezes_every_process_of_a_node(settings: Settings) -> None:
    target = up_and_whole(settings)
    target.pause("slow")
    wait_for("slow to be paused", lambda: target.status_of("slow").state == "paused", within=20)
    pid = target.status_of("slow").pid
    assert pid is not None
    assert list(states_of(pid).values()) == ["T", "T"]
    target.unpause("slow")
    wait_for("slow to go on", lambda: target.status_of("slow").state == "running", within=20)
    target.unpause("slow")


def test_a_fault_reaches_a_process_that_left_its_group(settings: Settings) -> None:
    file = settings.root / "docker-compose.yml"
    file.write_text(file.read_text().replace("sleep 1000 &", "setsid sleep 1000 &"))
    target = up_and_whole(settings)
    pid = target.status_of("slow").pid
    assert pid is not None
    processes = list(states_of(pid))
    assert len({os.getpgid(process) for process in processes}) == 2
    target.pause("slow")
    wait_for("slow to be paused", lambda: list(states_of(pid).values()) == ["T", "T"], within=20)
    target.kill("slow")
    wait_for("all of slow to be dead", lambda: all(map(ended, processes)), within=20)


def test_up_mends_what_is_paused_killed_or_stopped(settings: Settings) -> None:
    target = up_and_whole(settings)
    target.pause("slow")
    target.kill("web")
    up_and_whole(settings)
    target.stop("web")
    up_and_whole(settings)
    assert answers(settings)


def test_what_cannot_be_done_is_refused_with_a_reason(settings: Settings) -> None:
    target = LocalTarget(settings)
    assert "cut_off" not in target.abilities
    with pytest.raises(Refused, match="because plain processes share one network"):
        target.cut_off("web")
    with pytest.raises(Refused, match="no service 'nobody'"):
        target.kill("nobody")
    with pytest.raises(StackUnavailable, match="Start it with `bin/lab up`"):
        target.kill("web")
    assert [status.state for status in target.status()] == ["absent"] * 3


def test_kafka_starts_breaks_and_comes_back(kafka: Settings) -> None:
    target = LocalTarget(kafka, "fast")
    target.up(["kafka-1", "kafka-2"], told.append)
    assert [status.health for status in target.status()[:3]] == ["healthy"] * 3

    target.kill("kafka-1")
    wait_for("kafka-1 to be dead", lambda: target.status_of("kafka-1").state == "exited", within=30)
    target.pause("kafka-2")
    wait_for("kafka-2 to be paused", lambda: target.status_of("kafka-2").state == "paused", within=30)
    target.unpause("kafka-2")
    target.start("kafka-1")
    wait_for("kafka-1 to be healthy", lambda: target.status_of("kafka-1").health == "healthy", within=60)

    target.stop("kafka-2")
    wait_for("kafka-2 to stop", lambda: target.status_of("kafka-2").state == "exited", within=30)
    target.up(["kafka-1", "kafka-2"], told.append)
    assert [status.health for status in target.status()[:3]] == ["healthy"] * 3


def test_a_node_that_nobody_knows_is_named(kafka: Settings) -> None:
    with pytest.raises(LabError, match="It has: kafka-controller, kafka-1, kafka-2"):
        LocalTarget(kafka).up(["kafka-3"], told.append)
