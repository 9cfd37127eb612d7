"""rabbitmq without Docker: the distribution's RabbitMQ, one node, at the service's own address.

Two ports that docker-compose.yml does not name are numbered by block, because Erlang takes them on every address: that
of epmd, and that of Erlang's own distribution. Debian's wrapper scripts are passed by: they change user and process
group, and `rabbitmq-server --version` starts a server.
"""

from pathlib import Path

from lab.cluster.images.installed import package_version
from lab.cluster.images.place import Place, Program
from lab.cluster.target import Tell
from lab.settings import Settings

_PACKAGE = "rabbitmq-server"
_SERVER = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
_HOME = "/var/lib/rabbitmq"
_EPMD_PORT, _DISTRIBUTION_PORT = 24300, 24400

# epmd in the foreground, as a child that dies with us: `epmd -daemon`, which Erlang would start, outlives everything.
_START = "setpriv --pdeathsig KILL epmd & exec {server}"


def program(place: Place) -> Program:
    """RabbitMQ; the management plugin is on when the image's tag ends in -management, as in the image."""
    folder, address, block = place.folder, place.address, place.settings.block
    management = place.tag.endswith("-management")
    lines = [f"listeners.tcp.1 = {address}:5672", "loopback_users = none", "log.console = true", "log.file = false"]
    if management:
        lines += [f"management.tcp.ip = {address}", "management.tcp.port = 15672"]
    config = folder / "rabbitmq.conf"
    environment = {
        **place.environment,
        "RABBITMQ_NODENAME": f"rabbit@{place.name}",
        "RABBITMQ_CONF_ENV_FILE": "/dev/null",
        "RABBITMQ_CONFIG_FILE": str(config),
        # Read after ours: whatever the file mounts for the server.
        "RABBITMQ_CONFIG_FILES": str(place.mounts.get("/etc/rabbitmq/rabbitmq.conf", folder / "none.conf")),
        "RABBITMQ_MNESIA_BASE": str(place.mounts.get(_HOME, folder / "data")),
        "RABBITMQ_LOG_BASE": str(folder),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "enabled_plugins"),
        "RABBITMQ_PID_FILE": str(folder / "pid"),
        "RABBITMQ_DIST_PORT": str(_DISTRIBUTION_PORT + block),
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": f"-kernel inet_dist_use_interface {{{address.replace('.', ',')}}}",
        "ERL_EPMD_ADDRESS": address,
        "ERL_EPMD_PORT": str(_EPMD_PORT + block),
        # Makes the start script become the server instead of keeping a shell above it: one process to signal.
        "RUNNING_UNDER_SYSTEMD": "1",
    }
    files: dict[Path, str | bytes] = {
        config: "\n".join(lines) + "\n",
        folder / "enabled_plugins": f"[{'rabbitmq_management' if management else ''}].\n",
    }
    return Program(["bash", "-c", _START.format(server=_SERVER)], environment, files)


def version() -> str | None:
    """That of the distribution's package."""
    return package_version(_PACKAGE)


def needed_packages(settings: Settings) -> list[str]:
    """rabbitmq-server, where it is not installed."""
    return [] if _SERVER.exists() else [_PACKAGE]


def missing(settings: Settings) -> list[str]:
    """A sentence where RabbitMQ is not installed."""
    return [] if _SERVER.exists() else [f"RabbitMQ's server is missing (package {_PACKAGE})."]


def prepare(settings: Settings, tell: Tell) -> None:
    """Nothing to do."""
