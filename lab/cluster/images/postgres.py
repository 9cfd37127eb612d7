"""postgres without Docker: the distribution's PostgreSQL, initialised as the image does it.

PostgreSQL refuses to run as root: it then becomes its package's own user. The data folder is made under another name
and renamed when it is complete, so a start that is killed in between begins again.
"""

import os
import pwd
import shlex
from pathlib import Path

from lab.cluster.images.installed import package_version
from lab.cluster.images.place import SEARCH_PATH, Place, Program
from lab.cluster.stack import StackError
from lab.cluster.target import Tell
from lab.settings import Settings

_PACKAGE = "postgresql"
_USER = "postgres"
_HOMES = ("/var/lib/postgresql/data", "/var/lib/postgresql")
"""Where the image keeps its data: up to version 17, and since 18."""

_START = """\
if ! [ -d {data} ]; then
  rm -rf {data}.new
  {bin}/initdb -D {data}.new -U {user} --pwfile=<(printf %s {password}) -A scram-sha-256 -E UTF8 --locale=C.UTF-8
  {create}
  mv {data}.new {data}
fi
exec {run}
"""


def program(place: Place) -> Program:
    """PostgreSQL with the user, password and database that the POSTGRES_* variables name."""
    if "/docker-entrypoint-initdb.d" in place.mounts:
        raise StackError(
            f"docker-compose.yml: service {place.name}: volumes: the local target runs no set-up scripts in "
            "/docker-entrypoint-initdb.d; use a one-shot service."
        )
    programs = _programs() or Path("/usr/lib/postgresql/none/bin")
    home = next((place.mounts[path] for path in _HOMES if path in place.mounts), place.folder)
    data, user = shlex.quote(str(home / "pgdata")), place.environment.get("POSTGRES_USER", "postgres")
    database = place.environment.get("POSTGRES_DB", user)
    statement = shlex.quote(f'create database "{database}"')
    create = f"echo {statement} | {programs}/postgres --single -D {data}.new postgres"
    asked = [word for word in place.command if word != "postgres"]
    # Shared memory as files of the data folder: in /dev/shm it would outlive a killed server.
    own = ["-h", place.address, "-k", "", "-c", "dynamic_shared_memory_type=mmap"]
    start = _START.format(
        data=data,
        bin=programs,
        user=shlex.quote(user),
        password=shlex.quote(place.environment.get("POSTGRES_PASSWORD", "")),
        create=":" if database == "postgres" else create,
        run=f"{programs}/postgres -D {data} {shlex.join([*asked, *own])}",
    )
    return Program(
        ["bash", "-e", "-o", "pipefail", "-c", start],
        {**place.environment, "PATH": f"{programs}:{SEARCH_PATH}"},
        user=_USER if os.geteuid() == 0 else None,
        stop_signal="INT",  # a fast shutdown; TERM would wait for every client to leave
        stop_all=False,
    )


def version() -> str | None:
    """That of the newest server; the package `postgresql` itself only names it."""
    found = _programs()
    return package_version(f"postgresql-{found.parent.name}") if found else None


def needed_packages(settings: Settings) -> list[str]:
    """postgresql, where it is not installed."""
    return [_PACKAGE] if missing(settings) else []


def missing(settings: Settings) -> list[str]:
    """A sentence where PostgreSQL or, for root, its user is missing."""
    if _programs() is None:
        return [f"PostgreSQL's server is missing (package {_PACKAGE})."]
    if os.geteuid() == 0 and not _has_user():
        return [f"The user {_USER}, whom PostgreSQL runs as, is missing (package {_PACKAGE})."]
    return []


def prepare(settings: Settings, tell: Tell) -> None:
    """Nothing to do."""


def _programs() -> Path | None:
    """The folder of the newest installed server."""
    found = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/postgres") if path.parts[-3].isdigit()]
    return max(found, key=lambda folder: int(folder.parts[-2]), default=None)


def _has_user() -> bool:
    try:
        pwd.getpwnam(_USER)
    except KeyError:
        return False
    return True
