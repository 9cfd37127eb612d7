"""Runs the user's own `docker` command: a time limit on every call, and its complaints turned into sentences.

ComposeTarget, `bring_up` and `pulling` ask here; nothing else starts docker. The command line is used rather than the
engine's socket because it already knows the user's context, credentials and proxy.
"""

import contextlib
import os
import re
import signal
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import IO
from urllib.parse import urlsplit

from lab.cluster.target import Refused, StackUnavailable
from lab.settings import Settings

OLDEST_API = (1, 44)
"""Docker Engine 25: the first that knows `start_interval`, which makes health known within a second of a start."""
OLDEST_COMPOSE = (2, 20)
"""Compose 2.20: the first that knows `attach`, which keeps the brokers' logs out of `docker compose up`."""
ALLOW_REMOTE = "LAB_ALLOW_REMOTE_DOCKER"
SHORT = 20.0
"""Seconds for a call that only asks, or acts on one container; 0.05 s on an idle machine (our own runs)."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What one call of docker printed, and its exit code."""

    code: int
    out: str
    err: str


class Docker:
    """The `docker` command as this stack calls it: with the project's name and file, and ${NAME} from the settings."""

    def __init__(self, settings: Settings, preset: Mapping[str, str]) -> None:
        self._settings = settings
        # Without this a build that changed nothing still gets a new digest in containerd's image store, and `up` would
        # replace containers that run well (docker/compose#13636).
        self.environment = dict(settings.variables) | dict(preset) | {"BUILDX_NO_DEFAULT_ATTESTATIONS": "1"}
        self._compose = ("compose", "--ansi", "never", "-p", settings.project, "-f", str(settings.compose_file))

    def compose(self, *arguments: str, within: float = SHORT) -> str:
        """`docker compose ...` on this project; what it printed. Raises StackUnavailable."""
        return self.run(*self._compose, *arguments, within=within)

    def run(self, *arguments: str, within: float = SHORT) -> str:
        """`docker ...`; what it printed. Raises StackUnavailable when it fails."""
        answer = self.ask(*arguments, within=within)
        if answer.code != 0:
            raise StackUnavailable(f"`{self._shown(arguments)}` failed: {complaint(answer.err)}")
        return answer.out

    def ask(self, *arguments: str, within: float = SHORT) -> Answer:
        """`docker ...` whatever its exit code. Raises StackUnavailable where there is no docker, or when time is up."""
        process = self._open(arguments, subprocess.PIPE, subprocess.PIPE)
        with _ended(process):
            try:
                out, err = process.communicate(timeout=within)
            except subprocess.TimeoutExpired as error:
                raise StackUnavailable(
                    f"`{self._shown(arguments)}` did not end within {within:g} s. Docker hangs or is overloaded: "
                    "see `docker ps`, restart Docker, and call again."
                ) from error
        return Answer(process.returncode, out, err)

    @contextlib.contextmanager
    def composing(self, *arguments: str, output: IO[str]) -> Iterator[subprocess.Popen[str]]:
        """`docker compose ...` beside us, printing into `output`; ended with the body if it has not by then."""
        process = self._open((*self._compose, *arguments), output, output)
        with _ended(process):
            yield process

    @contextlib.contextmanager
    def compose_lines(self, *arguments: str) -> Iterator[IO[str]]:
        """`docker compose ...` beside us, its lines as they come; ended with the body if it has not by then."""
        process = self._open((*self._compose, *arguments), subprocess.PIPE, subprocess.STDOUT)
        with _ended(process):
            assert process.stdout
            yield process.stdout

    def pull(self, image: str) -> "contextlib.AbstractContextManager[subprocess.Popen[str]]":
        """`docker pull IMAGE` beside us; its progress, line by line, on `stdout`."""
        return _ended(self._open(("pull", image), subprocess.PIPE, subprocess.STDOUT))

    def refuse_remote(self) -> None:
        """Raises Refused when the engine in force is on another machine, and nobody has said that this is meant."""
        if self.environment.get(ALLOW_REMOTE) == "1" or is_local(endpoint := self._endpoint()):
            return
        raise Refused(
            f"Docker's engine in force is {endpoint}: another machine. The lab breaks what it starts and reaches it "
            "through 127.0.0.1, so it wants an engine here. Unset DOCKER_HOST and DOCKER_CONTEXT, or set "
            f"{ALLOW_REMOTE}=1."
        )

    def _shown(self, arguments: tuple[str, ...]) -> str:
        """The call as a user would type it, without what stands in every call."""
        prefix = len(self._compose)
        own = arguments[:prefix] == self._compose
        return " ".join(("docker", "compose", *arguments[prefix:]) if own else ("docker", *arguments))

    def _endpoint(self) -> str:
        """Where the engine in force listens: DOCKER_HOST, DOCKER_CONTEXT and `docker context use` all count."""
        answer = self.ask("context", "inspect", "--format", "{{.Endpoints.docker.Host}}")
        return answer.out.strip() if answer.code == 0 else self.environment.get("DOCKER_HOST", "")

    def _open(self, arguments: tuple[str, ...], out: int | IO[str], err: int | IO[str]) -> "subprocess.Popen[str]":
        try:
            # A session of its own: Ctrl-C reaches the lab alone, which then ends docker and its plugins as one group.
            return subprocess.Popen(
                ["docker", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                text=True,
                errors="replace",
                env=self.environment,
                cwd=self._settings.root,
                start_new_session=True,
            )
        except FileNotFoundError as error:
            raise StackUnavailable("There is no `docker` command. Install Docker, or use `--target local`.") from error


def engine_answers(settings: Settings) -> tuple[bool, str]:
    """Whether an engine on this machine answers that is new enough, and why not as a clause after "because"."""
    docker = Docker(settings, {})
    try:
        docker.refuse_remote()
        engine = docker.ask("version", "--format", "{{.Server.APIVersion}}", within=10.0)
        compose = docker.ask("compose", "version", "--short", within=10.0)
    except (Refused, StackUnavailable) as error:
        return False, str(error)[:1].lower() + str(error)[1:].rstrip(".")
    if engine.code != 0:
        return False, complaint(engine.err).rstrip(".")
    if _numbers(engine.out) < OLDEST_API:
        return False, f"the engine speaks API {engine.out.strip()}; docker-compose.yml needs 1.44 (Docker 25) or later"
    if compose.code != 0:
        return False, "the `docker` command has no compose plugin; install docker-compose-plugin or docker-compose"
    if _numbers(compose.out) < OLDEST_COMPOSE:
        return False, f"compose is {compose.out.strip()}; docker-compose.yml needs 2.20 or later"
    return True, f"a Docker engine answers (API {engine.out.strip()}, compose {compose.out.strip()})"


def is_local(endpoint: str) -> bool:
    """Whether an endpoint (`unix:///run/docker.sock`, `tcp://10.0.0.7:2376`) is on this machine."""
    url = urlsplit(endpoint)
    loopback = url.hostname in ("localhost", "::1") or (url.hostname or "").startswith("127.")
    return url.scheme in ("", "unix", "npipe", "fd") or (url.scheme in ("tcp", "http", "https") and loopback)


def complaint(text: str) -> str:
    """docker's own complaint as one sentence that says what to do, for those that users meet; else its last words."""
    for pattern, says in _KNOWN:
        if found := re.search(pattern, text, re.IGNORECASE):
            return says.format(*found.groups())
    words = [line.strip() for line in text.splitlines() if line.strip()]
    return " / ".join(words[-3:]) or "it gave no reason"


_NO_PLUGIN = "the `docker` command has no compose plugin: install docker-compose-plugin or docker-compose."
_NO_ACCESS = "this user may not talk to the Docker engine: add the user to the group docker, or use root."
_KNOWN = (
    ("permission denied while trying to connect", _NO_ACCESS),
    (r"cannot connect to the docker daemon at ([^ ]+?)\.? ", "the Docker engine does not answer at {0}: start it."),
    ("cannot connect to the docker|error during connect|docker api at", "the Docker engine does not answer: start it."),
    ("is not a docker command|unknown shorthand flag|unknown flag: --ansi|unknown command: docker compose", _NO_PLUGIN),
    ("no space left on device", "the disk is full: make room (`docker system df` says what Docker holds)."),
)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version)[:2])


@contextlib.contextmanager
def _ended(process: "subprocess.Popen[str]") -> Iterator["subprocess.Popen[str]"]:
    """End docker and the plugins that it started, however the body ends; they get 5 s to do so by themselves."""
    try:
        yield process
    finally:
        for sent in (signal.SIGTERM, signal.SIGKILL):
            if process.poll() is None:
                with contextlib.suppress(ProcessLookupError, subprocess.TimeoutExpired):
                    os.killpg(process.pid, sent)
                    process.wait(5)
        if process.stdout:
            process.stdout.close()
        if process.stderr:
            process.stderr.close()
