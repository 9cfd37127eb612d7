"""How to run each image's program without Docker: one module an image.

`local/programs.py` looks an image up here. An image is known by the last part of its name, so that a mirror of it
(`KAFKA_IMAGE=mirror.example/apache/kafka:4.3.1`) is the same program; what `build:` makes is our own image.
"""

from collections.abc import Callable

from lab.cluster.images import app, kafka
from lab.cluster.images.place import Place, Program
from lab.cluster.stack import Service, StackError

PROGRAMS: dict[str, Callable[[Place], Program]] = {"kafka": kafka.program}


def program_for(service: Service, place: Place) -> Program:
    """The program of one service. StackError when nobody has written down how to run its image."""
    if service.built:
        return app.program(place)
    image = service.repository.rsplit("/", 1)[-1]
    if image not in PROGRAMS:
        raise StackError(
            f"docker-compose.yml: service {service.name}: image: the lab cannot run {service.repository} without "
            f"Docker; it can run {', '.join(PROGRAMS)}. Use --target compose, or teach it in lab/cluster/images/."
        )
    return PROGRAMS[image](place)
