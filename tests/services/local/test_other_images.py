"""Images that the local target can run beside Kafka and our own: each starts, is reached by name, and breaks.

An image that docker-compose.yml does not use is only tried where its program is installed: nothing needs it yet.
"""

import pytest

from lab import settings as environment
from lab.cluster.images import IMAGES, image_of
from lab.cluster.local import LocalTarget
from lab.cluster.stack import read_stack
from lab.settings import Settings
from lab.waiting import wait_for
from tests.services.local.small_stack import ROOT, answers, told

SERVICES = {
    "redis": """
    image: redis:7.2
    command: redis-server --appendonly yes
    volumes: ["data:/data"]
    healthcheck: {test: [CMD, redis-cli, -h, redis, ping]}
""",
    "postgres": """
    image: postgres:17
    environment: {POSTGRES_USER: lab, POSTGRES_PASSWORD: "it's a secret", POSTGRES_DB: hub}
    volumes: ["data:/var/lib/postgresql/data"]
    healthcheck: {test: [CMD, pg_isready, -h, postgres, -U, lab, -d, hub]}
""",
    "rabbitmq": """
    image: rabbitmq:4-management
    environment: {RABBITMQ_DEFAULT_USER: lab, RABBITMQ_DEFAULT_PASS: lab}
    volumes: ["data:/var/lib/rabbitmq"]
    healthcheck: {test: [CMD, bash, -c, "exec 3<>/dev/tcp/rabbitmq/5672"]}
""",
    "nginx": """
    image: nginx:1.29
    volumes: ["./site.conf:/etc/nginx/conf.d/default.conf:ro"]
    ports: ["127.0.0.1:${LAB_SITE_PORT:-18092}:8080"]
    healthcheck: {test: [CMD, bash, -c, "exec 3<>/dev/tcp/nginx/8080"]}
""",
}
SITE = "upstream self { server nginx:8080; } server { listen 0.0.0.0:8080; location / { return 200 'hello'; } }"


def is_used(image: str) -> bool:
    services = read_stack(ROOT / "docker-compose.yml", {}).services.values()
    return any(image_of(service) is IMAGES[image] for service in services)


TRIED = [image for image in SERVICES if is_used(image) or not IMAGES[image].missing(environment.read(ROOT))]


@pytest.mark.parametrize("image", TRIED)
def test_an_image_starts_breaks_and_comes_back(settings: Settings, image: str) -> None:
    (settings.root / "site.conf").write_text(SITE)
    (settings.root / "docker-compose.yml").write_text(f"services:\n  {image}:{SERVICES[image]}")
    settings = environment.read(settings.root)  # again: the ports of a block are those that the file names
    target = LocalTarget(settings)
    target.up([], told.append)
    if image == "nginx":
        assert answers(settings, "nginx")

    target.pause(image)
    wait_for(f"{image} to be paused", lambda: target.status_of(image).state == "paused", within=30)
    target.unpause(image)
    target.kill(image)
    wait_for(f"{image} to be dead", lambda: target.status_of(image).state == "exited", within=30)
    target.start(image)
    wait_for(f"{image} to be healthy", lambda: target.status_of(image).health == "healthy", within=60)
    target.stop(image)
    wait_for(f"{image} to stop", lambda: target.status_of(image).state == "exited", within=30)
