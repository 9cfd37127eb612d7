"""A cluster that exists only in memory, for the kernel's own tests. It can be told to ignore faults, or mending."""

from collections.abc import Iterator, Sequence

from lab.cluster.target import Ability, Refused, ServiceStatus, State, Tell


class FakeTarget:
    """Two nodes. `deaf_to` lists the calls that have no effect."""

    name = "fake"

    def __init__(self, abilities: Sequence[Ability] = ("kill", "stop", "pause", "cut_off")) -> None:
        self.abilities = frozenset(abilities)
        self.states: dict[str, State] = {"kafka-1": "running", "kafka-2": "running"}
        self.deaf_to: set[str] = set()
        self.calls: list[tuple[str, str]] = []

    def why_not(self, ability: Ability) -> str:
        return f"this fake has no {ability}"

    def up(self, services: Sequence[str], tell: Tell) -> None:
        for node in services or self.states:
            self._become("up", node, "running")

    def down(self, tell: Tell, *, volumes: bool) -> None:
        for node in self.states:
            self._become("down", node, "absent")

    def status(self) -> list[ServiceStatus]:
        return [self.status_of(node) for node in self.states]

    def status_of(self, node: str) -> ServiceStatus:
        if node not in self.states:
            raise Refused(f"docker-compose.yml has no service {node!r}.")
        state = self.states[node]
        return ServiceStatus(node, state, "healthy" if state == "running" else "none")

    def kill(self, node: str) -> None:
        self._become("kill", node, "exited")

    def stop(self, node: str) -> None:
        self._become("stop", node, "exited")

    def start(self, node: str) -> None:
        self._become("start", node, "running")

    def pause(self, node: str) -> None:
        self._become("pause", node, "paused")

    def unpause(self, node: str) -> None:
        self._become("unpause", node, "running")

    def cut_off(self, node: str) -> None:
        self._become("cut_off", node, "cut_off")

    def rejoin(self, node: str) -> None:
        self._become("rejoin", node, "running")

    def log_lines(self, node: str, last: int = 20) -> list[str]:
        return [f"{node} said its last words"]

    def follow(self, nodes: Sequence[str]) -> Iterator[tuple[str, str]]:
        yield from ((node, "a line") for node in nodes)

    def versions(self, nodes: Sequence[str]) -> dict[str, str]:
        return {"fake": "1.0"}

    def urls(self) -> dict[str, str]:
        return {}

    def _become(self, call: str, node: str, state: State) -> None:
        self.calls.append((call, node))
        if call not in self.deaf_to:
            self.states[node] = state
