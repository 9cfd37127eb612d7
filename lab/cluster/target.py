"""What a place that runs the stack can do; `local`, `compose` and `external` each say it in their own way.

The command line and the faults talk to this interface only. A *node* is a service of docker-compose.yml by its name.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

Ability = Literal["kill", "stop", "pause", "cut_off"]
State = Literal["absent", "starting", "running", "paused", "cut_off", "exited"]
Health = Literal["healthy", "unhealthy", "starting", "completed", "none"]
Tell = Callable[[str], None]
"""Takes one sentence of progress for the user."""


class LabError(Exception):
    """Root of every error that the lab reports in one sentence: what, why, and what to do.

    `exit_code` is the code of the command (DESIGN: 64 refused or wrong usage, 69 stack not available).
    """

    exit_code = 69


class Refused(LabError):
    """The lab will not do it: wrong usage, or something that this target cannot do."""

    exit_code = 64


class StackUnavailable(LabError):
    """The stack, or something that it needs, is not there."""

    exit_code = 69


@dataclass(frozen=True, slots=True)
class ServiceStatus:
    """One service as it is now. `exit_code` is set only while `state` is "exited"; `pid` only where it can be known."""

    name: str
    state: State
    health: Health
    exit_code: int | None = None
    pid: int | None = None


class Nodes(Protocol):
    """What faults break and mend: the services of a stack, or the programs of a run (`lab/processes.py`).

    What it raises on purpose is a LabError, with a sentence for the user.
    """

    @property
    def name(self) -> str:
        """local, compose or external; "run" for the programs of a run."""
        ...

    @property
    def abilities(self) -> frozenset[Ability]:
        """The faults that can be done and proved here."""
        ...

    def why_not(self, ability: Ability) -> str:
        """The reason why an ability is missing, as a clause that can follow "because"."""
        ...

    def status_of(self, node: str) -> ServiceStatus:
        """One node as it is now; Refused when there is no such node."""
        ...

    def kill(self, node: str) -> None:
        """SIGKILL; returns once sent."""
        ...

    def stop(self, node: str) -> None:
        """A clean stop (SIGTERM); returns once sent, the node may still be shutting down."""
        ...

    def start(self, node: str) -> None:
        """Start a node that has exited; returns once started, health comes later."""
        ...

    def pause(self, node: str) -> None:
        """Freeze every process of the node; its connections stay open."""
        ...

    def unpause(self, node: str) -> None:
        """Let a paused node go on; harmless when it is not paused."""
        ...

    def cut_off(self, node: str) -> None:
        """Cut the node off from every other node and from the clients, both directions."""
        ...

    def rejoin(self, node: str) -> None:
        """Undo `cut_off`; harmless when it is not cut off."""
        ...

    def log_lines(self, node: str, last: int = 20) -> list[str]:
        """The last lines that the node printed."""
        ...


class Target(Nodes, Protocol):
    """A place that runs the stack."""

    def up(self, services: Sequence[str], tell: Tell) -> None:
        """Start what does not run (empty: all), let what is paused go on, wait until each is healthy. Idempotent."""
        ...

    def down(self, tell: Tell, *, volumes: bool) -> None:
        """Stop everything that this stack started; with `volumes` also remove its data."""
        ...

    def status(self) -> list[ServiceStatus]:
        """Every service of the file, in its order; health is probed now."""
        ...

    def follow(self, nodes: Sequence[str]) -> Iterator[tuple[str, str]]:
        """Lines as they are printed, as (service, line), without end. Empty: the services that teach (`attach`)."""
        ...

    def versions(self, nodes: Sequence[str]) -> dict[str, str]:
        """What the nodes run, `image -> version`; what cannot be known here, or is our own, is left out."""
        ...

    def urls(self) -> dict[str, str]:
        """What a person can open or connect to from this machine: `service -> host:port`."""
        ...
