"""Everything that the compose target promises, held against a real engine."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from lab.cluster.target import ServiceStatus, StackUnavailable
from lab.waiting import pause, wait_for
from tests.compose.conftest import KAFKA, ROOT, Containers

BROKERS = ["kafka-1", "kafka-2"]


def reaches(containers: Containers, node: str, other: str, port: int = 9092) -> bool:
    """Whether a process in `node` can open a connection to `other` by its name."""
    test = f"exec 3<>/dev/tcp/{other}/{port}"
    return containers.try_docker("exec", f"lab-93-{node}-1", "timeout", "2", "bash", "-c", test).returncode == 0


def answers(containers: Containers, number: int) -> bool:
    """Whether the published port of a broker sends a byte back (a proxy may accept for a broker that is not there)."""
    port = int(containers.settings.variables[f"LAB_KAFKA_{number}_PORT"])
    api_versions = bytes.fromhex("0000001200120000000000010008") + b"lab-test"
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
        connection.sendall(api_versions)
        return len(connection.recv(1)) == 1
    return False


def exited(status: ServiceStatus) -> bool:
    return status.state == "exited"


def test_up_says_a_sentence_for_each_service_and_can_be_repeated(containers: Containers) -> None:
    target = containers.target("fast")
    target.down(lambda sentence: None, volumes=True)
    for _ in range(2):
        told: list[str] = []
        target.up(KAFKA, told.append)
        for service in KAFKA:
            assert any(sentence.startswith(service) for sentence in told), (service, told)
    assert {s.name: s.health for s in target.status() if s.name in KAFKA} == {
        "kafka-controller": "healthy", "kafka-1": "healthy", "kafka-2": "healthy",
        "kafka-topics": "completed", "kafka-watch": "healthy", "kafka-traffic": "healthy",
    }  # fmt: skip


def test_up_of_one_service_starts_what_it_depends_on_and_nothing_else(containers: Containers) -> None:
    target = containers.target("fast")
    target.down(lambda sentence: None, volumes=True)
    target.up(["kafka-1"], lambda sentence: None)
    states = {status.name: status.state for status in target.status()}
    assert states["kafka-1"] == states["kafka-controller"] == "running"
    assert states["kafka-2"] == states["kafka-watch"] == "absent"


def test_killed_is_the_kernels_137_and_nothing_brings_the_node_back_but_start(kafka: Containers) -> None:
    target = kafka.target()
    target.kill("kafka-1")
    status = wait_for("kafka-1 to be gone", lambda: (s := target.status_of("kafka-1")).state == "exited" and s, 10)
    assert status.exit_code == 137
    pause(3)  # longer than any restart policy waits before its first attempt
    assert exited(target.status_of("kafka-1"))
    target.start("kafka-1")
    wait_for("kafka-1 to be healthy", lambda: target.status_of("kafka-1").health == "healthy", 60)


def test_an_app_that_is_killed_stays_down_though_its_policy_restarts_it_after_a_crash(kafka: Containers) -> None:
    target = kafka.target()
    target.kill("kafka-traffic")
    wait_for("kafka-traffic to be gone", lambda: exited(target.status_of("kafka-traffic")), 10)
    pause(3)
    assert exited(target.status_of("kafka-traffic"))


def test_stop_lets_the_broker_end_by_itself(kafka: Containers) -> None:
    target = kafka.target()
    target.stop("kafka-2")
    status = wait_for("kafka-2 to be gone", lambda: (s := target.status_of("kafka-2")).state == "exited" and s, 30)
    assert status.exit_code == 143  # the JVM's own ending after SIGTERM
    assert any("shut down completed" in line for line in target.log_lines("kafka-2", 50))


def test_pause_freezes_and_unpause_is_not_called_unhealthy(kafka: Containers) -> None:
    target = kafka.target()
    target.pause("kafka-1")
    assert target.status_of("kafka-1").state == "paused"
    assert not answers(kafka, 1)
    target.unpause("kafka-1")
    assert target.status_of("kafka-1") == ServiceStatus("kafka-1", "running", "healthy")
    assert answers(kafka, 1)
    target.unpause("kafka-1")


def test_cut_off_closes_both_directions_and_rejoin_opens_them_under_the_same_name(kafka: Containers) -> None:
    target = kafka.target()
    assert reaches(kafka, "kafka-1", "kafka-2")
    assert reaches(kafka, "kafka-2", "kafka-1")
    assert answers(kafka, 2)
    target.cut_off("kafka-2")
    assert target.status_of("kafka-2") == ServiceStatus("kafka-2", "cut_off", "unhealthy")
    assert not reaches(kafka, "kafka-1", "kafka-2")
    assert not reaches(kafka, "kafka-2", "kafka-1")
    assert not answers(kafka, 2)
    target.cut_off("kafka-2")
    target.rejoin("kafka-2")
    assert target.status_of("kafka-2").state == "running"
    assert reaches(kafka, "kafka-1", "kafka-2")
    assert reaches(kafka, "kafka-2", "kafka-1")
    assert answers(kafka, 2)
    target.rejoin("kafka-2")


def test_rejoin_mends_a_node_that_somebody_connected_without_its_name(kafka: Containers) -> None:
    target = kafka.target()
    kafka.docker("network", "disconnect", "lab-93_default", "lab-93-kafka-2-1")
    kafka.docker("network", "connect", "lab-93_default", "lab-93-kafka-2-1")
    assert not reaches(kafka, "kafka-1", "kafka-2")
    target.rejoin("kafka-2")
    assert reaches(kafka, "kafka-1", "kafka-2")


def test_up_mends_whatever_was_broken(kafka: Containers) -> None:
    target = kafka.target()
    target.kill("kafka-controller")
    target.pause("kafka-1")
    target.cut_off("kafka-2")
    target.kill("kafka-watch")
    target.up(KAFKA, lambda sentence: None)
    assert {s.health for s in target.status() if s.name in KAFKA} == {"healthy", "completed"}
    assert reaches(kafka, "kafka-1", "kafka-2")


def test_up_mends_a_node_that_was_cut_off_and_then_killed(kafka: Containers) -> None:
    target = kafka.target()
    target.cut_off("kafka-2")
    target.kill("kafka-2")
    wait_for("kafka-2 to be gone", lambda: exited(target.status_of("kafka-2")), 10)
    target.up(KAFKA, lambda sentence: None)
    assert target.status_of("kafka-2") == ServiceStatus("kafka-2", "running", "healthy")
    assert reaches(kafka, "kafka-1", "kafka-2")


def test_the_preset_reaches_the_brokers_and_stays_until_another_is_chosen(kafka: Containers) -> None:
    def timeout() -> str:
        inspected = json.loads(kafka.docker("inspect", "lab-93-kafka-1-1"))[0]
        return dict(line.split("=", 1) for line in inspected["Config"]["Env"])["KAFKA_BROKER_SESSION_TIMEOUT_MS"]

    assert timeout() == "3000"
    kafka.target().up(BROKERS, lambda sentence: None)
    assert timeout() == "3000"
    kafka.target("default").up(BROKERS, lambda sentence: None)
    assert timeout() == "9000"
    assert kafka.target().status_of("kafka-watch").health == "healthy"


def test_urls_lead_to_the_brokers(kafka: Containers) -> None:
    urls = kafka.target().urls()
    assert {name: urls[name] for name in BROKERS} == dict(zip(BROKERS, kafka.bootstrap.split(","), strict=True))
    assert answers(kafka, 1)
    assert answers(kafka, 2)


def test_follow_gives_the_lines_of_the_services_that_teach(kafka: Containers) -> None:
    lines = kafka.target().follow([])
    seen = {}
    for service, line in lines:
        seen.setdefault(service, line)
        if {"kafka-watch", "kafka-traffic"} <= set(seen):
            break
    lines.close()
    assert set(seen) <= {"kafka-topics", "kafka-watch", "kafka-traffic"}
    assert all(not line.startswith("kafka-") for line in seen.values())


def test_a_taken_port_is_named_with_its_holder_and_the_variable_that_moves_it(kafka: Containers) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(StackUnavailable) as caught:
            kafka.target(LAB_KAFKA_1_PORT=str(port)).up(["kafka-1"], lambda sentence: None)
    message = str(caught.value)
    assert f"kafka-1 cannot publish 127.0.0.1:{port}" in message
    assert f"(pid {os.getpid()})" in message
    assert f"LAB_KAFKA_1_PORT={port + 1}" in message


def test_an_image_that_cannot_be_had_is_named_and_nothing_is_touched(kafka: Containers) -> None:
    with pytest.raises(StackUnavailable, match=re.escape("The image 127.0.0.1:1/kafka:none cannot be had")):
        kafka.target(KAFKA_IMAGE="127.0.0.1:1/kafka:none").up(KAFKA, lambda sentence: None)
    assert kafka.target().status_of("kafka-1").health == "healthy"


def test_a_broker_that_ends_at_once_is_reported_with_its_last_words(containers: Containers) -> None:
    containers.target().down(lambda sentence: None, volumes=True)
    without_kafka = containers.settings.variables["LAB_IMAGE"]
    target = containers.target("fast", KAFKA_IMAGE=without_kafka)  # Python starts, reads no input, and ends
    with pytest.raises(StackUnavailable, match="kafka-controller") as caught:
        target.up(["kafka-controller"], lambda sentence: None)
    assert "exit code 0" in str(caught.value)


def test_ctrl_c_while_starting_stops_what_was_started_and_goes_through(containers: Containers, tmp_path: Path) -> None:
    containers.target().down(lambda sentence: None, volumes=True)
    script = (
        "import signal\nfrom lab import settings\nfrom lab.cluster.compose import ComposeTarget\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # ignored in a shell's background job
        "ComposeTarget(settings.read(), 'fast').up(['kafka-traffic'], lambda sentence: print(sentence, flush=True))\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=ROOT, env=dict(containers.settings.variables), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    told = ""
    for line in process.stdout or ():
        told += line
        if "is healthy" in line:
            break
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert "Interrupted: stopping what was started." in told + out
    assert "KeyboardInterrupt" in err
    assert process.returncode != 0
    assert {s.state for s in containers.target().status()} <= {"exited", "absent", "starting"}
    assert not containers.docker("ps", "-q", "--filter", "label=com.docker.compose.project=lab-93").split()


def test_down_also_stops_a_paused_node_and_with_volumes_leaves_nothing(kafka: Containers) -> None:
    target = kafka.target()
    target.pause("kafka-1")
    target.down(lambda sentence: None, volumes=False)
    assert kafka.names("container") == kafka.names("network") == []
    assert {"lab-93_kafka-controller", "lab-93_kafka-1", "lab-93_kafka-2"} <= set(kafka.names("volume"))
    target.down(lambda sentence: None, volumes=True)
    assert kafka.names("volume") == []
    target.down(lambda sentence: None, volumes=True)
