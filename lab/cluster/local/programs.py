"""From a service of the file to a start script and a section of supervisord.conf.

The script is what a reader can run by hand: a clean environment, the parent-death signal, then the program. Supervisor
is given only its path, which keeps supervisor's own quoting rules away from our texts. The script's text (with a digest
of the service's other files) is also the service's definition: `starting.py` restarts what it differs for.
"""

import hashlib
import shlex
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from lab.cluster.images import image_of
from lab.cluster.images.place import SEARCH_PATH, Place, Program
from lab.cluster.local.forwarder import forwarder
from lab.cluster.local.layout import FORWARDER, Layout
from lab.cluster.local.requirements import name_wrapper
from lab.cluster.stack import Service

_FORWARDER_GRACE = 5
_DIE_WITH_PARENT = ("--pdeathsig", "KILL")


@dataclass(frozen=True)
class Prepared:
    """One program, ready to be written and started."""

    name: str
    script: str
    health_script: str | None
    section: str
    files: Mapping[Path, str | bytes]
    folders: tuple[Path, ...]
    user: str | None


def prepare_all(layout: Layout) -> dict[str, Prepared]:
    """Every service, and the forwarder of the published ports if there are any. Writes nothing."""
    prepared = {name: _service(layout, service) for name, service in layout.stack.services.items()}
    if any(service.ports for service in layout.stack.services.values()):
        prepared[FORWARDER] = _prepared(layout, FORWARDER, forwarder(layout), restart=True, grace=_FORWARDER_GRACE)
    return prepared


def has_changed(layout: Layout, prepared: Prepared) -> bool:
    """The program on disk, which is what runs if anything runs, is not this one."""
    script = layout.script(prepared.name)
    return not script.exists() or script.read_text() != prepared.script


def write_health_check(layout: Layout, prepared: Prepared) -> None:
    """Put the health check in its place; it may change while the service goes on."""
    if prepared.health_script is not None:
        _write_script(layout.health_script(prepared.name), prepared.health_script)


def write(layout: Layout, prepared: Prepared) -> None:
    """Put a program that is about to be started in its place."""
    for folder in prepared.folders:
        _make_folder(folder, prepared.user)
    for path, content in prepared.files.items():
        _make_folder(path.parent, prepared.user)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    _write_script(layout.script(prepared.name), prepared.script)


def _make_folder(folder: Path, user: str | None) -> None:
    """With the parents that it needs, each enterable for a program's own user whatever the umask is here."""
    if not folder.parent.exists():
        _make_folder(folder.parent, None)
    if not folder.exists():
        folder.mkdir()
        folder.chmod(0o755)
    if user:
        shutil.chown(folder, user)


def _write_script(path: Path, text: str) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)


def _service(layout: Layout, service: Service) -> Prepared:
    name, mounts = service.name, layout.mounts(service.name)
    place = Place(
        name=name,
        tag=service.tag,
        folder=layout.folder(name),
        address=layout.address(name),
        command=tuple(layout.made_local(name, text) for text in service.command),
        environment={key: layout.made_local(name, text) for key, text in service.environment.items()},
        mounts=mounts,
        settings=layout.settings,
    )
    program = image_of(service).program(place)
    program.files |= _mounted_files(layout, service)
    program.stop_signal = service.stop_signal or program.stop_signal
    test = [layout.made_local(name, text) for text in service.healthcheck.test] if service.healthcheck else None
    volumes = tuple(mounts[mount.target] for mount in service.volumes if mount.kind == "volume")
    forever = service.restart == "unless-stopped"
    return _prepared(layout, name, program, forever, round(service.stop_grace_period), test, volumes)


def _prepared(
    layout: Layout,
    name: str,
    program: Program,
    restart: bool,
    grace: int,
    health_test: list[str] | None = None,
    volumes: tuple[Path, ...] = (),
) -> Prepared:
    section = _section(layout, name, program, restart, grace)
    become = ["--reuid", program.user, "--regid", program.user, "--init-groups"] if program.user else []
    script = _script(layout, name, program.environment, [*become, *_DIE_WITH_PARENT, *program.argv])
    health = _script(layout, name, program.environment, [*_DIE_WITH_PARENT, *health_test]) if health_test else None
    first, rest = script.split("\n", 1)
    return Prepared(
        name=name,
        script=f"{first}\n# settings {_digest(section, program.files)}\n{rest}",
        health_script=health,
        section=section,
        files=program.files,
        folders=(layout.folder(name), *volumes),
        user=program.user,
    )


def _script(layout: Layout, name: str, environment: Mapping[str, str], command: list[str]) -> str:
    """`command` is what setpriv is given; a clean environment keeps out what the user's shell happens to hold."""
    values = {
        "PATH": SEARCH_PATH,
        "HOME": str(layout.folder(name)),
        "LANG": "C.UTF-8",
        **environment,
        "LAB_STACK": layout.settings.stack_id,
        "LD_PRELOAD": name_wrapper() or "",
        "NSS_WRAPPER_HOSTS": str(layout.hosts),
    }
    lines = [*(shlex.quote(f"{name}={value}") for name, value in values.items()), shlex.join(["setpriv", *command])]
    return "#!/bin/sh\nexec env -i " + " \\\n  ".join(lines) + "\n"


def _section(layout: Layout, name: str, program: Program, restart: bool, grace: int) -> str:
    """With `startsecs=0` a program that is killed at once stays EXITED; supervisor would start it again otherwise."""
    again = (
        "autorestart=true\nstartsecs=1\nstartretries=1000000\n"
        if restart
        else "autorestart=false\nstartsecs=0\nstartretries=0\n"
    )
    return (
        f"[program:{name}]\ncommand={layout.script(name)}\ndirectory={layout.folder(name)}\nautostart=false\n{again}"
        f"stopsignal={program.stop_signal}\nstopasgroup={str(program.stop_all).lower()}\nkillasgroup=true\n"
        f"stopwaitsecs={grace}\nredirect_stderr=true\nstdout_logfile={layout.log(name)}\n"
        "stdout_logfile_maxbytes=5MB\nstdout_logfile_backups=1\n"
    )


def _mounted_files(layout: Layout, service: Service) -> dict[Path, str | bytes]:
    """Copies of the files that a service mounts, made local when they are text. Folders stay where they are."""
    sources = {mount.target: layout.settings.root / mount.source for mount in service.volumes if mount.kind == "bind"}
    places = layout.mounts(service.name)
    return {
        places[target]: _made_local(layout, service, source) for target, source in sources.items() if source.is_file()
    }


def _made_local(layout: Layout, service: Service, path: Path) -> str | bytes:
    content = path.read_bytes()
    try:
        return layout.made_local(service.name, content.decode())
    except UnicodeDecodeError:
        return content


def _digest(section: str, files: Mapping[Path, str | bytes]) -> str:
    texts = repr((section, sorted((str(path), content) for path, content in files.items())))
    return hashlib.sha256(texts.encode()).hexdigest()[:16]
