"""What docker-compose.yml promises to somebody who uses nothing but `docker compose`."""

import json
import os
import re
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from confluent_kafka.admin import AdminClient

from lab.cluster.preset import remember_preset
from lab.settings import PRESETS
from lab.waiting import wait_for
from tests.compose.conftest import ROOT, Containers

ATTACHED = {
    "kafka-topics", "kafka-watch", "kafka-traffic", "rabbitmq-router", "rabbitmq-consumers",
    "celery-feeds", "celery-web", "celery-media", "celery-sms", "celery-default",
    "rest-1", "rest-2", "rest-3", "rest-relay", "rest-traffic",
    "channels-1", "channels-2", "channels-uvicorn", "channels-bridge",
}  # fmt: skip
ONE_SHOTS = {"kafka-topics", "rest-migrate", "channels-migrate"}
GIB = 1024**3


@pytest.fixture
def nothing(containers: Containers) -> Containers:
    """The engine, with nothing of the project on it."""
    containers.compose("down", "--volumes", "--remove-orphans", "--timeout", "5")
    return containers


def inspected(containers: Containers) -> list[dict[str, Any]]:
    return json.loads(containers.docker("inspect", *containers.names("container")))


def leader_of(containers: Containers, partition: int) -> Callable[[], int]:
    """Asks the cluster, from this machine, who leads a partition of freblogg."""
    admin = AdminClient({"bootstrap.servers": containers.bootstrap, "socket.timeout.ms": 3000, "log_level": 0})
    return lambda: admin.list_topics("freblogg", timeout=5).topics["freblogg"].partitions[partition].leader


@contextmanager
def attached(containers: Containers, *arguments: str) -> Iterator[list[str]]:
    """The lines that a `docker compose` in the foreground has printed so far; Ctrl-C ends it."""
    process = subprocess.Popen(
        ["docker", "compose", "--ansi", "never", "-p", "lab-93", *arguments],
        cwd=ROOT, env=dict(containers.settings.variables), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        start_new_session=True,
    )  # fmt: skip
    lines: list[str] = []
    reader = threading.Thread(target=lambda: lines.extend(process.stdout or ()), daemon=True)
    reader.start()
    try:
        yield lines
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.wait(60)
        reader.join(5)
        assert process.stdout
        process.stdout.close()


def test_plain_up_prints_only_what_teaches(nothing: Containers) -> None:
    with attached(nothing, "up") as lines:
        wait_for(
            "lines of the watcher, the traffic and the consumers",
            lambda: {"kafka-watch", "rest-traffic", "rabbitmq-consumers"} <= {service for service, _ in said(lines)},
            within=400,
        )
        wait_for("some more of them", lambda: len(said(lines)) > 6, within=60)
    assert {service for service, _ in said(lines)} <= ATTACHED
    assert not [line for line in lines if "kafka.server" in line]


def said(lines: list[str]) -> list[tuple[str, str]]:
    """The lines that services printed, with the service."""
    found = (re.match(r"(?:\x1b\[2K)?(\S+?)-\d+\s+\| (.*)", line) for line in list(lines))
    return [(match[1], match[2]) for match in found if match]


def test_up_wait_ends_0_twice(nothing: Containers) -> None:
    """With the variables of the fast preset, as all tests after this one want it: they go on with this stack."""
    remember_preset(nothing.settings, "fast")
    variables = dict(nothing.settings.variables) | PRESETS["fast"]
    fast = replace(nothing, settings=replace(nothing.settings, variables=variables))
    for _ in range(2):
        began = time.monotonic()
        fast.compose("up", "--wait", within=600)
        print(f"docker compose up --wait: {time.monotonic() - began:.1f} s")
    states = {c["Config"]["Labels"]["com.docker.compose.service"]: c["State"] for c in inspected(nothing)}
    ended = {
        name: (state["Status"], state["ExitCode"]) for name, state in states.items() if state["Status"] != "running"
    }
    assert ended == dict.fromkeys(ONE_SHOTS, ("exited", 0))


def test_the_leader_killed_by_hand_moves_and_the_watcher_says_so(running: Containers) -> None:
    leader = leader_of(running, 0)
    old = wait_for("a leader of freblogg/0", lambda: (found := leader()) > 0 and found, within=60)
    running.compose("kill", f"kafka-{old}")
    new = wait_for("another leader", lambda: (found := leader()) not in (old, -1) and found, within=30)
    assert {old, new} == {1, 2}
    wait_for(
        "the watcher to say so",
        lambda: f"kafka-{new}" in "".join(running.target().log_lines("kafka-watch", 20)),
        within=10,
    )
    running.compose("start", f"kafka-{old}")
    wait_for("it to be back", lambda: running.target().status_of(f"kafka-{old}").health == "healthy", within=60)


def test_the_limits_of_all_that_runs_sum_up_to_3_gib_at_most(running: Containers) -> None:
    """What has done its work has given its memory back; tests/lab/test_our_stack.py follows that through the start."""
    limits = {c["Name"]: (c["HostConfig"]["Memory"], c["HostConfig"]["PidsLimit"]) for c in inspected(running)}
    assert all(memory and pids for memory, pids in limits.values()), limits
    runs = {container["Name"] for container in inspected(running) if container["State"]["Running"]}
    assert len(limits) - len(runs) == len(ONE_SHOTS)
    assert sum(memory for name, (memory, _) in limits.items() if name in runs) <= 3 * GIB


def test_ports_are_published_on_the_loopback_only(running: Containers) -> None:
    bindings = [b for c in inspected(running) for b in (c["HostConfig"]["PortBindings"] or {}).values()]
    assert bindings
    assert {binding["HostIp"] for each in bindings for binding in each} == {"127.0.0.1"}


def test_no_process_runs_as_root_or_can_become_it(running: Containers) -> None:
    for container in inspected(running):
        if container["State"]["Running"]:
            users = running.docker("top", container["Id"], "-eo", "pid,uid").split("\n")[1:]
            assert users
            assert not [line for line in users if line.split()[1:] == ["0"]], container["Name"]
        assert container["HostConfig"]["CapDrop"] == ["ALL"], container["Name"]
        assert "no-new-privileges:true" in container["HostConfig"]["SecurityOpt"], container["Name"]


def test_no_service_makes_a_volume_without_a_name(running: Containers) -> None:
    volumes = [m["Name"] for c in inspected(running) for m in c["Mounts"] if m["Type"] == "volume"]
    assert volumes
    assert all(name.startswith("lab-93_") for name in volumes), volumes
