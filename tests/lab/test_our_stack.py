"""The rules of our own docker-compose.yml: what makes one description run in both places."""

import os
import re
from pathlib import Path

import pytest

from lab import settings as environment
from lab.cluster.stack import Stack, read_stack

ROOT = Path(__file__).resolve().parents[2]
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
