"""An engine for the compose tests, and a stack of containers on it.

The engine is yours when one answers and every image can be had; else a private one with stand-in images (engine/), on
Debian as root. Where neither is possible these tests are NOT RUN: the end of the test run says so and why, and with
LAB_REQUIRE_ENGINE=1 they fail. The stack is the project lab-93, so that one that you have running is never touched.

ENGINE_DIR     where the private engine and its images are kept (/var/tmp/messaging-lab-engine)
ENGINE_KEEP=1  leave the private engine running, to look at what a test did
"""

import fcntl
import os
import shlex
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from lab import settings as environment
from lab.cluster.compose import ComposeTarget
from lab.cluster.docker import engine_answers
from lab.cluster.pulling import images_available
from lab.settings import Settings

ROOT = Path(__file__).resolve().parent.parent.parent
SCRIPTS = Path(__file__).resolve().parent / "engine"
BLOCK = 93
KAFKA = ("kafka-controller", "kafka-1", "kafka-2", "kafka-topics", "kafka-watch", "kafka-traffic")
PRIVATE = Path(os.environ.get("ENGINE_DIR", "/var/tmp/messaging-lab-engine"))

not_run: list[str] = []
"""Why there is no engine; said at the end of the test run."""


@dataclass(frozen=True)
class Containers:
    """The project lab-93 and the docker command that leads to its engine."""

    settings: Settings
    engine: str

    def docker(self, *arguments: str, within: float = 120) -> str:
        """What `docker ARGUMENTS` prints; fails the test when it fails."""
        done = self.try_docker(*arguments, within=within)
        assert done.returncode == 0, f"docker {shlex.join(arguments)}: exit {done.returncode}\n{done.stderr[-3000:]}"
        return done.stdout

    def try_docker(self, *arguments: str, within: float = 120) -> subprocess.CompletedProcess[str]:
        """`docker ARGUMENTS`, whatever its exit code."""
        return subprocess.run(
            ["docker", *arguments],
            cwd=ROOT, env=dict(self.settings.variables), capture_output=True, text=True, timeout=within, check=False,
        )  # fmt: skip

    def compose(self, *arguments: str, within: float = 300) -> str:
        """What `docker compose ARGUMENTS` prints, on this project; fails the test, with last words, when it fails."""
        done = self.try_docker("compose", "-p", self.settings.project, *arguments, within=within)
        if done.returncode != 0:
            logs = self.try_docker("compose", "-p", self.settings.project, "logs", "--no-color", "--tail", "4").stdout
            pytest.fail(
                f"docker compose {shlex.join(arguments)}: exit {done.returncode}\n{done.stderr[-2000:]}\n{logs}"
            )
        return done.stdout

    def target(self, preset: str | None = None, **variables: str) -> ComposeTarget:
        """A ComposeTarget of this project, with some variables changed."""
        return ComposeTarget(replace(self.settings, variables=dict(self.settings.variables) | variables), preset)

    def names(self, kind: str) -> list[str]:
        """What there is of this project: of `container`, `volume` or `network`."""
        listing = {"container": ["ps", "-aq"], "volume": ["volume", "ls", "-q"], "network": ["network", "ls", "-q"]}[
            kind
        ]
        label = f"label=com.docker.compose.project={self.settings.project}"
        return self.docker(*listing, "--filter", label).split()

    @property
    def bootstrap(self) -> str:
        """The brokers as this machine sees them."""
        return ",".join(f"127.0.0.1:{self.settings.variables[f'LAB_KAFKA_{number}_PORT']}" for number in (1, 2))


@pytest.fixture(scope="session")
def containers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Containers]:
    """An engine with every image, and nothing of the project on it; gone again at the end."""
    state = tmp_path_factory.mktemp("state")
    yours = settings_with({}, state)
    answers, why = engine_answers(yours)
    if answers:
        answers, why = images_available(yours, print)
    if answers:
        yield from project(Containers(yours, "the engine of this machine"))
        return
    print(f"A private engine with stand-in images is used, because {why}.")
    with PrivateEngine() as variables:
        private = settings_with(variables, state)
        ready, why = images_available(private, print)
        if not ready:
            refuse(f"the stand-in images do not serve: {why}")
        yield from project(Containers(private, f"a private engine in {PRIVATE} with stand-in images"))


@pytest.fixture
def running(containers: Containers) -> Containers:
    """The same with the whole stack up and whole, whatever the test before has done to it."""
    return made_whole(containers, [])


@pytest.fixture
def kafka(containers: Containers) -> Containers:
    """The same with Kafka and its two services up and whole; the rest of the stack may or may not be there."""
    return made_whole(containers, list(KAFKA))


def made_whole(containers: Containers, services: list[str]) -> Containers:
    """Start and mend with the fast preset; nothing is done where there is nothing to do."""
    target = containers.target()
    whole = all(s.health in ("healthy", "completed") for s in target.status() if not services or s.name in services)
    if not whole or (containers.settings.state / "preset").read_text() != "fast\n":
        containers.target("fast").up(services, print)
    return containers


def project(containers: Containers) -> Iterator[Containers]:
    """Nothing of an earlier run before, nothing of this one after."""
    print(f"The compose tests run on {containers.engine}.")
    containers.compose("down", "--volumes", "--remove-orphans")
    try:
        yield containers
    finally:
        containers.compose("down", "--volumes", "--remove-orphans", "--timeout", "5")
        containers.try_docker("image", "rm", containers.settings.variables["LAB_IMAGE"])


def settings_with(variables: Mapping[str, str], state: Path) -> Settings:
    """What the lab reads from this environment for block 93, with `variables` in it and no other stack's ports."""
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith(("LAB_", "COMPOSE_", "KAFKA_")):
                patch.delenv(name)
        for name, value in variables.items():
            patch.setenv(name, value)
        patch.setenv("LAB_BLOCK", str(BLOCK))
        patch.setenv("LAB_IMAGE", "messaging-lab:test")
        patch.setenv("LAB_STATE_ROOT", str(state))
        patch.setenv("LAB_RUNS", str(state / "runs"))
        patch.setenv("LAB_TARGET", "compose")
        return environment.read(ROOT)


class PrivateEngine:
    """engine/engine.sh and engine/build_stand_ins.sh, held by one test run; gives the variables that lead to it."""

    def __enter__(self) -> dict[str, str]:
        PRIVATE.mkdir(parents=True, exist_ok=True)
        self._lock = (PRIVATE / "lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            refuse(f"another test run uses the engine in {PRIVATE}; wait for it, or set ENGINE_DIR")
        try:
            took = {
                script: self._run(script, *arguments)
                for script, *arguments in (["engine.sh", "start"], ["build_stand_ins.sh"])
            }
        except BaseException:
            self.__exit__()
            raise
        print("  ".join(f"{script}: {seconds:.1f} s" for script, seconds in took.items()))
        return self.variables()

    def __exit__(self, *error: object) -> None:
        if os.environ.get("ENGINE_KEEP") != "1" and not self._is_used_by_somebody():
            subprocess.run([SCRIPTS / "engine.sh", "stop"], check=False, timeout=120)
        self._lock.close()

    def _is_used_by_somebody(self) -> bool:
        """Whether containers run on it that no test has started: whoever did so wants the engine to go on."""
        if not (PRIVATE / "run/docker.sock").exists():
            return False
        environment = dict(os.environ) | self.variables()
        asked = subprocess.run(["docker", "ps", "-q"], env=environment, capture_output=True, text=True, timeout=60)
        return bool(asked.stdout.strip())

    @staticmethod
    def variables() -> dict[str, str]:
        """PATH, DOCKER_HOST and DOCKER_CONFIG that lead to the private engine."""
        return {
            "PATH": f"{PRIVATE}/root/usr/bin:{PRIVATE}/root/usr/sbin:{os.environ['PATH']}",
            "DOCKER_HOST": f"unix://{PRIVATE}/run/docker.sock",
            "DOCKER_CONFIG": f"{PRIVATE}/config",
            "DOCKER_CONTEXT": "",
        }

    def _run(self, script: str, *arguments: str) -> float:
        began = time.monotonic()
        done = subprocess.run(
            [SCRIPTS / script, *arguments],
            env=dict(os.environ) | self.variables(), capture_output=True, text=True, timeout=900, check=False,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
        print(done.stdout, end="")
        if done.returncode != 0:
            refuse(f"{script} failed: {done.stderr.strip()[-2000:]}")
        return time.monotonic() - began


def refuse(why: str) -> None:
    """There is no engine: not run, or a failure where an engine is required."""
    if os.environ.get("LAB_REQUIRE_ENGINE") == "1":
        pytest.fail(f"LAB_REQUIRE_ENGINE=1, and no engine could be had: {why}", pytrace=False)
    not_run.append(why)
    pytest.skip(f"NOT RUN, no Docker engine: {why}")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Skipped tests are easily overlooked; these are the only proof of docker-compose.yml."""
    if not_run:
        terminalreporter.section("COMPOSE TESTS NOT RUN", sep="!", red=True, bold=True)
        terminalreporter.line(f"docker-compose.yml was not tried on a Docker engine, because {not_run[0]}")
