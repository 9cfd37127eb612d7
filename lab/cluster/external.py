"""Somebody's own cluster, named by KAFKA_BOOTSTRAP. The lab looks and measures; it starts nothing and breaks nothing.

The demos' clients read the same variable from the environment. Control runs work as on any target; a scenario that must
break a node is refused before it starts.
"""

import re
import socket
from collections.abc import Iterator, Sequence

from lab.cluster.target import Ability, Refused, ServiceStatus, StackUnavailable, Tell
from lab.settings import Settings

_ANSWERS_WITHIN = 3.0
"""Seconds for one TCP connection; a broker in reach takes one at once."""


class ExternalTarget:
    """The brokers that KAFKA_BOOTSTRAP names (`host:port,host:port`). Implements Target."""

    name = "external"
    abilities: frozenset[Ability] = frozenset()

    def __init__(self, settings: Settings) -> None:
        self._text = settings.variables.get("KAFKA_BOOTSTRAP", "")

    def why_not(self, ability: Ability) -> str:
        """The cluster is somebody else's."""
        return "this cluster is not the lab's to break"

    def up(self, services: Sequence[str], tell: Tell) -> None:
        """Ask each broker for a TCP connection; `services` say nothing here."""
        for status in self.status():
            if status.state != "running":
                raise StackUnavailable(
                    f"No broker answers at {status.name}, which KAFKA_BOOTSTRAP names. Start it, or mend the variable."
                )
            tell(f"{status.name} answers")

    def down(self, tell: Tell, *, volumes: bool) -> None:
        """Nothing was started, so nothing is stopped, and no data is removed."""
        tell("The cluster is not the lab's: it is left as it is.")

    def status(self) -> list[ServiceStatus]:
        """One line an address: "running" when it takes a connection, else "absent". Health is not known here."""
        return [ServiceStatus(node, "running" if _answers(node) else "absent", "none") for node in self._brokers()]

    def status_of(self, node: str) -> ServiceStatus:
        """An address as `status` has it. For a name (`kafka-1`, the broker with id 1) whether any broker answers.

        Which broker has which address is known to the cluster alone, not to the lab.
        """
        found = {status.name: status for status in self.status()}
        anybody = any(status.state == "running" for status in found.values())
        return found.get(node) or ServiceStatus(node, "running" if anybody else "absent", "none")

    def kill(self, node: str) -> None:
        """Refused, as every fault is."""
        raise self._refusal(node)

    def stop(self, node: str) -> None:
        """Refused."""
        raise self._refusal(node)

    def start(self, node: str) -> None:
        """Refused."""
        raise self._refusal(node)

    def pause(self, node: str) -> None:
        """Refused."""
        raise self._refusal(node)

    def unpause(self, node: str) -> None:
        """Refused."""
        raise self._refusal(node)

    def cut_off(self, node: str) -> None:
        """Refused."""
        raise self._refusal(node)

    def rejoin(self, node: str) -> None:
        """Refused."""
        raise self._refusal(node)

    def log_lines(self, node: str, last: int = 20) -> list[str]:
        """The cluster's logs are out of reach: none."""
        return []

    def follow(self, services: Sequence[str]) -> Iterator[tuple[str, str]]:
        """Refused: the cluster's logs are out of reach."""
        raise Refused(
            "The logs of an external cluster are out of the lab's reach. `python -m kafka_demo watch` can see it."
        )

    def versions(self, nodes: Sequence[str]) -> dict[str, str]:
        """Unknown: no answer that a client can ask for names a broker's version."""
        return {}

    def urls(self) -> dict[str, str]:
        """Each broker under its own address."""
        return {broker: broker for broker in self._brokers()}

    def _brokers(self) -> list[str]:
        brokers = [part.strip() for part in self._text.split(",") if part.strip()]
        wrong = [broker for broker in brokers if not _is_address(broker)]
        if not brokers or wrong:
            found = f"it has {wrong[0]!r}" if wrong else "it is not set"
            raise Refused(
                f"The external target reads host:port,host:port from KAFKA_BOOTSTRAP; {found}. "
                "Set it, or choose --target compose or local."
            )
        return brokers

    def _refusal(self, node: str) -> Refused:
        return Refused(f"{node} is not the lab's to break or mend. Do it by hand, and look at it with `lab status`.")


def _is_address(broker: str) -> bool:
    found = re.fullmatch(r"(?:[\w.-]+|\[[0-9A-Fa-f:.]+\]):(\d{1,5})", broker)
    return found is not None and 0 < int(found[1]) < 65536


def _answers(broker: str) -> bool:
    host, _, port = broker.rpartition(":")
    try:
        with socket.create_connection((host.strip("[]"), int(port)), timeout=_ANSWERS_WITHIN):
            return True
    except OSError:
        return False
