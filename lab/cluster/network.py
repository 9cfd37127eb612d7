"""The project's network: takes a container off it and puts it back, each proved by `docker inspect`.

ComposeTarget asks here for the fault `cut_off`. Nothing is installed or changed inside the container.
"""

from collections.abc import Callable

from lab.cluster import containers
from lab.cluster.containers import Inspected
from lab.cluster.docker import Docker
from lab.cluster.target import StackUnavailable
from lab.waiting import NotReached, wait_for

_PROVED_WITHIN = 10.0
"""Seconds in which the engine must show a network that was left or joined; it does at once (our own runs)."""


class Network:
    """One network of Docker's. `look` inspects a node's container as it is now."""

    def __init__(self, name: str, docker: Docker, look: Callable[[str], Inspected]) -> None:
        self._name, self._docker, self._look = name, docker, look

    def leave(self, node: str, container: str) -> None:
        """Only its own loopback is left to the container; its published ports close too."""
        if self._has(node):
            self._docker.run("network", "disconnect", self._name, container)
        self._prove(f"{node} to be off the network", lambda: not self._has(node))

    def join(self, node: str, container: str) -> None:
        """Back on the network, under the service's name: without the alias no other node would find it again."""
        if not self._is_known(node):
            if self._has(node):
                self._docker.run("network", "disconnect", self._name, container)
            self._docker.run("network", "connect", "--alias", node, self._name, container)
        self._prove(f"{node} to be on the network under its name", lambda: self._is_known(node))

    def _has(self, node: str) -> bool:
        return self._name in self._look(node)["NetworkSettings"]["Networks"]

    def _is_known(self, node: str) -> bool:
        return node in containers.aliases(self._look(node), self._name)

    @staticmethod
    def _prove(what: str, shown: Callable[[], bool]) -> None:
        try:
            wait_for(what, shown, _PROVED_WITHIN)
        except NotReached as error:
            raise StackUnavailable(f"{error}, and Docker does not show it. See `docker inspect`.") from error
