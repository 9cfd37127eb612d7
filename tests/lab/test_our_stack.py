"""The rules of our own docker-compose.yml: what makes one description run in both places."""

import os
import re
from collections.abc import Iterable
from itertools import combinations
from pathlib import Path

import pytest

from lab import settings as environment
from lab.cluster.stack import Stack, read_stack

ROOT = Path(__file__).resolve().parents[2]
MIB = 1024**2
OUR_FILE = ROOT / "docker-compose.yml"


@pytest.fixture(scope="module")
def ours() -> Stack:
    return read_stack(OUR_FILE, {})


def test_our_file_reads_without_any_variable_set(ours: Stack) -> None:
    assert ours.name == "lab"
    assert list(ours.services)[:3] == ["kafka-controller", "kafka-1", "kafka-2"]


def test_our_file_says_all_interfaces_in_the_two_forms_that_the_local_target_knows() -> None:
    other = re.findall(r"\[::\]|(?<!\w)\*:\d+|0\.0\.0\.0(?!:(?:\d|PORT))", OUR_FILE.read_text())
    assert other == []


def test_our_health_checks_name_their_service_and_never_this_machine(ours: Stack) -> None:
    for service in ours.services.values():
        if service.healthcheck:
            test = " ".join(service.healthcheck.test)
            assert re.search(rf"(?<![\w-]){re.escape(service.name)}(?![\w-])", test), service.name
            assert "127.0.0.1" not in test, service.name
            assert "localhost" not in test, service.name
            assert test.count("/dev/tcp/") <= 1, f"{service.name}: see lab/cluster/local/health.py"


def test_every_service_of_ours_has_a_health_check_or_ends_by_itself(ours: Stack) -> None:
    for service in ours.services.values():
        assert service.healthcheck or service.restart == "no", service.name
        waited_for = [other for other in ours.services.values() if service.name in other.depends_on]
        if service.one_shot:
            conditions = {other.depends_on[service.name] for other in waited_for}
            assert conditions == {"service_completed_successfully"}, service.name


def test_our_ports_are_published_on_this_machine_only_and_can_be_chosen(ours: Stack) -> None:
    ports = [port for service in ours.services.values() for port in service.ports]
    assert ports
    for port in ports:
        assert port.host_ip == "127.0.0.1", port
        assert port.variable, port
        assert re.fullmatch(r"LAB_\w+_PORT", port.variable), port
        assert port.container >= 1024, port
        assert port.host not in (5000, 7000, 8080), port


def test_our_images_have_exact_tags_and_can_be_mirrored(ours: Stack) -> None:
    for service in ours.services.values():
        assert service.tag not in ("", "latest"), service.name
    for line in re.findall(r"^\s+image: (.*)", OUR_FILE.read_text(), re.MULTILINE):
        assert re.fullmatch(r"\$\{\w+_IMAGE:-.+\}", line), line


def test_our_brokers_stay_down_when_they_are_killed_and_our_apps_come_back(ours: Stack) -> None:
    for service in ours.services.values():
        assert service.restart == ("unless-stopped" if service.built and service.healthcheck else "no"), service.name


def waits_for(stack: Stack, name: str, finished: Iterable[str]) -> bool:
    """Whether a service starts only after one of these has ended, by whatever way."""
    service = stack.services[name]
    return any(
        (other in finished and condition == "service_completed_successfully") or waits_for(stack, other, finished)
        for other, condition in service.depends_on.items()
    )


def test_the_limits_of_all_that_run_at_one_time_sum_up_to_3_gib_at_most(ours: Stack) -> None:
    """A one-shot gives its memory back before those start that wait for its end: all sets of one-shots are tried."""
    limits = {name: service.mem_limit or 10**12 for name, service in ours.services.items()}
    one_shots = [name for name, service in ours.services.items() if service.one_shot]
    assert len(one_shots) == 3
    for count in range(len(one_shots) + 1):
        for running in combinations(one_shots, count):
            beside = [name for name in limits if name not in one_shots and not waits_for(ours, name, running)]
            assert sum(limits[name] for name in [*beside, *running]) <= 3072 * MIB, running


def test_the_console_waits_for_nobody_and_sees_runs_without_being_able_to_change_them(ours: Stack) -> None:
    """Not for a system under test, or a dead one would keep it from starting."""
    console = ours.services["console"]
    assert console.depends_on == {}
    assert [(mount.source, mount.target) for mount in console.volumes] == [("./runs", "/app/runs")]
    assert '"${LAB_RUNS:-./runs}:/app/runs:ro"' in OUR_FILE.read_text()
    assert (ROOT / "runs" / "README.md").exists(), "Docker would make the folder as root"
    assert console.command[:3] == ("python", "-m", "lab.console.service")


def test_a_second_stack_of_ours_publishes_other_ports(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAB_BLOCK", "2")
    for name in ("LAB_KAFKA_1_PORT", "LAB_KAFKA_2_PORT"):
        monkeypatch.delenv(name, raising=False)
    found = environment.read(ROOT)
    second = read_stack(found.compose_file, found.variables)
    assert second.services["kafka-1"].ports[0].host == 19292
    assert second.services["kafka-1"].environment["KAFKA_ADVERTISED_LISTENERS"].endswith("HOST://127.0.0.1:19292")


def test_no_block_publishes_a_port_of_outgoing_connections_or_one_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if re.fullmatch(r"LAB_\w+_PORT", name)]:
        monkeypatch.delenv(name)
    for block in range(100):
        monkeypatch.setenv("LAB_BLOCK", str(block))
        found = environment.read(ROOT)
        services = read_stack(found.compose_file, found.variables).services.values()
        ports = [port.host for service in services for port in service.ports]
        assert len(set(ports)) == len(ports), block
        assert max(ports) < 32768, block


def test_the_two_lists_of_who_stands_behind_the_balancer_differ_in_nothing_but_resolve() -> None:
    def upstreams(name: str) -> dict[str, list[str]]:
        text = re.sub(r"\s*#.*", "", (ROOT / "rest_demo" / name).read_text()).replace(" resolve;", ";")
        found = re.findall(r"upstream (\w+) \{(.*?)\}", text, re.DOTALL)
        return {upstream: [line.strip() for line in body.split(";") if line.strip()] for upstream, body in found}

    assert set(upstreams("nginx-main.conf")) == {"rest", "channels"}
    assert upstreams("nginx-main.conf") == upstreams("nginx-fixed.conf")
