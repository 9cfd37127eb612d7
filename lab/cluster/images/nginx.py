"""nginx without Docker: the distribution's nginx with the configuration that the file mounts into /etc/nginx/conf.d."""

import os
from pathlib import Path

from lab.cluster.images.installed import find_program, missing_program, package_version
from lab.cluster.images.place import Place, Program
from lab.cluster.stack import StackError
from lab.cluster.target import Tell
from lab.settings import Settings

CONNECTIONS = "worker_rlimit_nofile 8192;\nevents { worker_connections 4096; }"
"""Two for each socket that stays open, and a thousand of them may; nginx's own limit is 512."""
_PACKAGE = "nginx-light"
_CONF_D = Path("/etc/nginx/conf.d")
_TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


def program(place: Place) -> Program:
    """nginx in the foreground, with all that it writes in the service's own folder."""
    mounted = [path for target, path in place.mounts.items() if _CONF_D in (Path(target), *Path(target).parents)]
    if not mounted:
        raise StackError(
            f"docker-compose.yml: service {place.name}: volumes: the local target needs nginx's configuration mounted "
            f"into {_CONF_D}."
        )
    folder = place.folder
    includes = [path if path.suffix == ".conf" else path / "*.conf" for path in mounted]
    lines = [
        *("user root;" for _ in range(os.geteuid() == 0)),
        f"worker_processes 1; daemon off; pid {folder}/pid; error_log stderr notice;",
        CONNECTIONS,
        "http {",
        "  include /etc/nginx/mime.types; default_type application/octet-stream;",
        "  access_log /dev/stdout;",
        *(f"  {name}_temp_path {folder}/{name};" for name in _TEMPORARY),
        *(f"  include {path};" for path in includes),
        "}",
    ]
    config = folder / "nginx.conf"
    argv = [find_program("nginx") or "nginx", "-p", str(folder), "-e", "stderr", "-c", str(config)]
    return Program(argv, dict(place.environment), {config: "\n".join(lines) + "\n"}, stop_signal="QUIT", stop_all=False)


def version() -> str | None:
    """That of the distribution's package."""
    return package_version(_PACKAGE)


def needed_packages(settings: Settings) -> list[str]:
    """nginx, where it is not installed."""
    return [] if find_program("nginx") else [_PACKAGE]


def missing(settings: Settings) -> list[str]:
    """A sentence where nginx is not installed."""
    return missing_program("nginx", _PACKAGE)


def prepare(settings: Settings, tell: Tell) -> None:
    """Nothing to do."""
