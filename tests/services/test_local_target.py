"""The stack as plain processes: starts whole, breaks on purpose, and leaves nothing behind, whoever is killed when.

Most tests run a small stack (a web server, one that becomes healthy when a test says so, a set-up that ends), since
what they are about is the same for any program; the last ones run Kafka. All of it is block 92.
"""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from lab import settings as environment
from lab.cluster.local import LocalTarget
from lab.cluster.local.processes import group_states
from lab.cluster.target import LabError, Refused, StackUnavailable
from lab.settings import Settings
from lab.waiting import pause, wait_for

ROOT = Path(__file__).resolve().parents[2]
BLOCK = "92"
SMALL = """
name: small
x-app: &app {image: example/app:1, build: .}
x-probe: &probe {interval: 5s, timeout: 5s}
services:
  web:
    <<: *app
    command: python -m http.server 8000 --bind web
    environment: {GREETING: "${GREETING:-hello}"}
    ports: ["127.0.0.1:${LAB_WEB_PORT:-18091}:8000"]
    healthcheck: {<<: *probe, test: [CMD, bash, -c, "exec 3<>/dev/tcp/web/8000"]}
  set-up:
    <<: *app
    command: [python, -c, "open('ran', 'a').write('x')"]
    depends_on: {web: {condition: service_healthy}}
  slow:
    <<: *app
    restart: unless-stopped
    command: [sh, -c, "echo slow is up; sleep 1000 & exec sleep 1000"]
    depends_on: {set-up: {condition: service_completed_successfully}}
    healthcheck: {<<: *probe, test: [CMD, test, -e, go]}
"""
UP = "import sys; from lab import settings; from lab.cluster.local import LocalTarget; \
target = LocalTarget(settings.read(__import__('pathlib').Path(sys.argv[1]))); \
target.up([], print) if sys.argv[2] == 'up' else target.down(print, volumes=False)"

told: list[str] = []


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """A checkout of its own with the small stack; afterwards nothing of it may be left."""
    (tmp_path / "docker-compose.yml").write_text(SMALL)
    yield from _on_a_block_of_its_own(tmp_path, monkeypatch)


def _on_a_block_of_its_own(root: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    monkeypatch.setenv("LAB_BLOCK", BLOCK)
    for name in [name for name in os.environ if name.startswith("LAB_") and name.endswith("_PORT")]:
        monkeypatch.delenv(name)
    found = environment.read(root)
    told.clear()
    try:
        yield found
    finally:
        LocalTarget(found).down(told.append, volumes=True)
        assert what_is_left(found) == []


def what_is_left(settings: Settings) -> list[str]:
    """Processes, ports, files of a stack: an own look, not that of the code under test."""
    left = [str(path) for path in settings.state.parent.glob(f"{settings.state.name}*")]
    for process in psutil.process_iter():
        try:
            variables, folder = process.environ(), process.cwd()
        except psutil.Error:
            continue
        if variables.get("LAB_STACK") == settings.stack_id or folder.startswith(str(settings.state)):
            left.append(f"{process.pid} {process.name()}")
    for connection in psutil.net_connections("tcp"):
        if connection.status == psutil.CONN_LISTEN and connection.laddr.ip.startswith(f"127.77.{BLOCK}."):
            left.append(f"port {connection.laddr.port}")
    return left


def let_slow_be_healthy(settings: Settings) -> None:
    folder = settings.state / "slow"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "go").touch()


def up_and_whole(settings: Settings, preset: str | None = None) -> LocalTarget:
    let_slow_be_healthy(settings)
    target = LocalTarget(settings, preset)
    target.up([], told.append)
    assert {status.name: (status.state, status.health) for status in target.status()} == {
        "web": ("running", "healthy"),
        "set-up": ("exited", "completed"),
        "slow": ("running", "healthy"),
    }
    return target


def answers(settings: Settings, name: str = "web") -> bool:
    """A request through the published port comes back."""
    host, port = LocalTarget(settings).urls()[name].split(":")
    with socket.create_connection((host, int(port)), timeout=3) as connection:
        connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
        return connection.recv(12).startswith(b"HTTP/1.0 200")


def in_a_process_of_its_own(settings: Settings, verb: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", UP, str(settings.root), verb],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_up_starts_all_says_so_and_forwards_the_published_ports(settings: Settings) -> None:
    target = up_and_whole(settings)
    assert answers(settings)
    assert any(sentence.startswith("web is healthy after ") for sentence in told)
    assert any(sentence.startswith("set-up has completed after ") for sentence in told)
    assert target.log_lines("slow") == ["slow is up"]
    assert target.urls() == {"web": "127.0.0.1:27291"}


def test_a_second_up_changes_nothing(settings: Settings) -> None:
    target = up_and_whole(settings)
    before = {status.name: status.pid for status in target.status()}
    told.clear()
    target = up_and_whole(settings)
    assert {status.name: status.pid for status in target.status()} == before
    assert told == []
    assert (settings.state / "set-up" / "ran").read_text() == "x"


def test_up_of_some_starts_what_they_need_and_no_more(settings: Settings) -> None:
    target = LocalTarget(settings)
    target.up(["set-up"], told.append)
    states = {status.name: status.state for status in target.status()}
    assert states == {"web": "running", "set-up": "exited", "slow": "absent"}


def test_what_is_killed_stays_dead_until_it_is_started(settings: Settings) -> None:
    target = up_and_whole(settings)
    for node in ("web", "slow"):
        pid = target.status_of(node).pid
        assert pid is not None
        target.kill(node)
        wait_for(f"{node} to be dead", lambda node=node: target.status_of(node).state == "exited", within=2)
        pause(1.5)  # supervisor would have brought it back by now
        assert target.status_of(node).state == "exited"
        assert group_states(pid) == []
        target.start(node)
        wait_for(f"{node} to be healthy", lambda node=node: target.status_of(node).health == "healthy", within=10)
        assert target.status_of(node).pid != pid


def test_a_start_right_after_a_kill_is_not_lost(settings: Settings) -> None:
    target = up_and_whole(settings)
    target.kill("web")
    target.start("web")
    wait_for("web to be healthy", lambda: target.status_of("web").health == "healthy", within=10)


def test_an_app_that_dies_by_itself_comes_back(settings: Settings) -> None:
    target = up_and_whole(settings)
    pid = target.status_of("slow").pid
    assert pid is not None
    os.kill(pid, signal.SIGTERM)
    wait_for("slow to come back", lambda: target.status_of("slow").pid not in (pid, None), within=10)


def test_a_pause_freezes_every_process_of_a_node(settings: Settings) -> None:
    target = up_and_whole(settings)
    target.pause("slow")
    wait_for("slow to be paused", lambda: target.status_of("slow").state == "paused", within=2)
    pid = target.status_of("slow").pid
    assert pid is not None
    assert group_states(pid) == ["T", "T"]
    target.unpause("slow")
    wait_for("slow to go on", lambda: target.status_of("slow").state == "running", within=2)
    target.unpause("slow")


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


def test_only_what_has_changed_is_started_anew(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    target = up_and_whole(settings)
    before = {status.name: status.pid for status in target.status()}
    monkeypatch.setenv("GREETING", "good evening")
    target = up_and_whole(environment.read(settings.root))
    after = {status.name: status.pid for status in target.status()}
    assert after["web"] != before["web"]
    assert after["slow"] == before["slow"]
    assert "starting anew, since the definition has changed: web" in told
    monkeypatch.setenv("LAB_WEB_PORT", "27299")
    up_and_whole(environment.read(settings.root))
    assert answers(environment.read(settings.root))


def test_a_service_that_is_gone_from_the_file_is_stopped(settings: Settings) -> None:
    up_and_whole(settings)
    file = settings.root / "docker-compose.yml"
    file.write_text(file.read_text().partition("  slow:")[0])
    target = LocalTarget(settings)
    target.up([], told.append)
    assert [status.name for status in target.status()] == ["web", "set-up"]
    assert not [process for process in psutil.process_iter(["cmdline"]) if process.info["cmdline"] == ["sleep", "1000"]]


def test_the_preset_in_force_is_kept(settings: Settings) -> None:
    assert LocalTarget(settings).preset == "default"
    up_and_whole(settings, "fast")
    assert up_and_whole(settings).preset == "fast"
    LocalTarget(settings).down(told.append, volumes=True)
    assert LocalTarget(settings).preset == "default"


def test_a_service_that_ends_while_it_is_waited_for_is_shown_with_its_last_words(settings: Settings) -> None:
    file = settings.root / "docker-compose.yml"
    file.write_text(file.read_text().replace("--bind web", "--bind nowhere"))
    with pytest.raises(
        StackUnavailable, match=r"(?s)web ended with exit code 1 while.*printed last:.*gaierror"
    ) as error:
        LocalTarget(settings).up([], told.append)
    assert f"The whole log is {settings.state}/logs/web.log" in str(error.value)


def test_an_app_that_crashes_again_and_again_is_given_up(settings: Settings) -> None:
    file = settings.root / "docker-compose.yml"
    file.write_text(file.read_text().replace("echo slow is up;", "echo bad luck; exit 3;"))
    with pytest.raises(StackUnavailable, match=r"(?s)slow ended.* again and again.*bad luck"):
        LocalTarget(settings).up([], told.append)


def test_a_published_port_that_is_taken_is_refused_before_anything_starts(settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 27291)), pytest.raises(StackUnavailable) as error:
        LocalTarget(settings).up([], told.append)
    assert f"(pid {os.getpid()})" in str(error.value)
    assert "web cannot publish 127.0.0.1:27291: the port is taken by" in str(error.value)
    assert "choose another port: LAB_WEB_PORT=27292" in str(error.value)
    assert [path for path in what_is_left(settings) if not path.startswith("/")] == []


def test_a_port_that_somebody_takes_on_every_address_is_refused_too(settings: Settings) -> None:
    with socket.create_server(("0.0.0.0", 8000)), pytest.raises(StackUnavailable, match="web cannot listen on"):
        LocalTarget(settings).up([], told.append)


def test_a_state_folder_that_cannot_be_made_is_one_sentence(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAB_STATE_ROOT", "/proc/nowhere")
    with pytest.raises(StackUnavailable, match=r"/proc/nowhere\S* cannot be .*LAB_STATE_ROOT"):
        LocalTarget(environment.read(settings.root)).up([], told.append)


def test_ctrl_c_stops_what_was_started(settings: Settings) -> None:
    launcher = in_a_process_of_its_own(settings, "up")
    try:
        assert launcher.stdout is not None
        for line in launcher.stdout:
            if line.startswith("set-up has completed"):
                break
        launcher.send_signal(signal.SIGINT)
        assert "interrupted: stopping what was started" in launcher.communicate(timeout=20)[0]
    finally:
        launcher.kill()
        launcher.communicate()
    assert launcher.returncode == -signal.SIGINT
    assert [path for path in what_is_left(settings) if not path.startswith("/")] == []


def test_two_at_once_wait_for_each_other(settings: Settings) -> None:
    first = in_a_process_of_its_own(settings, "up")
    try:
        assert first.stdout is not None
        assert first.stdout.readline()
        second = in_a_process_of_its_own(settings, "up")
        try:
            assert second.stdout is not None
            assert second.stdout.readline().startswith("waiting for another `lab up` or `lab down` to end")
            let_slow_be_healthy(settings)
            assert first.wait(20) == second.wait(20) == 0
        finally:
            second.kill()
            second.communicate()
    finally:
        first.kill()
        first.communicate()
    up_and_whole(settings)


@pytest.mark.parametrize("seconds", [0.15, 0.4, 0.7, 1.0, 1.5])
def test_the_launcher_may_be_killed_at_any_moment(settings: Settings, seconds: float) -> None:
    for verb in ("up", "down"):
        launcher = in_a_process_of_its_own(settings, verb)
        pause(seconds)
        launcher.kill()
        launcher.communicate()
        up_and_whole(settings)
    assert answers(settings)


def test_what_a_killed_supervisor_leaves_behind_is_ended(settings: Settings) -> None:
    for end in ("up", "down"):
        target = up_and_whole(settings)
        target.pause("slow")
        os.kill(int((settings.state / "supervisord.pid").read_text()), signal.SIGKILL)
        told.clear()
        if end == "up":
            up_and_whole(settings)
        else:
            target.down(told.append, volumes=False)
            assert [path for path in what_is_left(settings) if not path.startswith("/")] == []
        assert not [sentence for sentence in told if "sleep" in sentence] or told[0].startswith("ended what")


@pytest.fixture
def kafka(monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """This checkout's own stack, without anything running yet."""
    yield from _on_a_block_of_its_own(ROOT, monkeypatch)


def test_kafka_starts_breaks_and_comes_back(kafka: Settings) -> None:
    target = LocalTarget(kafka, "fast")
    target.up(["kafka-1", "kafka-2"], told.append)
    assert [status.health for status in target.status()[:3]] == ["healthy"] * 3

    target.kill("kafka-1")
    wait_for("kafka-1 to be dead", lambda: target.status_of("kafka-1").state == "exited", within=5)
    target.pause("kafka-2")
    wait_for("kafka-2 to be paused", lambda: target.status_of("kafka-2").state == "paused", within=5)
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
