"""A console for tests, asked as its own pages ask it: no server, no stack, a runs folder of the test's own."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from lab import settings as environment
from lab.console.app import application
from lab.console.desk import Desk
from tests.conftest import ROOT

ORIGIN = "http://127.0.0.1:8479"


def make_desk(folder: Path, **fields: Any) -> Desk:
    """A desk whose runs and state are in this folder; no stack is up there."""
    settings = environment.read(ROOT)
    settings = replace(settings, runs=folder / "runs", state=folder / settings.state.name, target="")
    settings.runs.mkdir(exist_ok=True)
    return Desk(settings, **fields)


def client_of(desk: Desk) -> TestClient:
    """What a page of this console sends with each request."""
    headers = {"Origin": ORIGIN, "X-CSRF-Token": desk.token}
    return TestClient(application(desk), base_url=ORIGIN, headers=headers, raise_server_exceptions=False)
