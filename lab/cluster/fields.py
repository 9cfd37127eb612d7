"""Single values of docker-compose.yml: durations, sizes, ports, mounts, commands, health checks.

`stack.py` hands over what YAML gave for one key and takes a plain value back. Every function raises ValueError with a
clause that can follow the name of the key; `stack.py` adds file, service and key.
"""

import re
import shlex
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

_DURATION = re.compile(r"(\d+(?:\.\d+)?)(us|ms|s|m|h)")
_SECONDS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([kmg]?)b?", re.IGNORECASE)
_BYTES = {"": 1, "k": 1024, "m": 1024**2, "g": 1024**3}
CONDITIONS = ("service_started", "service_healthy", "service_completed_successfully")


@dataclass(frozen=True, slots=True)
class Port:
    """A port published on this machine. `variable` is the LAB_..._PORT that chooses `host`, when the file names one."""

    host_ip: str
    host: int
    container: int
    variable: str | None = None


@dataclass(frozen=True, slots=True)
class Mount:
    """A named volume, or a file or folder of this machine ("bind"), as the container sees it at `target`."""

    kind: Literal["volume", "bind"]
    source: str
    target: str


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """`test` is the program and its arguments; all times are seconds."""

    test: tuple[str, ...]
    interval: float = 30.0
    timeout: float = 30.0
    retries: int = 3
    start_period: float = 0.0
    start_interval: float = 5.0


def seconds(value: Any) -> float:
    """`5s`, `1m30s`, `500ms` as seconds."""
    text = str(value)
    if not text or _DURATION.sub("", text):
        raise ValueError(f"{text!r} is not a duration such as 5s or 1m30s")
    return sum(float(number) * _SECONDS[unit] for number, unit in _DURATION.findall(text))


def size(value: Any) -> int:
    """`448m`, `1g` or a number as bytes."""
    found = _SIZE.fullmatch(str(value))
    if not found:
        raise ValueError(f"{value!r} is not a size such as 448m or 1g")
    return int(float(found[1]) * _BYTES[found[2].lower()])


def signal_name(value: Any) -> str:
    """`SIGINT` or `INT` as `INT`."""
    name = str(value).removeprefix("SIG")
    if f"SIG{name}" not in signal.Signals.__members__:
        raise ValueError(f"{value!r} is not a signal such as SIGINT")
    return name


def arguments(value: Any) -> tuple[str, ...]:
    """A command as text or as a list. Texts are split as a shell would, without running one."""
    if isinstance(value, str):
        return tuple(shlex.split(value))
    if isinstance(value, list) and all(isinstance(item, str | int | float) for item in value):
        return tuple(str(item) for item in value)
    raise ValueError("it must be a text or a list of texts")


def environment(value: Any) -> dict[str, str]:
    """Either form of `environment:` as names and texts."""
    if isinstance(value, list):
        value = dict(str(item).partition("=")[::2] for item in value)
    if not isinstance(value, Mapping):
        raise ValueError("it must be NAME: value pairs or a list of NAME=value")
    for name, item in value.items():
        if not isinstance(item, str | int | float) or isinstance(item, bool):
            raise ValueError(f'{name} must be a text or a number (write true as "true" in quotes)')
    return {str(name): str(item) for name, item in value.items()}


def port(value: Any, variable: str | None = None) -> Port:
    """`127.0.0.1:HOST:CONTAINER`, the one form that publishes nothing to other machines."""
    found = re.fullmatch(r"([\d.]+):(\d+):(\d+)", str(value))
    if not found or not all(0 < int(number) < 65536 for number in found.groups()[1:]):
        raise ValueError(f"{value!r} is not of the form 127.0.0.1:HOST:CONTAINER")
    return Port(found[1], int(found[2]), int(found[3]), variable)


def mount(value: Any) -> Mount:
    """`name:/path` (a volume), `./file:/path` (of the checkout) or `/file:/path`; `:ro` or `:rw` may follow."""
    found = re.fullmatch(r"([^:]+):(/[^:]*)(?::(?:ro|rw))?", str(value))
    if not found or found[1].startswith("~"):
        raise ValueError(f"{value!r} is none of name:/path, ./path/in/the/checkout:/path and /path:/path")
    return Mount("bind" if found[1].startswith((".", "/")) else "volume", found[1], found[2])


def depends_on(value: Any) -> dict[str, str]:
    """Either form of `depends_on:` as service and condition."""
    if isinstance(value, list):
        return {str(name): "service_started" for name in value}
    if not isinstance(value, Mapping):
        raise ValueError("it must be a list of services or SERVICE: {condition: ...} pairs")
    found = {}
    for name, rule in value.items():
        if not isinstance(rule, Mapping) or set(rule) != {"condition"} or rule["condition"] not in CONDITIONS:
            raise ValueError(f"{name} needs {{condition: ...}} and nothing else, one of {', '.join(CONDITIONS)}")
        found[str(name)] = str(rule["condition"])
    return found


def health_check(value: Any) -> HealthCheck:
    """A health check with its test as arguments: CMD-SHELL and plain text become `sh -c TEXT`."""
    known = {"test", "interval", "timeout", "retries", "start_period", "start_interval"}
    if not isinstance(value, Mapping) or "test" not in value or set(value) - known:
        raise ValueError(f"it must have a test, and no other keys than {', '.join(sorted(known))}")
    test = value["test"]
    if isinstance(test, str):
        test = ["CMD-SHELL", test]
    match test:
        case ["CMD", _, *_]:
            command = arguments(test[1:])
        case ["CMD-SHELL", str(line)]:
            command = ("sh", "-c", line)
        case _:
            raise ValueError('its test must be ["CMD", program, ...] or ["CMD-SHELL", line]')
    retries = {"retries": int(value["retries"])} if "retries" in value else {}
    times = {key: seconds(value[key]) for key in known - {"test", "retries"} if key in value}
    return HealthCheck(command, **retries, **times)  # type: ignore[arg-type]
