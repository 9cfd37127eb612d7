"""An instance of the service that a run starts itself, with other options, beside those of the stack.

It listens on a free port of this machine and uses the stack's own neighbours by their published ports.
"""

import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lab.cluster.target import LabError
from lab.processes import Processes
from rest_demo import settings

ROOT = Path(__file__).resolve().parents[2]
_LISTENS = re.compile(r"Listening at: (http://[\d.]+:\d+)")


def start(programs: Processes, name: str, options: Mapping[str, Any]) -> str:
    """Start it with these REST_DEMO_OPTIONS, wait until it serves, and return its URL. Raises LabError."""
    begin(programs, name, options)
    return url_of(programs, name)


def begin(programs: Processes, name: str, options: Mapping[str, Any], **more: str) -> None:
    """Start it with these REST_DEMO_OPTIONS and wait for nothing: several may start at once. more: variables."""
    told = settings.read()
    variables = {
        "REST_DEMO_DATABASE": told.database,
        "REST_DEMO_CACHE": told.cache,
        "REST_DEMO_BROKER": told.broker,
        "REST_DEMO_INSTANCE": name.replace(" ", "-"),
        "REST_DEMO_OPTIONS": json.dumps(options),
        **more,
    }
    server = [sys.executable, "-m", "gunicorn", "-c", "python:rest_demo.gunicorn_conf", "-b", "127.0.0.1:0"]
    programs.run(name, [*server, "rest_demo.wsgi"], variables, ready="Booting worker")


def url_of(programs: Processes, name: str) -> str:
    """Wait until it serves, and return its URL. Raises LabError."""
    programs.await_ready(name)
    listens = _LISTENS.search(programs.log_text(name))
    if listens is None:
        raise LabError(f"The instance {name} does not say where it listens.")
    return listens[1]
