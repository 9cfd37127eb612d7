"""redis without Docker: the distribution's redis-server, at the service's own address."""

from lab.cluster.images.installed import find_program, missing_program, package_version
from lab.cluster.images.place import Place, Program
from lab.cluster.target import Tell
from lab.settings import Settings

_PACKAGE = "redis-server"


def program(place: Place) -> Program:
    """The command of the file (or `redis-server`), bound to one address, with its data in the service's volume."""
    command = list(place.command)
    if not command or command[0].startswith("-") or command[0].endswith(".conf"):
        command.insert(0, "redis-server")
    data = place.mounts.get("/data", place.folder)
    # Protected mode would refuse the other services, who do not come from 127.0.0.1; the image switches it off as well.
    own = ["--bind", place.address, "--protected-mode", "no", "--dir", str(data), "--daemonize", "no"]
    return Program([*command, *own], dict(place.environment))


def version() -> str | None:
    """That of the distribution's package."""
    return package_version(_PACKAGE)


def needed_packages(settings: Settings) -> list[str]:
    """redis-server, where it is not installed."""
    return [] if find_program("redis-server") else [_PACKAGE]


def missing(settings: Settings) -> list[str]:
    """A sentence where redis-server is not installed."""
    return missing_program("redis-server", _PACKAGE)


def prepare(settings: Settings, tell: Tell) -> None:
    """Nothing to do."""
