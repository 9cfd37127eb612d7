"""Reads `docker inspect` into ServiceStatus. Pure; ComposeTarget hands over the text.

`docker inspect` is asked rather than `docker compose ps`: it prints one JSON list in every version, where `ps` prints a
list up to Compose 2.20 and one object a line after it, and it alone says which networks a container is attached to.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from lab.cluster.stack import Service
from lab.cluster.target import Health, ServiceStatus, State

Inspected = Mapping[str, Any]
"""One element of what `docker inspect` prints."""


def by_service(text: str) -> dict[str, Inspected]:
    """The containers in `text` by the service that each runs."""
    containers = json.loads(text or "[]")
    return {container["Config"]["Labels"]["com.docker.compose.service"]: container for container in containers}


def status_of(service: Service, container: Inspected | None, network: str, probe: Callable[[], bool]) -> ServiceStatus:
    """The status of one service. `probe` runs its health check now; asked where the engine's word may be stale."""
    if container is None:
        return ServiceStatus(service.name, "absent", "none")
    state = _state(container, network)
    if state == "exited":
        code = int(container["State"]["ExitCode"])
        return ServiceStatus(service.name, state, "completed" if service.one_shot and code == 0 else "none", code)
    return ServiceStatus(service.name, state, _health(state, container, probe))


def aliases(container: Inspected, network: str) -> list[str]:
    """The names that other containers of the network find this one by; empty when it is not attached."""
    endpoint = container["NetworkSettings"]["Networks"].get(network) or {}
    return list(endpoint.get("Aliases") or [])


def stop_signal(container: Inspected) -> str:
    """The signal that the image asks to be stopped by."""
    return str(container["Config"].get("StopSignal") or "SIGTERM")


def _state(container: Inspected, network: str) -> State:
    match container["State"]["Status"]:
        case "created" | "restarting":
            return "starting"
        case "paused":
            return "paused"
        case "running":
            return "running" if network in container["NetworkSettings"]["Networks"] else "cut_off"
    return "exited"


def _health(state: State, container: Inspected, probe: Callable[[], bool]) -> Health:
    told = container["State"].get("Health") or {}
    if not told:
        return "none"
    if state == "starting" or told["Status"] == "starting":
        return "starting"
    if state in ("paused", "cut_off"):
        return "unhealthy"
    # A failed probe does not make a container unhealthy before `retries` of them, and pausing makes it so until the
    # next probe after the unpause (unhealthy, although none failed): neither is how the node is now.
    certain = told["Status"] == "healthy" and told["FailingStreak"] == 0
    return "healthy" if certain or probe() else "unhealthy"
