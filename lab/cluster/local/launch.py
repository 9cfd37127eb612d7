"""`up` from the first look to the last health check.

    is all there that it needs? -> end leftovers -> are the ports free? -> supervisor -> stop what has changed
    -> forward the published ports -> start and wait (`starting.py`)

Everything that can be refused is refused before anything starts. What a killed `up` leaves behind, the next one goes on
from: a program's definition is written right before it is started, never while an older one runs.
"""

import os
import socket
from collections.abc import Collection, Mapping
from functools import partial

from lab.cluster.disk import make_for_mounting, require_room
from lab.cluster.images import images_of
from lab.cluster.local import programs, requirements
from lab.cluster.local.keeper import Keeper, configuration
from lab.cluster.local.layout import FORWARDER, Layout
from lab.cluster.local.logs import last_lines
from lab.cluster.local.ports import check_own, check_published
from lab.cluster.local.processes import ended, sweep
from lab.cluster.local.programs import Prepared
from lab.cluster.local.starting import Start
from lab.cluster.local.stopping import stop_in_waves, take_down
from lab.cluster.target import StackUnavailable, Tell
from lab.waiting import NotReached, wait_for

ROOM = 100
"""Megabytes for the state of the stack: a fresh one takes a few, the rest is for logs and records."""
CHOOSE = "set LAB_STATE_ROOT to a folder elsewhere"
_FORWARDED_WITHIN = 10.0
_LONGEST_SOCKET_PATH = 98
"""Linux ends a unix socket's path at 107 bytes, and supervisor adds a dot and a process number while it begins."""


def launch(layout: Layout, keeper: Keeper, preset: str, names: Collection[str], tell: Tell) -> None:
    """Bring `names` up, and whatever runs already to its definition of now. StackUnavailable when that fails.

    On KeyboardInterrupt what was started is stopped again, then the interrupt goes on.
    """
    check_requirements(layout, names, tell)
    _prepare_state(layout)
    prepared = programs.prepare_all(layout)
    supervisor = keeper.pid()
    alive = bool(supervisor)
    if left := sweep(layout, supervisor):
        tell(f"ended what an earlier run left behind: {', '.join(left)}")
    running = (
        {name for name, kept in keeper.processes().items() if kept.pid and not ended(kept.pid)} if alive else set()
    )
    changed = {name for name in running & prepared.keys() if programs.has_changed(layout, prepared[name])}
    names = layout.stack.with_dependencies({*names, *changed} - {FORWARDER}) if names else names
    if FORWARDER in prepared and FORWARDER not in running - changed:
        check_published(layout)
    for name in names:
        if name not in running:
            check_own(layout, name)
    start = Start(layout, keeper, prepared, tell)
    try:
        _write_configuration(layout, prepared)
        layout.preset.write_text(preset)
        if not alive:
            keeper.begin()
        if changed:
            tell(f"starting anew, since the definition has changed: {', '.join(sorted(changed))}")
            stop_in_waves(layout, keeper, changed, tell)
        keeper.reload()
        sweep(layout, keeper.pid())
        if FORWARDER in prepared and FORWARDER not in running - changed:
            _forward(layout, keeper, prepared[FORWARDER])
        start.run(names)
    except KeyboardInterrupt:
        tell("interrupted: stopping what was started")
        if alive:
            stop_in_waves(layout, keeper, start.started, tell)
        else:
            take_down(layout, keeper, tell)
        raise


def check_requirements(layout: Layout, names: Collection[str], tell: Tell) -> None:
    """Have what the images of these services need; raises StackUnavailable with what is missing."""
    settings = layout.settings
    images = images_of(layout.stack.services[name] for name in layout.stack.with_dependencies(names))
    gaps = requirements.missing(settings)
    for image in images:
        image.prepare(settings, tell)
        gaps += image.missing(settings)
    if gaps:
        raise StackUnavailable(f"{' '.join(gaps)} `bin/lab doctor` says how to get it.")


def _prepare_state(layout: Layout) -> None:
    """Make the state folder, with room and rights. StackUnavailable, with what to do, when it cannot be used."""
    state = layout.state
    if len(str(keeper_socket := state / "supervisord.sock")) > _LONGEST_SOCKET_PATH:
        raise StackUnavailable(f"{keeper_socket} is too long for the path of a unix socket. Please {CHOOSE}.")
    require_room(state, ROOM, "The stack", CHOOSE)
    state.mkdir(mode=0o755, parents=True, exist_ok=True)
    if state.stat().st_uid != os.geteuid():
        raise StackUnavailable(
            f"{state} belongs to another user. Run `bin/lab down --volumes` as that user, or {CHOOSE}."
        )
    state.chmod(0o755)  # whatever the umask is: PostgreSQL's user must be able to enter
    make_for_mounting(layout.settings.runs, "set LAB_RUNS")


def _write_configuration(layout: Layout, prepared: Mapping[str, Prepared]) -> None:
    (layout.state / "logs").mkdir(exist_ok=True)
    for name, program in prepared.items():
        layout.folder(name).mkdir(exist_ok=True)
        programs.write_health_check(layout, program)
    layout.hosts.write_text(layout.hosts_text())
    sections = [program.section for program in prepared.values()]
    (layout.state / "supervisord.conf").write_text(configuration(layout, sections))


def _forward(layout: Layout, keeper: Keeper, prepared: Prepared) -> None:
    programs.write(layout, prepared)
    keeper.start(FORWARDER)
    for service in layout.stack.services.values():
        for port in service.ports:
            try:
                wait_for("the port", partial(_connects, port.host_ip, port.host), _FORWARDED_WITHIN)
            except NotReached as error:
                said = "\n  ".join(last_lines(layout, FORWARDER, 5))
                raise StackUnavailable(
                    f"nginx does not forward {port.host_ip}:{port.host} to {service.name}. It printed last:\n  {said}"
                ) from error


def _connects(address: str, port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((address, port)) == 0
