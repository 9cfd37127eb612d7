"""What the options of `apply_async` do on the real broker, in a virtual host of their own and with workers of our own:
tasks are sent before anybody can take them."""

import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import pairwise

import pytest
from celery import Celery

from celery_demo import settings
from celery_demo.dispatch import RETRY, send
from celery_demo.errors import BrokerUnavailable
from celery_demo.ledger import Execution, Ledger
from celery_demo.observed import in_a_world_of_its_own, queues_reached
from celery_demo.setup import HUB, Setup, build
from lab.processes import Processes
from lab.waiting import pause, wait_for
from tests.conftest import ROOT, Stack


@pytest.fixture
def ledger(stack: Stack) -> Iterator[Ledger]:
    settings.read.cache_clear()
    found = Ledger()
    found.make()
    yield found
    found.close()


@pytest.fixture
def world(ledger: Ledger) -> Iterator[tuple[Setup, Celery]]:
    """The hub's set-up and application, with every queue declared and nobody who takes from them."""
    with in_a_world_of_its_own(HUB) as found:
        yield found


@contextmanager
def worker(setup: Setup, queue: str, gateway: str = "fine") -> Iterator[None]:
    """The worker of one queue, with one process; at the end of the block it acknowledges what it ran, and ends."""
    command = [sys.executable, "-m", "celery", "-A", "celery_demo", "worker", "-Q", queue, "-n", f"{queue}@test"]
    options = ["-c", "1", "--without-gossip", "--without-mingle", "--loglevel", "INFO"]
    variables = {"CELERY_DEMO_SETUP": setup.to_json(), "CELERY_DEMO_GATEWAY": gateway, "CELERY_DEMO_HEALTH": ""}
    with Processes(ROOT) as programs:
        programs.run(queue, [*command, *options], variables, ready=f"{queue}@test ready.")
        programs.await_ready(queue)
        yield
        programs.stop(queue)
        wait_for("the end of the worker", lambda: programs.exit_code(queue) is not None, within=20)


def executions(ledger: Ledger, task_id: str, outcome: str) -> list[Execution]:
    """All executions of a task, once the last of them has ended like that."""

    def found() -> list[Execution]:
        all_of_it = ledger.executions(task_id)
        return all_of_it if all_of_it and all_of_it[-1].outcome == outcome else []

    return wait_for(f"the {outcome} of {task_id}", found, within=40)


def test_a_task_that_expired_before_a_worker_took_it_is_not_run_and_the_broker_moves_it_to_the_dead_letters(
    world: tuple[Setup, Celery], ledger: Ledger
) -> None:
    setup, app = world
    expired = send(app, "tasks.add", [4, 4], expires=0.5).id
    in_time = send(app, "tasks.add", [4, 4], expires=60).id
    pause(0.6)
    with worker(setup, "default"):
        assert len(executions(ledger, in_time, "success")) == 1
    assert ledger.executions(expired) == []
    # Celery hands `expires` on as the message's time to live.
    assert queues_reached(app, ["default", "default.dead"]) == {expired: ["default.dead"]}


def test_a_quorum_queue_gives_high_priorities_first_since_rabbitmq_4_and_heeds_none_before(
    world: tuple[Setup, Celery], ledger: Ledger
) -> None:
    setup, app = world
    with app.connection_for_read() as connection:
        connection.connect()
        release = tuple(map(int, connection.connection.server_properties["version"].split(".")[:2]))
    low = [send(app, "tasks.add", [4, 4], priority=0).id for _ in range(3)]
    high = [send(app, "tasks.add", [4, 4], priority=9).id for _ in range(3)]
    with worker(setup, "default"):
        runs = [run for id in (*low, *high) for run in executions(ledger, id, "success")]
    order = [run.task_id for run in sorted(runs, key=lambda run: run.number)]
    if release < (4, 0):
        assert order == [*low, *high]
    elif release < (4, 3):  # one low message after every two high ones, says RabbitMQ's documentation
        assert order[:2] == high[:2]
    else:
        assert order == [*high, *low]
    assert sorted(order) == sorted([*low, *high])


def test_a_text_that_the_gateway_did_not_take_is_tried_again_after_two_seconds_and_each_attempt_is_in_the_ledger(
    world: tuple[Setup, Celery], ledger: Ledger
) -> None:
    setup, app = world
    with worker(setup, "sms-channel", gateway="fail"):
        id = send(app, "gateway.tasks.covid_sms_send", ["anna", "hello"]).id
        executions(ledger, id, "retry")
    with worker(setup, "sms-channel"):
        *failed, last = executions(ledger, id, "success")
    assert [(run.retries, run.outcome) for run in failed] == [(n, "retry") for n in range(len(failed))]
    assert failed
    assert "GatewayFailed" in str(failed[0].error)
    assert last.retries == len(failed)
    # Not from the end of the attempt: the retry is sent before that, and its two seconds run already.
    assert last.started - failed[0].started >= 2
    assert last.queue == "sms-channel"


def test_a_publish_that_fails_is_tried_as_often_as_the_policy_says_and_then_refused_in_a_sentence() -> None:
    tried: list[float] = []
    with broker_that_hangs_up(tried) as port:
        began = time.monotonic()
        with pytest.raises(BrokerUnavailable, match=r"^the broker did not confirm tasks\.add: "):
            send(build(HUB, f"amqp://lab:lab@127.0.0.1:{port}/celery"), "tasks.add", [4, 4])
        took = time.monotonic() - began
    assert len(tried) == 1 + RETRY["max_retries"]
    waits = [later - earlier for earlier, later in pairwise(tried)]
    assert all(wait >= told - 0.01 for wait, told in zip(waits, (0.1, 0.3, 0.5), strict=True)), waits
    assert took < 5, "0.9 s of waits; the rest is room for a busy machine"


def test_a_publish_to_a_port_where_nobody_listens_is_refused_and_leaves_the_policy_its_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    began = time.monotonic()
    with pytest.raises(BrokerUnavailable, match=r"^the broker did not confirm tasks\.add: .*refused"):
        send(build(HUB, f"amqp://lab:lab@127.0.0.1:{port}/celery"), "tasks.add", [4, 4])
    assert 0.85 <= time.monotonic() - began < 5


@contextmanager
def broker_that_hangs_up(tried: list[float]) -> Iterator[int]:
    """A port that takes every connection and ends it at once; `tried` gets the time of each."""

    def hang_up() -> None:
        with suppress(OSError):  # the end of the test
            while True:
                caller, _ = server.accept()
                tried.append(time.monotonic())
                caller.close()

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=hang_up)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join()
