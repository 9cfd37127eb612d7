"""How the lab calls `docker`: which engines it talks to, what it makes of their complaints, and when it gives up."""

import time
from collections.abc import Callable
from typing import Any

import psutil
import pytest

from lab.cluster.compose import ComposeTarget
from lab.cluster.docker import Docker, complaint, engine_answers, is_local
from lab.cluster.target import Refused, StackUnavailable
from lab.waiting import wait_for
from tests.lab.fake_docker import FakeDocker


@pytest.mark.parametrize(
    ("endpoint", "local"),
    [
        ("unix:///run/docker.sock", True), ("npipe:////./pipe/docker_engine", True), ("", True),
        ("tcp://127.0.0.1:2375", True), ("tcp://localhost:2375", True), ("tcp://[::1]:2375", True),
        ("tcp://10.0.0.7:2376", False), ("tcp://build.example:2376", False), ("ssh://root@build.example", False),
    ],
)  # fmt: skip
def test_an_endpoint_is_local_when_it_is_a_socket_or_on_the_loopback(endpoint: str, local: bool) -> None:
    assert is_local(endpoint) is local


ACTS: dict[str, Callable[[ComposeTarget], object]] = {
    "up": lambda target: target.up([], print),
    "down": lambda target: target.down(print, volumes=True),
    "kill": lambda target: target.kill("broker"),
    "status": lambda target: target.status(),
}


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_an_engine_on_another_machine_is_refused_before_anything_is_done(
    docker: FakeDocker, act: Callable[[ComposeTarget], object]
) -> None:
    docker.answer("context inspect", "ssh://root@build.example\n")
    with pytest.raises(Refused, match=r"ssh://root@build\.example: another machine.*LAB_ALLOW_REMOTE_DOCKER=1"):
        act(docker.target())
    assert set(docker.calls) == {"context inspect --format {{.Endpoints.docker.Host}}"}


def test_an_engine_on_another_machine_is_used_when_it_is_meant(docker: FakeDocker) -> None:
    docker.answer("context inspect", "ssh://root@build.example\n")
    docker.inspects()
    target = docker.target(LAB_ALLOW_REMOTE_DOCKER="1")
    assert [status.state for status in target.status()] == ["absent", "absent", "absent"]
    assert engine_answers(docker.settings(LAB_ALLOW_REMOTE_DOCKER="1"))[0]


@pytest.mark.parametrize(
    ("to", "answer", "reason"),
    [
        ("version", {"out": "1.41\n"}, "the engine speaks API 1.41; docker-compose.yml needs 1.44"),
        ("compose version", {"out": "2.17.0\n"}, "compose is 2.17.0; docker-compose.yml needs 2.20 or later"),
        ("compose version", {"err": "docker: 'compose' is not a docker command.", "code": 1}, "no compose plugin"),
        (
            "version",
            {"err": "Cannot connect to the Docker daemon at unix:///x.sock. Is it running?", "code": 1},
            "the Docker engine does not answer at unix:///x.sock: start it",
        ),
        ("context inspect", {"out": "tcp://10.0.0.7:2376\n"}, "tcp://10.0.0.7:2376: another machine"),
    ],
)
def test_an_engine_that_does_not_serve_is_said_why(
    docker: FakeDocker, to: str, answer: dict[str, Any], reason: str
) -> None:
    docker.answer(to, **answer)
    answers, why = engine_answers(docker.settings())
    assert not answers
    assert reason in why


@pytest.mark.parametrize(("api", "compose"), [("1.45", "2.26.1-4"), ("1.51", "v2.40.3-desktop.1"), ("1.52", "5.6.0")])
def test_an_engine_that_is_new_enough_answers(docker: FakeDocker, api: str, compose: str) -> None:
    docker.answer("version", api)
    docker.answer("compose version", compose)
    assert engine_answers(docker.settings()) == (True, f"a Docker engine answers (API {api}, compose {compose})")


def test_without_a_docker_command_it_says_so(docker: FakeDocker) -> None:
    settings = docker.settings(PATH=str(docker.root))
    answers, why = engine_answers(settings)
    assert not answers
    assert why.startswith("there is no `docker` command")
    with pytest.raises(StackUnavailable, match="There is no `docker` command"):
        ComposeTarget(settings).status()


def test_a_docker_that_hangs_is_given_up_and_its_processes_are_ended(docker: FakeDocker) -> None:
    (docker.folder / "hang").touch()
    began = time.monotonic()
    with pytest.raises(StackUnavailable, match=r"`docker info` did not end within 0\.5 s"):
        Docker(docker.settings(), {}).run("info", within=0.5)
    assert time.monotonic() - began < 10
    sleeper = int((docker.folder / "sleeper").read_text())
    wait_for("the end of what docker had started", lambda: has_ended(sleeper), within=10)


def has_ended(pid: int) -> bool:
    """A zombie has: it is there until process 1 has reaped it."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("permission denied while trying to connect to the Docker daemon socket", "group docker"),
        ("Cannot connect to the Docker daemon at unix:///run/docker.sock. Is the docker daemon running?", "start it"),
        ("write /x: no space left on device", "make room"),
        ("one\n\ntwo\nthree\nfour\n", "two / three / four"),
        ("", "it gave no reason"),
    ],
)
def test_dockers_complaints_become_sentences_that_say_what_to_do(text: str, says: str) -> None:
    assert says in complaint(text)
