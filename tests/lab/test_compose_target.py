"""What the compose target decides without an engine: how it reads docker's answers, and what it asks docker to do."""

import itertools
import threading
from types import SimpleNamespace
from typing import Any

import pytest

from lab.cluster import containers
from lab.cluster.bring_up import GIVEN_UP_AFTER, BringUp, taken_port
from lab.cluster.docker import Docker
from lab.cluster.pulling import images_available
from lab.cluster.stack import read_stack
from lab.cluster.target import Refused, ServiceStatus, StackUnavailable
from tests.lab.fake_docker import FakeDocker


def container(service: str = "broker", status: str = "running", **more: Any) -> dict[str, Any]:
    """One element of `docker inspect`, of a container that is attached and healthy unless `more` says otherwise."""
    state = {
        "Status": status,
        "Running": status in ("running", "paused"),
        "Paused": status == "paused",
        "ExitCode": more.get("code", 0),
    }
    if "health" in more:
        state["Health"] = {"Status": more["health"], "FailingStreak": more.get("streak", 0)}
    networks = {"lab-7_default": {"Aliases": [f"lab-7-{service}-1", service]}}
    return {
        "Config": {"Labels": {"com.docker.compose.service": service}, "StopSignal": more.get("stop_signal")},
        "State": state,
        "NetworkSettings": {"Networks": more.get("networks", networks)},
    }


def service(one_shot: bool = False) -> Any:
    """As much of a Service as its status depends on."""
    return SimpleNamespace(name="broker", one_shot=one_shot)


def never() -> bool:
    raise AssertionError("the engine's word was enough")


@pytest.mark.parametrize(
    ("described", "expected"),
    [
        (None, ServiceStatus("broker", "absent", "none")),
        (container(status="created"), ServiceStatus("broker", "starting", "none")),
        (container(status="restarting", health="unhealthy"), ServiceStatus("broker", "starting", "starting")),
        (container(health="starting"), ServiceStatus("broker", "running", "starting")),
        (container(health="healthy"), ServiceStatus("broker", "running", "healthy")),
        (container(), ServiceStatus("broker", "running", "none")),
        (container(status="paused", health="unhealthy"), ServiceStatus("broker", "paused", "unhealthy")),
        (container(health="healthy", networks={}), ServiceStatus("broker", "cut_off", "unhealthy")),
        (container(status="exited", code=137, health="unhealthy"), ServiceStatus("broker", "exited", "none", 137)),
        (container(status="dead", code=1), ServiceStatus("broker", "exited", "none", 1)),
    ],
)
def test_each_state_of_a_container_is_read_as_what_it_means(described: Any, expected: ServiceStatus) -> None:
    assert containers.status_of(service(), described, "lab-7_default", never) == expected


@pytest.mark.parametrize(("code", "health"), [(0, "completed"), (1, "none")])
def test_a_one_shot_that_ended_well_has_completed(code: int, health: str) -> None:
    described = container(status="exited", code=code)
    assert containers.status_of(service(one_shot=True), described, "lab-7_default", never).health == health


@pytest.mark.parametrize("described", [container(health="unhealthy"), container(health="healthy", streak=1)])
@pytest.mark.parametrize(("probed", "expected"), [(True, "healthy"), (False, "unhealthy")])
def test_where_the_engines_word_may_be_stale_the_health_check_is_run_now(
    described: dict[str, Any], probed: bool, expected: str
) -> None:
    assert containers.status_of(service(), described, "lab-7_default", lambda: probed).health == expected


def test_the_probe_is_the_files_own_health_check_in_the_container(docker: FakeDocker) -> None:
    docker.inspects(container(health="unhealthy"))
    docker.answer("exec", code=1)
    assert docker.target().status_of("broker").health == "unhealthy"
    assert docker.calls[-1] == "exec lab-7-broker-1 probe --now"


def test_stop_sends_the_images_own_signal_and_nothing_after_it(docker: FakeDocker) -> None:
    docker.inspects(container())
    docker.target().stop("broker")
    docker.inspects(container(stop_signal="SIGQUIT"))
    docker.target().stop("broker")
    acts = [call for call in docker.calls if not call.startswith(("inspect", "context"))]
    assert acts == ["kill --signal SIGTERM lab-7-broker-1", "kill --signal SIGQUIT lab-7-broker-1"]


def test_pause_tries_again_when_the_kernel_could_not_freeze_in_time(docker: FakeDocker) -> None:
    docker.answer("pause", err="OCI runtime pause failed: unable to freeze: unknown", code=1)
    (docker.root / "good").write_text("0")
    thaws = threading.Timer(0.5, (docker.root / "good").replace, (docker.folder / "answers" / "pause.code",))
    thaws.start()
    docker.target().pause("broker")
    thaws.join()
    assert docker.calls.count("pause lab-7-broker-1") > 1


def test_pause_says_why_when_it_is_refused(docker: FakeDocker) -> None:
    docker.answer("pause", err="Error response from daemon: Container 1234 is not running", code=1)
    with pytest.raises(StackUnavailable, match=r"broker cannot be paused: .* is not running"):
        docker.target().pause("broker")
    assert docker.calls.count("pause lab-7-broker-1") == 1


def test_a_node_that_is_not_in_the_file_is_refused_with_those_that_are(docker: FakeDocker) -> None:
    with pytest.raises(Refused, match=r"no service 'brokre'\. It has: broker, set-up, app"):
        docker.target().kill("brokre")


def test_a_node_without_a_container_is_said_to_have_none(docker: FakeDocker) -> None:
    docker.answer("inspect", "[]\n", "Error: No such object: lab-7-broker-1", code=1)
    with pytest.raises(StackUnavailable, match=r"broker has no container\. Start the stack: `lab up`"):
        docker.target().cut_off("broker")


def test_the_preset_chosen_goes_to_docker_and_is_remembered_by_up_alone(docker: FakeDocker) -> None:
    ended = container("set-up", "exited")
    docker.inspects(container(health="healthy"), ended, container("app"))
    target = docker.target("fast")
    target.status()
    assert not (docker.root / "state" / "preset").exists()
    target.up([], lambda sentence: None)
    assert (docker.root / "state" / "preset").read_text() == "fast\n"
    assert docker.target()._docker.environment["LAB_SESSION_TIMEOUT_MS"] == "3000"
    assert docker.target("default")._docker.environment["LAB_SESSION_TIMEOUT_MS"] == "9000"


def test_another_preset_stops_in_order_what_runs_with_the_old_one(docker: FakeDocker) -> None:
    docker.inspects(container(health="healthy"), container("set-up", "exited"), container("app"))
    told: list[str] = []
    docker.target("fast").up([], told.append)
    composed = [call.split("docker-compose.yml ")[1] for call in docker.calls if "docker-compose.yml " in call]
    assert composed == ["build --quiet", "stop", "up -d"]
    docker.target("fast").up([], told.append)
    assert told.count("The preset changes from default to fast: the stack is stopped first.") == 1


class Crashing:
    """A stack whose app ends again and again; the engine had started it 7 times before."""

    def __init__(self) -> None:
        self.restarted = itertools.count(7)

    def status(self) -> list[ServiceStatus]:
        done = ServiceStatus("set-up", "exited", "completed", 0)
        return [ServiceStatus("broker", "running", "healthy"), done, ServiceStatus("app", "starting", "starting")]

    def log_lines(self, node: str, last: int = 20) -> list[str]:
        return [f"{node}: no temporary folder"]

    def restarts(self, node: str) -> int:
        return next(self.restarted)


def test_a_service_that_ends_again_and_again_is_given_up_with_its_last_words(docker: FakeDocker) -> None:
    settings, crashing = docker.settings(), Crashing()
    stack = read_stack(settings.compose_file, settings.variables)
    with pytest.raises(StackUnavailable, match=r"app has ended 5 times.*\n  app: no temporary folder"):
        BringUp(Docker(settings, {}), stack, [], crashing, lambda sentence: None).run()
    assert next(crashing.restarted) == 7 + GIVEN_UP_AFTER + 1


def test_images_that_are_here_need_no_network(docker: FakeDocker) -> None:
    told: list[str] = []
    assert images_available(docker.settings(), told.append) == (True, "every image is here")
    assert not [call for call in docker.calls if call.startswith("pull")]
    assert "image inspect --format {{.Id}} python:test" in docker.calls
    assert told == ["Building our own image."]


def test_an_image_that_cannot_be_pulled_is_named_with_dockers_reason(docker: FakeDocker) -> None:
    docker.answer("image inspect", code=1)
    docker.answer("pull", "Error response from daemon: dial tcp: lookup registry.example: no such host\n", code=1)
    available, why = images_available(docker.settings(), lambda sentence: None)
    assert not available
    assert why.startswith("the image example/broker:1 cannot be had: Error response from daemon: dial tcp")


def test_a_build_that_fails_is_told_with_its_last_words(docker: FakeDocker) -> None:
    docker.answer("compose --ansi never -p lab-7", err="step 3\nERROR: no matching distribution\n", code=17)
    available, why = images_available(docker.settings(), lambda sentence: None)
    assert not available
    assert "our own image cannot be built" in why
    assert "no matching distribution" in why


@pytest.mark.parametrize(
    "line",
    [
        "Error response from daemon: driver failed: Bind for 127.0.0.1:19092 failed: port is already allocated",
        "Error starting userland proxy: listen tcp4 127.0.0.1:19092: bind: address already in use",
        "failed to bind host port 127.0.0.1:19092/tcp: address already in use",
        "ports are not available: exposing port TCP 127.0.0.1:19092 -> 127.0.0.1:0: listen tcp 127.0.0.1:19092: bind",
    ],
)
def test_a_taken_port_is_found_in_each_of_dockers_ways_to_say_it(docker: FakeDocker, line: str) -> None:
    found = taken_port(docker.target()._stack, f"Container lab-7-broker-1  Starting\n{line}\n")
    assert found
    assert (found[0], found[1].variable) == ("broker", "LAB_BROKER_PORT")
    assert taken_port(docker.target()._stack, line.replace("19092", "29092")) is None


def test_urls_are_the_published_ports_of_this_block(docker: FakeDocker) -> None:
    assert docker.target(LAB_BROKER_PORT="19792").urls() == {"broker": "127.0.0.1:19792"}


def test_follow_splits_service_and_line_and_asks_for_those_that_teach(docker: FakeDocker) -> None:
    docker.answer("compose --ansi never -p lab-7", "\x1b[2Kapp-1     | a | b\nset-up-1  | \nAttaching to app-1\n")
    assert list(docker.target().follow([])) == [("app", "a | b"), ("set-up", "")]
    assert docker.calls[-1].endswith("logs --follow --no-color --tail 10 set-up app")
