"""The `local` target: docker-compose.yml as plain processes on this machine, with the real brokers.

The command line and the faults call it through `lab.cluster.target.Target`. Nothing is kept in memory between two
calls: supervisor, /proc and the state folder hold all, so any command may follow any other, also after a crash.
"""

import contextlib
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from lab.cluster.disk import errors_told
from lab.cluster.images import image_of
from lab.cluster.local.health import passes
from lab.cluster.local.keeper import Keeper, Kept
from lab.cluster.local.launch import CHOOSE, launch
from lab.cluster.local.layout import Layout
from lab.cluster.local.logs import follow, last_lines
from lab.cluster.local.processes import ended, signal_all, states_of, sweep
from lab.cluster.local.stopping import remove_state, take_down
from lab.cluster.lock import exclusive
from lab.cluster.preset import preset_in_force
from lab.cluster.stack import Service, Stack, read_stack
from lab.cluster.target import Ability, Health, Refused, ServiceStatus, StackUnavailable, State, Tell
from lab.settings import PRESETS, Settings
from lab.waiting import NotReached, wait_for

_REAPED_WITHIN = 10.0
_ANOTHER = "another `lab up` or `lab down`"


class LocalTarget:
    """The stack of one checkout and block. `preset` None means the one in force, else "default"."""

    name = "local"
    abilities: frozenset[Ability] = frozenset({"kill", "stop", "pause"})

    def __init__(self, settings: Settings, preset: str | None = None) -> None:
        self.settings = settings
        if preset not in (None, *PRESETS):
            raise Refused(f"There is no preset {preset!r}. It is one of {', '.join(PRESETS)}.")
        self.preset = preset or preset_in_force(settings)
        self.stack: Stack = read_stack(settings.compose_file, {**settings.variables, **PRESETS[self.preset]})
        self._layout = Layout(settings, self.stack)
        self._keeper = Keeper(self._layout)

    def why_not(self, ability: Ability) -> str:
        """A clause that can follow "because"."""
        if ability == "cut_off":
            return (
                "plain processes share one network: a filter on a node's address would leave its outgoing connections "
                "open, and half a cut proves nothing (the compose target can do it)"
            )
        return "it cannot be done here"

    def up(self, services: Sequence[str], tell: Tell) -> None:
        """See Target. Interrupted, it stops what it has started and lets KeyboardInterrupt through."""
        names = self.stack.with_dependencies(services)
        with self._alone(tell):
            launch(self._layout, self._keeper, self.preset, names, tell)

    def down(self, tell: Tell, *, volumes: bool) -> None:
        """See Target."""
        with self._alone(tell):
            take_down(self._layout, self._keeper, tell)
            if volumes:
                remove_state(self._layout)

    @contextlib.contextmanager
    def _alone(self, tell: Tell) -> Iterator[None]:
        """One command at a time. The lock goes with the state folder, so that nothing is left of a stack."""
        layout = self._layout
        with errors_told(layout.state, CHOOSE), exclusive(layout.lock, _ANOTHER, tell):
            try:
                yield
            finally:
                if not layout.state.exists():
                    layout.lock.unlink(missing_ok=True)

    def status(self) -> list[ServiceStatus]:
        """See Target."""
        kept = self._keeper.processes() if self._keeper.pid() else {}
        services = self.stack.services.values()
        with ThreadPoolExecutor(max_workers=8, thread_name_prefix="health") as pool:
            return list(pool.map(lambda service: self._status(service, kept.get(service.name)), services))

    def status_of(self, node: str) -> ServiceStatus:
        """See Target."""
        service = self.stack.service(node)
        return self._status(service, self._keeper.process(node) if self._keeper.pid() else None)

    def _status(self, service: Service, kept: Kept | None) -> ServiceStatus:
        if kept is None or kept.began == 0:
            return ServiceStatus(service.name, "absent", "none")
        state = _state(kept)
        if state == "exited":
            done = service.one_shot and kept.exit_code == 0
            code = None if kept.pid else kept.exit_code  # supervisor may not have noticed yet
            return ServiceStatus(service.name, state, "completed" if done else "unhealthy", code)
        health: Health = "none"
        if service.healthcheck:
            health = "healthy" if state == "running" and passes(self._layout, service) else "unhealthy"
        return ServiceStatus(service.name, state, health, pid=kept.pid or None)

    def kill(self, node: str) -> None:
        """See Target."""
        pid = self._running(node)
        if self.stack.services[node].restart != "no":
            # As `docker kill` does: what was killed on purpose stays dead. Frozen, it never sees supervisor's SIGTERM.
            signal_all(pid, signal.SIGSTOP)
            self._keeper.stop(node)
        signal_all(pid, signal.SIGKILL)

    def stop(self, node: str) -> None:
        """See Target."""
        pid = self._running(node)
        self._keeper.stop(node)
        signal_all(pid, signal.SIGCONT)

    def start(self, node: str) -> None:
        """See Target. Harmless when the node runs."""
        self.stack.service(node)
        # Right after a kill supervisor has not yet noticed; it would take the node for running and do nothing.
        within = self.stack.services[node].stop_grace_period + _REAPED_WITHIN
        try:
            wait_for(f"the end of {node}", lambda: self._is_settled(node), within, every=0.02)
        except NotReached as error:
            raise StackUnavailable(f"{node} is still stopping after {within:.0f} s; try again.") from error
        sweep(self._layout, self._keeper.pid())  # what its last life left behind may hold its ports
        self._keeper.start(node)

    def _is_settled(self, node: str) -> bool:
        """Supervisor knows whether the node runs: it is neither stopping nor dead without supervisor's notice."""
        kept = self._keeper.process(node)
        return kept.state != "STOPPING" and (kept.pid == 0 or not ended(kept.pid))

    def pause(self, node: str) -> None:
        """See Target."""
        signal_all(self._running(node), signal.SIGSTOP)

    def unpause(self, node: str) -> None:
        """See Target."""
        self.stack.service(node)
        if pid := self._keeper.process(node).pid:
            signal_all(pid, signal.SIGCONT)

    def cut_off(self, node: str) -> None:
        """Refused: see `why_not`."""
        raise Refused(f"The local target cannot cut off {node}, because {self.why_not('cut_off')}.")

    def rejoin(self, node: str) -> None:
        """Nothing was cut off."""
        self.stack.service(node)

    def log_lines(self, node: str, last: int = 20) -> list[str]:
        """See Target."""
        return last_lines(self._layout, self.stack.service(node).name, last)

    def follow(self, nodes: Sequence[str]) -> Iterator[tuple[str, str]]:
        """See Target."""
        attached = [name for name, service in self.stack.services.items() if service.attach]
        return follow(self._layout, [self.stack.service(node).name for node in nodes] or attached)

    def versions(self, nodes: Sequence[str]) -> dict[str, str]:
        """See Target. Here it is what this machine has installed, not the tag of the image."""
        services = [self.stack.service(node) for node in nodes]
        found = {service.repository: image_of(service).version() for service in services}
        return {image: version for image, version in found.items() if version}

    def urls(self) -> dict[str, str]:
        """See Target."""
        return {
            name if index == 0 else f"{name} ({port.container})": f"{port.host_ip}:{port.host}"
            for name, service in self.stack.services.items()
            for index, port in enumerate(service.ports)
        }

    def _running(self, node: str) -> int:
        self.stack.service(node)
        kept = self._keeper.process(node)
        if not kept.pid or not states_of(kept.pid):
            raise StackUnavailable(f"{node} is not running. Start it with `bin/lab up {node}`.")
        return kept.pid


def _state(kept: Kept) -> State:
    if kept.state in ("STARTING", "BACKOFF") and not kept.pid:
        return "starting"
    states = set(states_of(kept.pid).values()) if kept.pid else set()
    if not states:
        return "exited"
    return "paused" if states == {"T"} else "running"
