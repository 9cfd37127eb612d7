"""docker-compose.yml is read as Docker reads it, and what we do not know is an error."""

from pathlib import Path

import pytest

from lab.cluster.interpolation import interpolate
from lab.cluster.stack import Service, Stack, StackError, read_stack
from lab.cluster.target import Refused

BROKER = """
name: trial
services:
  broker:
    image: example/broker:1.2
"""


def stack_of(tmp_path: Path, text: str, **variables: str) -> Stack:
    path = tmp_path / "docker-compose.yml"
    path.write_text(text)
    return read_stack(path, variables)


def broker(tmp_path: Path, keys: str, **variables: str) -> Service:
    return stack_of(tmp_path, BROKER + "".join(f"    {line}\n" for line in keys.splitlines()), **variables).services[
        "broker"
    ]


@pytest.mark.parametrize(
    ("text", "variables", "result"),
    [
        ("${PORT:-80}", {}, "80"),
        ("${PORT:-80}", {"PORT": ""}, "80"),
        ("${PORT-80}", {"PORT": ""}, ""),
        ("a${PORT}b", {"PORT": "1"}, "a1b"),
        ("$PORT/x", {"PORT": "1"}, "1/x"),
        ("$$PORT $${PORT}", {}, "$PORT ${PORT}"),
        ("${PORT:+tls}", {"PORT": "1"}, "tls"),
        ("${PORT:+tls}", {}, ""),
        ("127.0.0.1:${A_PORT:-1}:${B_PORT:-2}", {"B_PORT": "3"}, "127.0.0.1:1:3"),
    ],
)
def test_variables_are_replaced_as_docker_does(text: str, variables: dict[str, str], result: str) -> None:
    assert interpolate(text, variables) == result


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("${PORT:?name a port}", "PORT is not set: name a port"),
        ("${PORT}", "PORT is not set and has no default"),
        ("costs $5", r"write \$\$ for a dollar sign"),
    ],
)
def test_a_variable_that_cannot_be_replaced_is_named_with_its_key(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(StackError, match=rf"docker-compose.yml: service broker: command: .*{says}"):
        broker(tmp_path, f"command: '{text}'")


def test_a_service_is_read_with_all_its_values(tmp_path: Path) -> None:
    service = broker(
        tmp_path,
        """\
command: serve --motto "two words"
environment: {A: 1, B: "true", C: "${C:-c}"}
ports: ["127.0.0.1:${LAB_BROKER_PORT:-19092}:9092"]
volumes: ["data:/var/lib/data", "./conf/broker.conf:/etc/broker.conf:ro", "${RECORDS:-/srv}:/records:ro"]
healthcheck: {test: ["CMD", "probe", "broker"], interval: 1m30s, timeout: 500ms, retries: 3, start_period: 5s}
restart: unless-stopped
attach: false
stop_grace_period: 30s
stop_signal: SIGINT
mem_limit: 448m
user: "10001"
""",
    )
    assert (service.repository, service.tag, service.built) == ("example/broker", "1.2", False)
    assert service.command == ("serve", "--motto", "two words")
    assert service.environment == {"A": "1", "B": "true", "C": "c"}
    [port] = service.ports
    assert (port.host_ip, port.host, port.container, port.variable) == ("127.0.0.1", 19092, 9092, "LAB_BROKER_PORT")
    assert [(mount.kind, mount.target) for mount in service.volumes] == [
        ("volume", "/var/lib/data"),
        ("bind", "/etc/broker.conf"),
        ("bind", "/records"),
    ]
    assert service.healthcheck is not None
    assert service.healthcheck.test == ("probe", "broker")
    assert (service.healthcheck.interval, service.healthcheck.timeout) == (90.0, 0.5)
    assert (service.restart, service.attach, service.stop_grace_period) == ("unless-stopped", False, 30.0)
    assert service.stop_signal == "INT"
    assert (service.mem_limit, service.user) == (448 * 1024 * 1024, "10001")


def test_both_forms_of_environment_command_health_check_and_depends_on_are_read(tmp_path: Path) -> None:
    stack = stack_of(
        tmp_path,
        BROKER
        + """
    healthcheck: {test: "probe || exit 1"}
  app:
    image: example/app:1
    command: [run, "a b", 3]
    environment: [A=1, "B=x=y"]
    depends_on: [broker]
  late:
    image: example/app:1
    depends_on: {broker: {condition: service_healthy}}
""",
    )
    check = stack.services["broker"].healthcheck
    assert check is not None
    assert check.test == ("sh", "-c", "probe || exit 1")
    assert stack.services["app"].command == ("run", "a b", "3")
    assert stack.services["app"].environment == {"A": "1", "B": "x=y"}
    assert stack.services["app"].depends_on == {"broker": "service_started"}
    assert stack.services["late"].depends_on == {"broker": "service_healthy"}


def test_anchors_and_merges_are_followed(tmp_path: Path) -> None:
    stack = stack_of(
        tmp_path,
        "x-common: &common {image: example/app:1, restart: unless-stopped}\n"
        "services:\n  one: {<<: *common}\n  two: {<<: *common, restart: 'no'}\n",
    )
    assert [service.restart for service in stack.services.values()] == ["unless-stopped", "no"]


@pytest.mark.parametrize(
    ("keys", "says"),
    [
        ("replicas: 3", "replicas: the lab does not know this key"),
        ("ports: ['8080:80']", "ports: '8080:80' is not of the form"),
        ("ports: 8080", "ports: it must be a list"),
        ("volumes: ['~/etc:/etc']", "volumes: '~/etc:/etc' is none of"),
        ("environment: {A: true}", "environment: A must be a text"),
        ("healthcheck: {test: ['CMD'], interval: 5s}", "healthcheck: its test must be"),
        ("healthcheck: {test: ['CMD', 'x'], interval: soon}", "healthcheck: 'soon' is not a duration"),
        ("stop_signal: SIGHELLO", "stop_signal: 'SIGHELLO' is not a signal"),
        ("mem_limit: much", "mem_limit: 'much' is not a size"),
        ("restart: always", "restart: 'always' is neither"),
        ("hostname: other", "hostname: it must be the service's own name"),
        ("depends_on: [nobody]", "depends_on: there is no service 'nobody'"),
        ("depends_on: {broker: {condition: ready}}", r"depends_on: broker needs {condition: ...}"),
        ("depends_on: {broker: {condition: service_healthy}}", "depends_on: broker has no healthcheck"),
    ],
)
def test_what_cannot_be_done_is_an_error_that_names_service_and_key(tmp_path: Path, keys: str, says: str) -> None:
    with pytest.raises(StackError, match=rf"docker-compose.yml: service broker: {says}"):
        broker(tmp_path, keys)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("services:\n  a: {image: x:1\n  b: 2\n", "is not valid YAML: line 3, column"),
        ("services: [", "is not valid YAML: line 1"),
        (
            "services:\n  a:\n    image: x:1\n    image: y:1\n",
            "line 4, column 5: the key 'image' stands here for the second",
        ),
        ("- a\n", "has no `services:`"),
        ("services: {a: 1}\n", "must hold one mapping for each service"),
        ("version: '3'\nservices: {}\n", "does not know the top-level key 'version'"),
        ("services:\n  a: {image: broker}\n", "service a: image: 'broker' names no tag"),
        ("services:\n  a: {restart: 'no'}\n", "service a: image: it is missing"),
    ],
)
def test_a_broken_file_is_one_sentence(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(StackError) as error:
        stack_of(tmp_path, text)
    assert says in str(error.value)
    assert "\n" not in str(error.value)


def test_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(StackError, match="cannot be read: No such file"):
        read_stack(tmp_path / "docker-compose.yml", {})


def test_a_circle_of_dependencies_is_shown(tmp_path: Path) -> None:
    text = "services:\n" + "".join(
        f"  {name}: {{image: x:1, depends_on: [{other}]}}\n" for name, other in ["ab", "bc", "ca"]
    )
    with pytest.raises(StackError, match="goes in a circle: a -> b -> c -> a"):
        stack_of(tmp_path, text)


def test_a_subset_includes_what_it_depends_on_and_stops_in_reverse(tmp_path: Path) -> None:
    stack = stack_of(
        tmp_path,
        "services:\n  db: {image: x:1}\n  other: {image: x:1}\n  api: {image: x:1, depends_on: [db]}\n"
        "  web: {image: x:1, depends_on: [api]}\n",
    )
    assert stack.with_dependencies(["web"]) == ["db", "api", "web"]
    assert stack.with_dependencies([]) == ["db", "other", "api", "web"]
    assert stack.stop_order(stack.services) == [["other", "web"], ["api"], ["db"]]
    with pytest.raises(Refused, match=r"no service 'nobody'\. It has: db, other, api, web"):
        stack.with_dependencies(["nobody"])


def test_keys_that_only_containers_obey_are_listed(tmp_path: Path) -> None:
    text = BROKER + "    cap_drop: [ALL]\n    user: '1'\n    attach: false\n"
    assert stack_of(tmp_path, text).without_effect_locally == ("cap_drop", "user")
