"""The stack as containers, driven from outside through the user's own `docker` command.

A *node* is a service; its container is PROJECT-SERVICE-1. Faults act on containers by `docker`, which needs a fifth of
the time that `docker compose` needs; everything about the stack as a whole goes through `docker compose`.
"""

import contextlib
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from lab.cluster import containers
from lab.cluster.bring_up import STOPPED_WITHIN, BringUp
from lab.cluster.containers import Inspected
from lab.cluster.disk import make_for_mounting
from lab.cluster.docker import SHORT, Docker, complaint, engine_answers
from lab.cluster.network import Network
from lab.cluster.preset import forget_preset, preset_in_force, remember_preset
from lab.cluster.pulling import get_images
from lab.cluster.stack import Service, Stack, read_stack
from lab.cluster.target import Ability, Refused, ServiceStatus, StackUnavailable, Tell
from lab.settings import PRESETS, Settings
from lab.waiting import NotReached, wait_for

_FROZEN_WITHIN = 10.0
"""Seconds in which pausing is tried again; the second attempt has always been enough (our own runs)."""
_FRESH_HEALTH_WITHIN = 30.0
"""Seconds until the engine has probed an unpaused container again: one interval of 5 s, on a slow machine more."""
_LOG_LINE = re.compile(r"(?:\x1b\[\d*K)?(\S+?)-\d+\s+\| ?(.*)")
"""`kafka-watch-1  | text`. Compose 2.26 clears the line first, although it was told `--ansi never`."""


class ComposeTarget:
    """`docker compose` with this project's name. `preset` None keeps the one in force. Implements Target."""

    name = "compose"
    abilities: frozenset[Ability] = frozenset({"kill", "stop", "pause", "cut_off"})

    def __init__(self, settings: Settings, preset: str | None = None) -> None:
        if preset not in (None, *PRESETS):
            raise Refused(f"There is no preset {preset!r}. It is one of {', '.join(PRESETS)}.")
        self._settings = settings
        self._preset = preset or preset_in_force(settings)
        self._network_name = f"{settings.project}_default"

    def why_not(self, ability: Ability) -> str:
        """Never asked in earnest: every ability is there."""
        return f"the compose target has no {ability}"

    @cached_property
    def _docker(self) -> Docker:
        docker = Docker(self._settings, PRESETS[self._preset])
        docker.refuse_remote()
        return docker

    @cached_property
    def _stack(self) -> Stack:
        return read_stack(self._settings.compose_file, self._docker.environment)

    @cached_property
    def _network(self) -> Network:
        return Network(self._network_name, self._docker, self._there)

    # The stack as a whole

    def up(self, services: Sequence[str], tell: Tell) -> None:
        """Mend what is paused or cut off, get the images, start the rest and wait until each is healthy."""
        wanted = self._stack.with_dependencies(services)
        answers, reason = engine_answers(self._settings)
        if not answers:
            raise StackUnavailable(f"The stack cannot start on Docker, because {reason}.")
        make_for_mounting(self._settings.runs, "set LAB_RUNS")
        self._mend(wanted, tell)
        get_images(self._docker, self._stack, wanted, self._settings, tell)
        again = self._change_preset(tell)
        BringUp(self._docker, self._stack, [*services, *again] if services else [], self, tell).run()

    def down(self, tell: Tell, *, volumes: bool) -> None:
        """Stop and remove the project's containers and network; with `volumes` its data too."""
        for status in self.status():
            if status.state == "paused":
                self.unpause(status.name)  # a frozen process cannot end by itself
            elif status.state == "cut_off":
                self.rejoin(status.name)  # a broker that reaches nobody needs its whole grace period
        tell(f"Stopping the containers of the project {self._settings.project}.")
        options = ["--volumes"] if volumes else []
        self._docker.compose("down", "--remove-orphans", *options, within=STOPPED_WITHIN)
        if volumes:
            forget_preset(self._settings)

    def status(self) -> list[ServiceStatus]:
        """Every service of the file, in its order."""
        found = self._inspect(*self._stack.services)
        return [self._status(service, found) for service in self._stack.services.values()]

    def versions(self, nodes: Sequence[str]) -> dict[str, str]:
        """The tag of each image that is not our own."""
        services = [self._stack.service(node) for node in nodes]
        return {service.repository: service.tag for service in services if not service.built}

    def urls(self) -> dict[str, str]:
        """The first published port of each service that has one."""
        services = self._stack.services.values()
        return {s.name: f"{s.ports[0].host_ip}:{s.ports[0].host}" for s in services if s.ports}

    def log_lines(self, node: str, last: int = 20) -> list[str]:
        """The last lines that the node printed, both streams."""
        answer = self._docker.ask("logs", "--tail", str(last), self._container(node))
        return (answer.out + answer.err).splitlines()[-last:]

    def restarts(self, node: str) -> int:
        """How often the engine has started the node again by itself, since it was made."""
        return int(self._there(node)["RestartCount"])

    def follow(self, services: Sequence[str]) -> Iterator[tuple[str, str]]:
        """(service, line) as it is printed, from the last 10 lines on; no services: those that the file attaches.

        Ends when the containers do, or when the iterator is closed.
        """
        names = [self._stack.service(name).name for name in services]
        names = names or [s.name for s in self._stack.services.values() if s.attach]
        with self._docker.compose_lines("logs", "--follow", "--no-color", "--tail", "10", *names) as lines:
            for line in lines:
                if found := _LOG_LINE.fullmatch(line.rstrip("\n")):
                    yield found[1], found[2]

    # One node

    def status_of(self, node: str) -> ServiceStatus:
        """One service; Refused when the file has no such service."""
        service = self._stack.service(node)
        return self._status(service, self._inspect(node))

    def kill(self, node: str) -> None:
        """SIGKILL. The engine takes it for a stop by hand, so no restart policy brings the node back."""
        self._docker.run("kill", "--signal", "SIGKILL", self._container(node))

    def stop(self, node: str) -> None:
        """The image's own stop signal (SIGTERM for Kafka), and nothing after it.

        `docker stop` would send the same signal, wait, and turn a slow clean stop into a crash by SIGKILL.
        """
        signal = containers.stop_signal(self._there(node))
        self._docker.run("kill", "--signal", signal, self._container(node))

    def start(self, node: str) -> None:
        """Start the container again, as it was made by `up`; harmless when it runs."""
        self._there(node)
        self._docker.run("start", self._container(node), within=2 * SHORT)

    def pause(self, node: str) -> None:
        """Freeze the container's control group: no process of it gets the processor.

        Where control groups are of version 1, the kernel may fail to freeze a busy one in time; runc then thaws it.
        """

        def frozen() -> bool:
            answer = self._docker.ask("pause", self._container(node))
            if answer.code != 0 and "unable to freeze" not in answer.err:
                raise StackUnavailable(f"{node} cannot be paused: {complaint(answer.err)}")
            return answer.code == 0

        try:
            wait_for(f"{node} to be frozen", frozen, _FROZEN_WITHIN, every=0.05)
        except NotReached as error:
            raise StackUnavailable(f"{error}: the machine is too busy, or Docker is ill. Call again.") from error

    def unpause(self, node: str) -> None:
        """Thaw it. The engine calls it unhealthy until its next probe; `status_of` probes by itself until then."""
        if self.status_of(node).state == "paused":
            self._docker.run("unpause", self._container(node))

    def cut_off(self, node: str) -> None:
        """Take the container off the network; its published ports close too."""
        self._network.leave(node, self._container(node))

    def rejoin(self, node: str) -> None:
        """Put it back, under the service's name."""
        self._network.join(node, self._container(node))

    # Inside

    def _container(self, node: str) -> str:
        return f"{self._settings.project}-{self._stack.service(node).name}-1"

    def _inspect(self, *nodes: str) -> Mapping[str, Inspected]:
        answer = self._docker.ask("inspect", "--type", "container", *(self._container(node) for node in nodes))
        if answer.code != 0 and not answer.out.strip().startswith("["):
            self._docker.run("version")  # says in its own words that there is no engine
        return containers.by_service(answer.out)

    def _there(self, node: str) -> Inspected:
        """The node's container. Raises StackUnavailable when it has none."""
        found = self._inspect(node).get(node)
        if found is None:
            raise StackUnavailable(f"{node} has no container. Start the stack: `lab up`.")
        return found

    def _status(self, service: Service, found: Mapping[str, Inspected]) -> ServiceStatus:
        return containers.status_of(service, found.get(service.name), self._network_name, lambda: self._probe(service))

    def _probe(self, service: Service) -> bool:
        """The service's own health check, run in its container now."""
        check = service.healthcheck
        if check is None:
            return True
        answer = self._docker.ask("exec", self._container(service.name), *check.test, within=SHORT + check.timeout)
        return answer.code == 0

    def _mend(self, wanted: Sequence[str], tell: Tell) -> None:
        for node, container in self._inspect(*wanted).items():
            if container["State"]["Paused"]:
                tell(f"{node} was paused; it goes on.")
                self.unpause(node)
            if self._network_name not in container["NetworkSettings"]["Networks"]:
                tell(f"{node} was cut off; it is back on the network.")
                self.rejoin(node)
            if container["State"]["Running"]:
                self._await_fresh_health(node)

    def _await_fresh_health(self, node: str) -> None:
        """`docker compose up` gives up at once on what the engine calls unhealthy; its next probe may know better."""

        def fresh() -> bool:
            return (self._there(node)["State"].get("Health") or {}).get("Status") != "unhealthy"

        with contextlib.suppress(NotReached):  # it is ill then, and `docker compose up` replaces it or says so
            wait_for(f"the engine to probe {node} again", fresh, _FRESH_HEALTH_WITHIN, every=0.5)

    def _change_preset(self, tell: Tell) -> list[str]:
        """Note the preset. Stop what runs with another, and return it, to be started again.

        Compose would replace the controller first: brokers that have none need their whole grace period of 30 s to end.
        """
        in_force, running = preset_in_force(self._settings), []
        if in_force != self._preset:
            running = [status.name for status in self.status() if status.state == "running"]
        if running:
            tell(f"The preset changes from {in_force} to {self._preset}: the stack is stopped first.")
            self._docker.compose("stop", within=STOPPED_WITHIN)
        remember_preset(self._settings, self._preset)
        return running
