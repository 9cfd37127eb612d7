"""The page Hub for its tests: looks that a test makes up, and a console that shows them without a stack."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from lab.console.desk import Desk
from lab.console.look import Look
from lab.look import EMPTY
from lab.looking.moved import moved
from tests.browser.console_pages import PATIENT, served
from tests.lab.run_folders import settings_for

Seen = dict[str, Any]
BROKERS = ["kafka-1", "kafka-2"]
SERVICES = (
    *BROKERS, "kafka-controller", "nginx", "rest-1", "rest-2", "rest-3", "rest-relay", "postgres", "rabbitmq",
    "rabbitmq-router", "rabbitmq-consumers", "celery-feeds", "celery-web", "celery-media", "celery-sms",
    "celery-default", "channels-bridge", "redis", "channels-1", "channels-2", "channels-uvicorn",
)  # fmt: skip


def looked(**changes: Any) -> Seen:
    """One object as lab/look.py prints it, of a whole hub, with some of its parts changed."""
    partitions = [
        {"number": n, "leader": BROKERS[n % 2], "preferred": BROKERS[n % 2], "end": 10 + n, "in_sync": BROKERS,
         "replicas": [BROKERS[n % 2], BROKERS[1 - n % 2]]}
        for n in range(6)
    ]  # fmt: skip
    queues = [{"name": name, "waiting": 0, "consumers": 1} for name in ("router.inbox", "feeds", "web")]
    found: Seen = {
        "kafka": {"brokers": [{"name": name, "alive": True} for name in BROKERS], "partitions": partitions},
        "rabbitmq": {
            "version": "4.3.1", "queues": queues, "exchanges": [{"name": "hub", "type": "topic"}],
            "bindings": [{"source": "hub", "destination": "feeds", "kind": "queue", "key": "feed.#"}],
        },
        "rest": {"balancer": True, "instances": [{"name": "rest-1", "alive": True, "ready": True}]},
        "channels": {"groups": [{"name": "region.north", "sockets": 2}]},
        "celery": {"workers": [{"name": "feeds", "alive": True, "queues": ["feeds"], "started": 0, "ended": 0}]},
    }  # fmt: skip
    for name, part in changes.items():
        if name != "services":
            found[name] = found[name] | part
    whole = {name: {**EMPTY[name], "age": 0.1, "error": "", **found[name]} for name in EMPTY if name != "services"}
    services = {name: {"state": "running", "health": "healthy", "broken": None} for name in SERVICES}
    for name, change in changes.get("services", {}).items():
        services[name] = services[name] | change
    listed = [{"name": name, **one} for name, one in services.items()]
    return {**whole, "at": 1.0, "clock": 1.0, "services": listed, "moved": moved(whole), "followed": {}}


def partitions_of(seen: Seen, **changes: Any) -> Seen:
    """Its Kafka with every partition changed."""
    return {"partitions": [one | changes for one in seen["kafka"]["partitions"]]}


class Told:
    """A look that shows what the test writes into a file."""

    def __init__(self, file: Path) -> None:
        self.file = file
        body = f"""
import sys, time
from pathlib import Path
said = None
while True:
    text = Path({str(file)!r}).read_text()
    if text.endswith("\\n") and text != said:
        said = text
        print(text.strip(), flush=True)
    time.sleep(0.05)
"""
        self.command = (sys.executable, "-c", body)

    def show(self, seen: Seen) -> None:
        """From now on it looks like this."""
        new = self.file.with_suffix(".new")
        new.write_text(json.dumps(seen) + "\n")
        new.rename(self.file)


@contextmanager
def console(folder: Path, told: Told, **fields: Any) -> Iterator[str]:
    settings = settings_for(folder)
    desk = Desk(settings, **fields)
    object.__setattr__(desk, "look", Look(settings, told.command))
    with served(desk) as address:
        yield address


def opened(page: Page, address: str) -> Page:
    """The page with its first look."""
    page.goto(address, timeout=PATIENT)
    expect(page.locator("svg.hub")).to_be_visible(timeout=PATIENT)
    return page


def cell(page: Page, number: int, broker: str) -> str:
    """The text of one copy of a partition in the picture."""
    title = page.locator("svg.hub g.replica", has=page.locator(f"title:text-matches('partition {number} on {broker}')"))
    return title.locator("text").first.text_content() or ""
