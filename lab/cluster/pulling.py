"""Gets every image that the stack needs: those that are here stay, others are pulled, our own is built.

The command line asks `images_available` before it chooses the compose target; `bring_up` asks again before each start,
so that a changed demo is in the image. Nothing that is here already needs a network.
"""

import re
import threading
import time
from collections import deque
from collections.abc import Iterable

from lab.cluster.docker import Docker, complaint
from lab.cluster.stack import Service, Stack, read_stack
from lab.cluster.target import LabError, StackUnavailable, Tell
from lab.settings import Settings
from lab.waiting import NotReached, wait_for

REGISTRY_ANSWERS_WITHIN = 45.0
"""Seconds until the first line of a pull: a registry that answers does so in 1 to 3 s."""
PULLED_WITHIN = 900.0
BUILT_WITHIN = 900.0
"""Seconds; 400 MB on a line of 4 Mbit/s take 800 s. A build needs 25 s here, and 1 s when nothing changed."""
TELL_EVERY = 10.0


def images_available(settings: Settings, tell: Tell) -> tuple[bool, str]:
    """Whether every image is here now: pulled or built if need be. If not, why, as a clause after "because"."""
    try:
        stack = read_stack(settings.compose_file, settings.variables)
        get_images(Docker(settings, {}), stack, list(stack.services), settings, tell)
    except LabError as error:
        return False, str(error)[:1].lower() + str(error)[1:].rstrip(".")
    return True, "every image is here"


def absent_images(settings: Settings) -> list[str]:
    """The images that a start would have to pull. Pulls nothing. Raises LabError when that cannot be known."""
    stack, docker = read_stack(settings.compose_file, settings.variables), Docker(settings, {})
    return [image for image in _images(stack.services.values(), settings) if not _is_here(docker, image)]


def get_images(docker: Docker, stack: Stack, names: Iterable[str], settings: Settings, tell: Tell) -> None:
    """Pull and build what the named services need. Raises StackUnavailable in one sentence."""
    services = [stack.services[name] for name in names]
    for image in _images(services, settings):
        if not _is_here(docker, image):
            _pull(docker, image, tell)
    if any(service.built for service in services):
        _build(docker, tell)


def _images(services: Iterable[Service], settings: Settings) -> list[str]:
    """What must be pulled: upstream images as the file names them, and the one that our own is built from."""
    return sorted({base_image(settings) if s.built else f"{s.repository}:{s.tag}" for s in services})


def base_image(settings: Settings) -> str:
    """The image that our own is built from: the default of the Dockerfile's PYTHON_IMAGE, or the variable."""
    dockerfile = settings.root / "Dockerfile"
    found = re.search(r"^ARG PYTHON_IMAGE=(\S+)", dockerfile.read_text() if dockerfile.exists() else "", re.MULTILINE)
    if not found:
        raise StackUnavailable(f"{dockerfile} does not say `ARG PYTHON_IMAGE=...`, so no image can be built from it.")
    return settings.variables.get("PYTHON_IMAGE") or found[1]


def _is_here(docker: Docker, image: str) -> bool:
    return docker.ask("image", "inspect", "--format", "{{.Id}}", image).code == 0


def _pull(docker: Docker, image: str, tell: Tell) -> None:
    tell(f"Pulling {image}.")
    began = time.monotonic()
    lines: deque[str] = deque(maxlen=50)
    with docker.pull(image) as process:
        reader = threading.Thread(target=lambda: lines.extend(process.stdout or ()), daemon=True)
        reader.start()
        told = began

        def ended() -> bool:
            nonlocal told
            now = time.monotonic()
            if now - told >= TELL_EVERY:
                told = now
                tell(f"  ... still pulling {image} ({now - began:.0f} s)")
            return process.poll() is not None

        try:
            wait_for(f"the registry to answer for {image}", lambda: lines or ended(), REGISTRY_ANSWERS_WITHIN)
            wait_for(f"the pull of {image}", ended, PULLED_WITHIN, every=0.2)
        except NotReached as error:
            raise StackUnavailable(f"The image {image} cannot be had: {error}. {_ADVICE}") from error
        reader.join()
    if process.returncode != 0:
        raise StackUnavailable(f"The image {image} cannot be had: {complaint(''.join(lines))}. {_ADVICE}")


def _build(docker: Docker, tell: Tell) -> None:
    began = time.monotonic()
    tell("Building our own image.")
    try:
        docker.compose("build", "--quiet", within=BUILT_WITHIN)
    except StackUnavailable as error:
        raise StackUnavailable(f"Our own image cannot be built: {error} {_ADVICE}") from error
    if (took := time.monotonic() - began) > TELL_EVERY:
        tell(f"Our own image is built ({took:.0f} s).")


_ADVICE = "Check the network, name a mirror's image (see docker-compose.yml), or use `--target local`."
