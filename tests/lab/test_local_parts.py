"""The parts of the local target that need no process: texts made local, start scripts, the lock, jars, logs."""

import errno
import shutil
import subprocess
from collections import namedtuple
from pathlib import Path

import pytest

from lab import settings as environment
from lab.cluster.disk import errors_told, require_room
from lab.cluster.images import image_of
from lab.cluster.images.kafka import jars, java
from lab.cluster.local import programs
from lab.cluster.local.forwarder import forwarder
from lab.cluster.local.layout import FORWARDER, Layout
from lab.cluster.local.logs import follow, last_lines
from lab.cluster.lock import exclusive
from lab.cluster.stack import StackError, read_stack
from lab.cluster.target import StackUnavailable

Usage = namedtuple("Usage", "total used free")
ROOT = Path(__file__).resolve().parents[2]
FILE = """
services:
  broker:
    image: example/app:1
    build: .
    command: ["serve", "0.0.0.0:80", "it's", "100%", "other:80"]
    environment: {LISTEN: "A://:9092,B://:9093", SEEN: "A://broker:9092,B://127.0.0.1:9093", DATA: /data/x}
    ports: ["127.0.0.1:19093:9093"]
    volumes: ["records:/data", "./broker.conf:/etc/broker.conf", "./shown:/srv/shown:ro"]
    healthcheck: {test: [CMD, probe, broker]}
  other: {image: example/app:1, build: ., command: serve}
"""


@pytest.fixture
def layout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Layout:
    monkeypatch.setenv("LAB_BLOCK", "7")
    monkeypatch.setenv("LAB_STATE_ROOT", str(tmp_path))
    (tmp_path / "docker-compose.yml").write_text(FILE)
    (tmp_path / "broker.conf").write_text("listen 0.0.0.0:9092; store /data;")
    (tmp_path / "shown").mkdir()
    (tmp_path / "shown" / "one").write_text("0.0.0.0:1")
    settings = environment.read(tmp_path)
    return Layout(settings, read_stack(settings.compose_file, settings.variables))


def test_every_service_has_an_address_of_its_own_in_the_block(layout: Layout) -> None:
    assert layout.hosts_text() == "127.0.0.1 localhost\n127.77.7.11 broker\n127.77.7.12 other\n"


@pytest.mark.parametrize(
    ("text", "local"),
    [
        ("0.0.0.0:8090", "127.77.7.11:8090"),
        ("A://:9092,B://:9093", "A://127.77.7.11:9092,B://127.77.7.11:9093"),
        ("A://broker:9092", "A://broker:9092"),
        ("postgres://user:pass@broker:5432", "postgres://user:pass@broker:5432"),
        ("10.0.0.0:1", "10.0.0.0:1"),
        ("0.0.0.0", "0.0.0.0"),
        ("/database /data", "/database {volumes}/records"),
        ("/data/log:/var/data", "{volumes}/records/log:/var/data"),
        ("/srv/shown/one", "{root}/shown/one"),
    ],
)
def test_all_interfaces_and_mounted_paths_become_local_and_nothing_else(layout: Layout, text: str, local: str) -> None:
    root, volumes = layout.settings.root, layout.state / "volumes"
    assert layout.made_local("broker", text) == local.format(root=root, volumes=volumes)


def test_a_service_s_own_ports_are_found_in_its_texts(layout: Layout) -> None:
    assert layout.own_ports("broker") == [80, 9092, 9093]
    assert layout.own_ports("other") == []


def test_a_start_script_gives_the_program_exactly_its_words_and_a_clean_environment(layout: Layout) -> None:
    prepared = programs.prepare_all(layout)["broker"]
    shown = prepared.script.replace("setpriv --pdeathsig KILL serve", "printf '<%s>' ").replace("exec env -i", "env -i")
    done = subprocess.run(["sh", "-c", shown], capture_output=True, text=True, check=True)
    assert done.stdout == "<127.77.7.11:80><it's><100%><other:80>"
    assert f"LAB_STACK={layout.settings.stack_id}" in prepared.script
    assert "HOME=" in prepared.script
    assert "KAFKA_BOOTSTRAP" not in prepared.script


def test_mounted_files_are_copied_and_the_copies_made_local(layout: Layout) -> None:
    prepared = programs.prepare_all(layout)["broker"]
    copy = layout.folder("broker") / "mounted/etc/broker.conf"
    assert prepared.files[copy] == f"listen 127.77.7.11:9092; store {layout.state}/volumes/records;"
    assert (layout.settings.root / "broker.conf").read_text() == "listen 0.0.0.0:9092; store /data;"


def test_a_mounted_folder_is_used_where_it_is_since_it_goes_on_changing(layout: Layout) -> None:
    prepared = programs.prepare_all(layout)["broker"]
    assert layout.mounts("broker")["/srv/shown"] == layout.settings.root / "shown"
    assert [path.name for path in prepared.files] == ["broker.conf"]


def test_a_changed_mounted_file_changes_the_definition(layout: Layout) -> None:
    prepared = programs.prepare_all(layout)["broker"]
    programs.write(layout, prepared)
    assert not programs.has_changed(layout, programs.prepare_all(layout)["broker"])
    (layout.settings.root / "broker.conf").write_text("listen 0.0.0.0:9099;")
    assert programs.has_changed(layout, programs.prepare_all(layout)["broker"])


def test_the_shell_that_calls_up_does_not_change_the_definition(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/somewhere/else:/usr/bin:/bin")
    monkeypatch.setenv("LANG", "de_DE.UTF-8")
    other = Layout(environment.read(layout.settings.root), layout.stack)
    assert programs.prepare_all(other)["broker"].script == programs.prepare_all(layout)["broker"].script


def test_a_program_that_is_killed_is_never_restarted_unless_the_file_says_so(layout: Layout) -> None:
    section = programs.prepare_all(layout)["broker"].section
    for line in ("autorestart=false", "startsecs=0", "startretries=0"):
        assert line in section.splitlines()


def test_every_published_port_is_forwarded_to_its_service(layout: Layout) -> None:
    program = forwarder(layout)
    [config] = program.files.values()
    assert "server { listen 127.0.0.1:19093; proxy_pass 127.77.7.11:9093; }" in str(config)
    assert FORWARDER in programs.prepare_all(layout)


def test_an_image_that_nobody_can_run_here_is_named(layout: Layout, tmp_path: Path) -> None:
    file = tmp_path / "other.yml"
    file.write_text("services: {odd: {image: example/unheard-of:1}}")
    with pytest.raises(StackError, match="service odd: image: the lab cannot run example/unheard-of without Docker"):
        image_of(read_stack(file, {}).services["odd"])


def test_a_mirror_of_an_image_is_the_same_program(tmp_path: Path) -> None:
    file = tmp_path / "other.yml"
    file.write_text("services: {a: {image: apache/kafka:1}, b: {image: 'mirror.example:5000/x/kafka:1'}}")
    found = read_stack(file, {}).services
    assert image_of(found["a"]) is image_of(found["b"])


def test_a_version_of_kafka_that_is_not_here_is_refused(layout: Layout, tmp_path: Path) -> None:
    (tmp_path / "docker-compose.yml").write_text("services: {broker: {image: 'apache/kafka:4.4.0'}}")
    found = read_stack(tmp_path / "docker-compose.yml", {})
    with pytest.raises(StackError, match=r"service broker: image: the local target has Kafka 4\.3\.1, not 4\.4\.0"):
        programs.prepare_all(Layout(layout.settings, found))


def test_a_lock_is_waited_for_in_a_sentence_and_may_be_removed_while_it_is_held(tmp_path: Path) -> None:
    path, told = tmp_path / "lock", list[str]()
    with exclusive(path, "another command", told.append):
        with (
            pytest.raises(StackUnavailable, match="another command has been at work"),
            exclusive(path, "another command", told.append, within=0.05),
        ):
            pytest.fail("two held one lock")
        path.unlink()
    with exclusive(path, "another command", told.append):
        assert path.exists()
    assert told == ["waiting for another command to end"]


def test_a_full_disk_is_one_sentence(tmp_path: Path) -> None:
    says = r"The disk that holds .* is full\. Free some space, or move\."
    with pytest.raises(StackUnavailable, match=says), errors_told(tmp_path, "move"):
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_disk_that_is_nearly_full_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    require_room(tmp_path / "not" / "made" / "yet", 0, "It", "move")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(1, 1, 12 * 1024 * 1024))
    with pytest.raises(StackUnavailable, match=r"It needs 100 MB at .* 12 MB free"):
        require_room(tmp_path, 100, "It", "move")


def test_jars_that_are_missing_changed_or_too_many_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sums = tmp_path / "jars.sha256"
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    sums.write_text("".join(f"{empty}  {name}.jar\n" for name in ("good", "changed", "missing")))
    monkeypatch.setattr(jars, "SUMS", sums)
    for name, content in {"good": "", "changed": "x", "stranger": ""}.items():
        (tmp_path / f"{name}.jar").write_text(content)
    assert jars.wrong_jars(tmp_path) == ["changed.jar", "missing.jar", "stranger.jar"]


def test_the_list_of_jars_the_pom_and_the_compose_file_agree_on_the_version() -> None:
    assert f"kafka_2.13-{jars.VERSION}.jar" in jars.expected()
    assert jars.POM.read_text().count(f"<version>{jars.VERSION}</version>") == 2
    broker = read_stack(ROOT / "docker-compose.yml", {}).services["kafka-1"]
    assert (broker.repository, broker.tag) == ("apache/kafka", jars.VERSION)


@pytest.mark.parametrize(
    ("said", "version"),
    [
        ('openjdk version "17.0.15" 2025-04-15', 17),
        ('openjdk version "21" 2023-09-19 LTS', 21),
        ('java version "1.8.0_402"', 8),
        ("", 0),
    ],
)
def test_the_version_of_java_is_read(said: str, version: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(java, "version_text", lambda program: said)
    assert java.major_version("java") == version


def test_an_old_java_and_no_java_are_a_sentence_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert java.why_java_is_no_use(environment.read(tmp_path)) == "Java is missing; Kafka needs version 17 or newer."
    program = tmp_path / "java"
    program.write_text("#!/bin/sh\necho 'openjdk version \"11.0.2\"' >&2\n")
    program.chmod(0o755)
    reason = java.why_java_is_no_use(environment.read(tmp_path))
    assert reason == f"Java 11 at {program} is too old; Kafka needs version 17 or newer."


def test_lines_are_followed_from_now_on_and_over_a_rotation(layout: Layout) -> None:
    log = layout.log("broker")
    log.parent.mkdir(parents=True)
    log.write_text("old\n")
    lines = follow(layout, ["broker", "other"])
    with log.open("a") as file:
        file.write("one\ntwo, not ")
        file.flush()
        assert next(lines) == ("broker", "one")
        file.write("torn\n")
    log.rename(log.with_suffix(".log.1"))
    log.write_text("three\n")
    layout.log("other").write_text("just started\n")
    assert sorted(next(lines) for _ in range(3)) == [
        ("broker", "three"),
        ("broker", "two, not torn"),
        ("other", "just started"),
    ]
    lines.close()


def test_the_last_lines_of_a_log_are_given(layout: Layout) -> None:
    layout.log("broker").parent.mkdir(parents=True)
    layout.log("broker").write_text("one\ntwo\nthree\n")
    assert last_lines(layout, "broker", 2) == ["two", "three"]
    assert last_lines(layout, "broker", 0) == []
    assert last_lines(layout, "other", 2) == []
