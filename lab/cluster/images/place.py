"""What an image module is given and what it gives back.

`local/programs.py` makes a Place for each service and asks the image's module for a Program: the same program that the
image runs, with the same environment, at the service's own address and in the service's own folder.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lab.settings import Settings

SEARCH_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
"""PATH of every service: fixed, so that `lab up` from another shell does not make it another service."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where one service runs. Texts are already made local: own address and local paths stand in them."""

    name: str
    tag: str
    """Of the image."""
    folder: Path
    """The service's own folder and working directory; kept until `lab down --volumes`."""
    address: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    mounts: Mapping[str, Path]
    """Where each path that the file mounts (the container's path) is on this machine."""
    settings: Settings


@dataclass(slots=True)
class Program:
    """How to run a service here. `files` are written before the start; `user` is whom to become when we are root.

    `stop_signal` goes to the first process, or to all of them when `stop_all`.
    """

    argv: list[str]
    environment: dict[str, str]
    files: dict[Path, str | bytes] = field(default_factory=dict)
    user: str | None = None
    stop_signal: str = "TERM"
    stop_all: bool = True
