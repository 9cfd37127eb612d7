"""How to run each image's program without Docker: one module an image.

`local/programs.py` looks an image up here. An image is known by the last part of its name, so that a mirror of it
(`KAFKA_IMAGE=mirror.example/apache/kafka:4.3.1`) is the same program; what `build:` makes is our own image.
"""

from collections.abc import Iterable, Mapping
from typing import Protocol

from lab.cluster.images import app, kafka, nginx, postgres, rabbitmq, redis
from lab.cluster.images.place import Place, Program
from lab.cluster.stack import Service, StackError
from lab.cluster.target import Tell
from lab.settings import Settings


class Image(Protocol):
    """What a module of this package offers."""

    def program(self, place: Place) -> Program:
        """How to run one service of this image."""
        ...

    def version(self) -> str | None:
        """The version that runs here; None where there is none to name."""
        ...

    def needed_packages(self, settings: Settings) -> list[str]:
        """The Debian packages that bring what this machine lacks for the program."""
        ...

    def missing(self, settings: Settings) -> list[str]:
        """What the program cannot start without and this machine lacks, a sentence each."""
        ...

    def prepare(self, settings: Settings, tell: Tell) -> None:
        """Download and derive what the program needs, once; nothing to do when it is there."""
        ...


IMAGES: Mapping[str, Image] = {
    "kafka": kafka,
    "nginx": nginx,
    "postgres": postgres,
    "rabbitmq": rabbitmq,
    "redis": redis,
}


def image_of(service: Service) -> Image:
    """The module that runs a service's image. StackError when nobody has written down how."""
    if service.built:
        return app
    image = service.repository.rsplit("/", 1)[-1]
    if image not in IMAGES:
        raise StackError(
            f"docker-compose.yml: service {service.name}: image: the lab cannot run {service.repository} without "
            f"Docker; it can run {', '.join(IMAGES)}. Use --target compose, or teach it in lab/cluster/images/."
        )
    return IMAGES[image]


def images_of(services: Iterable[Service]) -> list[Image]:
    """The modules that run these services, each once."""
    found = {id(image): image for image in map(image_of, services)}
    return list(found.values())
