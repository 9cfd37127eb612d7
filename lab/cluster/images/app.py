"""Our own image: the demos' services, run from this checkout with the lab's own virtual environment."""

import sys
from pathlib import Path

from lab.cluster.images.place import SEARCH_PATH, Place, Program
from lab.cluster.stack import StackError
from lab.cluster.target import Tell
from lab.settings import Settings


def program(place: Place) -> Program:
    """`python -m ...` as the file says it, with `python` from the virtual environment and modules from the checkout."""
    if not place.command:
        raise StackError(f"docker-compose.yml: service {place.name}: command: it is missing; our own image needs one.")
    path = f"{Path(sys.executable).parent}:{SEARCH_PATH}"
    command = list(place.command)
    if command[0] == "python" and not Path(sys.executable).with_name("python").exists():
        command[0] = sys.executable  # Debian's own interpreter is python3 only
    python = {"PYTHONPATH": str(place.settings.root), "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUNBUFFERED": "1"}
    # As in a container, where `init` hands a signal to the first process only: what that one started, it ends itself.
    return Program(command, {"PATH": path, **python, **place.environment}, stop_all=False)


def version() -> str | None:
    """None: it is this checkout."""
    return None


def needed_packages(settings: Settings) -> list[str]:
    """None: bin/lab has made the virtual environment already."""
    return []


def missing(settings: Settings) -> list[str]:
    """Nothing, for the same reason."""
    return []


def prepare(settings: Settings, tell: Tell) -> None:
    """Nothing to do."""
