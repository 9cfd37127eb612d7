"""Reads docker-compose.yml, the only description of the stack, into plain values.

The `local` target starts processes from a Stack; the `compose` target uses it for names and ports. We read the subset
of the format that our file uses: an unknown key is an error, because a key that is silently dropped would make the two
targets differ. Keys that only containers can obey are known, and listed in `Stack.without_effect_locally`.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import yaml

from lab.cluster import fields, strict_yaml
from lab.cluster.fields import HealthCheck, Mount, Port
from lab.cluster.interpolation import interpolate, variables_in
from lab.cluster.target import LabError, Refused

T = TypeVar("T")
TOP_LEVEL = {"name", "services", "volumes", "networks"}
EFFECTIVE = {
    "attach", "command", "depends_on", "environment", "healthcheck", "image", "ports", "restart", "stop_grace_period",
    "stop_signal", "volumes",
}  # fmt: skip
WITHOUT_EFFECT_LOCALLY = {
    "build", "cap_add", "cap_drop", "cpus", "expose", "hostname", "init", "labels", "logging", "mem_limit", "networks",
    "pids_limit", "platform", "pull_policy", "read_only", "security_opt", "shm_size", "tmpfs", "ulimits", "user",
}  # fmt: skip


class StackError(LabError):
    """docker-compose.yml cannot be read as a stack; the message names file, service, key and what to do."""


@dataclass(frozen=True, slots=True)
class Service:
    """One service. `repository` and `tag` are the two parts of `image`; `built` means that the image is our own."""

    name: str
    repository: str
    tag: str
    built: bool
    command: tuple[str, ...]
    environment: Mapping[str, str]
    ports: tuple[Port, ...]
    volumes: tuple[Mount, ...]
    depends_on: Mapping[str, str]
    healthcheck: HealthCheck | None
    restart: str
    attach: bool
    stop_grace_period: float
    stop_signal: str | None
    """Such as "INT"; None means the image's own."""
    mem_limit: int | None
    user: str

    @property
    def one_shot(self) -> bool:
        """It does its work once and ends; `completed` is its health."""
        return self.healthcheck is None and self.restart == "no"


@dataclass(frozen=True, slots=True)
class Stack:
    """All services by name, in the order of the file."""

    path: Path
    name: str
    services: Mapping[str, Service]
    without_effect_locally: tuple[str, ...]

    def service(self, name: str) -> Service:
        """The service of that name; Refused, with the names that there are, when there is none."""
        if name not in self.services:
            raise Refused(f"{self.path.name} has no service {name!r}. It has: {', '.join(self.services)}.")
        return self.services[name]

    def with_dependencies(self, names: Iterable[str]) -> list[str]:
        """`names` (empty: all) and everything that they depend on, in the order of the file."""
        wanted: set[str] = set()
        waiting = list(names) or list(self.services)
        while waiting:
            name = waiting.pop()
            if name not in wanted:
                wanted.add(name)
                waiting += self.service(name).depends_on
        return [name for name in self.services if name in wanted]

    def stop_order(self, names: Iterable[str]) -> list[list[str]]:
        """`names` in waves: each wave may be stopped at once, those that others depend on come last."""
        left, waves = [name for name in self.services if name in set(names)], []
        while left:
            needed = {other for name in left for other in self._needs(name)}
            wave = [name for name in left if name not in needed]
            waves.append(wave)
            left = [name for name in left if name in needed]
        return waves

    def _needs(self, name: str) -> set[str]:
        return set(self.with_dependencies([name])) - {name}


def read_stack(path: Path, variables: Mapping[str, str]) -> Stack:
    """The stack that `path` describes, with ${NAME} read from `variables`. Raises StackError in one sentence."""
    document = _load(path)
    for key in document:
        if key not in TOP_LEVEL and not str(key).startswith("x-"):
            raise StackError(f"{path.name}: the lab does not know the top-level key {key!r}. Remove it.")
    bodies = document.get("services")
    if not isinstance(bodies, Mapping) or not all(isinstance(body, Mapping) for body in bodies.values()):
        raise StackError(f"{path.name}: `services:` must hold one mapping for each service. Mend the file.")
    services = {str(name): _Reader(path, str(name), body, variables).service() for name, body in bodies.items()}
    # One service alone may say `build:`: two builds of one image name at once are a race (docker/buildx#3576).
    ours = {(service.repository, service.tag) for service in services.values() if service.built}
    services = {name: replace(s, built=(s.repository, s.tag) in ours) for name, s in services.items()}
    _check_dependencies(path, services)
    without_effect = sorted({key for body in bodies.values() for key in body if key in WITHOUT_EFFECT_LOCALLY})
    return Stack(path, str(document.get("name", path.parent.name)), services, tuple(without_effect))


def _load(path: Path) -> Mapping[str, Any]:
    try:
        document = strict_yaml.load(path.read_text())
    except OSError as error:
        raise StackError(f"{path} cannot be read: {error.strerror}. The lab needs it to know the stack.") from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"line {mark.line + 1}, column {mark.column + 1}" if mark else "somewhere"
        raise StackError(f"{path.name} is not valid YAML: {where}: {error.problem}. Mend that line.") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise StackError(f"{path.name} is not valid YAML: {error}. Mend the file.") from error
    if not isinstance(document, Mapping):
        raise StackError(f"{path.name} does not describe a stack: it has no `services:`. Mend the file.")
    return document


class _Reader:
    """Reads one service; knows file and service, so that every error can name them."""

    def __init__(self, path: Path, name: str, body: Mapping[str, Any], variables: Mapping[str, str]) -> None:
        self.path, self.name, self.body, self.variables = path, name, body, variables

    def service(self) -> Service:
        for key in self.body:
            if key not in EFFECTIVE | WITHOUT_EFFECT_LOCALLY:
                raise self.error(
                    str(key), "the lab does not know this key; remove it, or teach it to lab/cluster/stack.py"
                )
        repository, tag = self.get("image", _image, ("", ""))
        if not repository and "build" not in self.body:
            raise self.error("image", "it is missing; name the image")
        if self.body.get("hostname", self.name) != self.name:
            raise self.error("hostname", "it must be the service's own name, the only one that both targets resolve")
        return Service(
            name=self.name,
            repository=repository,
            tag=tag,
            built="build" in self.body,
            command=self.get("command", fields.arguments, ()),
            environment=self.get("environment", fields.environment, {}),
            ports=tuple(self.each("ports", lambda raw: fields.port(self.fill(raw), _port_variable(raw)))),
            volumes=tuple(self.each("volumes", lambda raw: fields.mount(self.fill(raw)))),
            depends_on=self.get("depends_on", fields.depends_on, {}),
            healthcheck=self.get("healthcheck", fields.health_check, None),
            restart=self.get("restart", _restart, "no"),
            attach=self.get("attach", bool, True),
            stop_grace_period=self.get("stop_grace_period", fields.seconds, 10.0),
            stop_signal=self.get("stop_signal", fields.signal_name, None),
            mem_limit=self.get("mem_limit", fields.size, None),
            user=self.get("user", str, ""),
        )

    def get(self, key: str, convert: Callable[[Any], T], default: T) -> T:
        try:
            return convert(self.fill(self.body[key])) if key in self.body else default
        except ValueError as error:
            raise self.error(key, str(error)) from error

    def each(self, key: str, convert: Callable[[Any], T]) -> list[T]:
        raw = self.body.get(key, [])
        if not isinstance(raw, list):
            raise self.error(key, "it must be a list")
        try:
            return [convert(item) for item in raw]
        except ValueError as error:
            raise self.error(key, str(error)) from error

    def fill(self, value: Any) -> Any:
        """`value` with the variables of every text in it replaced."""
        match value:
            case str():
                return interpolate(value, self.variables)
            case list():
                return [self.fill(item) for item in value]
            case dict():
                return {key: self.fill(item) for key, item in value.items()}
        return value

    def error(self, key: str, why: str) -> StackError:
        return StackError(f"{self.path.name}: service {self.name}: {key}: {why}.")


def _image(value: Any) -> tuple[str, str]:
    """Repository and tag; a colon before the last slash belongs to a registry's port."""
    repository, colon, tag = str(value).rpartition(":")
    if not colon or "/" in tag:
        raise ValueError(f"{value!r} names no tag; name one exactly, so that everybody runs the same version")
    return repository, tag


def _restart(value: Any) -> str:
    text = "no" if value is False else str(value)
    if text not in ("no", "unless-stopped"):
        raise ValueError(f'{text!r} is neither "no" nor unless-stopped')
    return text


def _port_variable(raw: Any) -> str | None:
    return next(iter(variables_in(str(raw))), None)


def _check_dependencies(path: Path, services: Mapping[str, Service]) -> None:
    for name, service in services.items():
        for other, condition in service.depends_on.items():
            if other not in services:
                raise StackError(
                    f"{path.name}: service {name}: depends_on: there is no service {other!r}. Mend the name."
                )
            if condition == "service_healthy" and not services[other].healthcheck:
                raise StackError(f"{path.name}: service {name}: depends_on: {other} has no healthcheck. Give it one.")
    for name in services:
        if cycle := _cycle(services, (name,)):
            raise StackError(f"{path.name}: depends_on goes in a circle: {' -> '.join(cycle)}. Take one of them out.")


def _cycle(services: Mapping[str, Service], walked: tuple[str, ...]) -> tuple[str, ...] | None:
    """The first walk along depends_on that comes back to where it began."""
    for other in services[walked[-1]].depends_on:
        if other in walked:
            return (*walked[walked.index(other) :], other)
        if cycle := _cycle(services, (*walked, other)):
            return cycle
    return None
