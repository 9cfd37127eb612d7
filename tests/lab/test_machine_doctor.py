"""What `lab doctor` says: what is missing, the one command that mends it, and that it starts and installs nothing."""

import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from lab import settings as environment
from lab.machine import choose, doctor
from lab.machine.doctor import Point
from lab.settings import Settings

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A whole machine without Docker; block 99, so that no port of a stack of somebody's is in the way."""
    monkeypatch.setenv("LAB_BLOCK", "99")
    for port in ("LAB_KAFKA_1_PORT", "LAB_KAFKA_2_PORT"):
        monkeypatch.delenv(port, raising=False)
    monkeypatch.setattr(doctor, "engine_answers", lambda settings: (False, "there is no `docker` command. Install it"))
    monkeypatch.setattr(doctor, "absent_images", lambda settings: ["apache/kafka:4.3.1"])
    monkeypatch.setattr(choose, "needed_packages", lambda settings: [])
    monkeypatch.setattr(doctor, "_gaps", lambda settings, stack: [])
    return replace(environment.read(ROOT), state=tmp_path / "lab-x-99", target="", runs=tmp_path / "runs")


def points(settings: Settings) -> dict[str, Point]:
    return {point.name: point for point in doctor.examine(settings)}


def gaps(settings: Settings) -> list[str]:
    return [name for name, point in points(settings).items() if not point.ok]


@pytest.fixture
def stranger() -> Iterator[int]:
    """Somebody who listens on the first broker's published port."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 28992))
        listening.listen()
        yield 28992


def test_a_whole_machine_has_no_gap_and_the_target_is_named_with_its_reason(settings: Settings) -> None:
    assert gaps(settings) == []
    assert points(settings)["target"].says == (
        "local. No Docker engine can be used (there is no `docker` command), "
        "so the stack runs as plain processes (the local target)."
    )
    assert points(settings)["Docker"] == Point("Docker", True, "no: there is no `docker` command. Install it")


def test_missing_packages_are_named_with_the_one_command(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choose, "needed_packages", lambda settings: ["maven"])
    monkeypatch.setattr(doctor.packages, "can_install", lambda: True)
    assert points(settings)["packages"] == Point("packages", False, "to be installed: maven", "bin/lab up")
    monkeypatch.setattr(doctor.packages, "can_install", lambda: False)
    assert str(points(settings)["packages"].mend).endswith("python3 -m lab.machine.packages maven")


def test_jars_that_are_missing_are_a_gap(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_gaps", lambda settings, stack: ["47 of the 47 jars are missing."])
    assert points(settings)["programs and jars"] == Point(
        "programs and jars", False, "47 of the 47 jars are missing.", "bin/lab up"
    )


def test_a_taken_port_is_named_with_its_holder_and_another_port(settings: Settings, stranger: int) -> None:
    point = points(settings)[f"port {stranger}"]
    assert not point.ok
    assert "pid" in point.says
    assert point.mend == f"LAB_KAFKA_1_PORT={stranger + 1} bin/lab up"
    assert gaps(settings) == [f"port {stranger}"]


def test_ports_of_a_stack_of_containers_are_its_own(settings: Settings, stranger: int) -> None:
    settings.state.mkdir()
    (settings.state / "target").write_text("compose\n")
    assert points(settings)[f"port {stranger}"].ok


def test_an_engine_that_was_asked_for_and_does_not_answer_is_a_gap(settings: Settings) -> None:
    wanted = replace(settings, target="compose")
    assert gaps(wanted) == ["Docker"]
    assert points(wanted)["Docker"].mend == "bin/lab up --target local"


def test_images_to_be_pulled_are_named_where_an_engine_answers(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "engine_answers", lambda settings: (True, "a Docker engine answers"))
    point = points(settings)["images"]
    assert point == Point("images", False, "to be pulled at the first start: apache/kafka:4.3.1", "bin/lab up")
    assert "packages" not in points(settings)


def test_too_little_memory_is_a_gap_unless_the_stack_has_it_already(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "LOCAL_MEMORY", 10**15)
    assert gaps(settings) == ["memory"]
    settings.state.mkdir()
    (settings.state / "target").write_text("local\n")
    assert gaps(settings) == []


def test_a_full_disk_is_a_gap(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "LOCAL_DISK", 10**18)
    assert gaps(settings) == ["disk"]


def test_a_broken_compose_file_is_a_gap_that_says_where(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "docker-compose.yml").write_text("services: [\n")
    broken = doctor.examine(replace(settings, root=tmp_path))[-1]
    assert not broken.ok
    assert "docker-compose.yml is not valid YAML: line 2" in broken.says


def test_stacks_of_other_checkouts_are_mentioned(settings: Settings) -> None:
    other = settings.state.with_name("lab-other-0")
    other.mkdir()
    (other / "target").write_text("local\n")
    assert points(settings)["another stack"] == Point(
        "another stack", True, f"local at {other}; it has its own ports and addresses"
    )


def test_it_runs_no_program_of_the_stack(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("rabbitmq-server", "nginx", "redis-server", "postgres", "mvn", "apt-get"):
        (programs / name).write_text(f"#!/bin/sh\ntouch '{tmp_path}/{name} was run'\n")
        (programs / name).chmod(0o755)
    variables = {**settings.variables, "PATH": f"{programs}:/usr/bin:/bin"}
    monkeypatch.setenv("PATH", variables["PATH"])
    doctor.examine(replace(settings, variables=variables))
    assert list(tmp_path.glob("*was run")) == []
