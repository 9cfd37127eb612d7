"""Chromium, for tests and scenarios that look at pages as people do: where it is, and how it is started.

It is the distribution's own, driven by Playwright, which would fetch one of its own where that can be had; a plain user
of the lab needs neither.
"""

import shutil
from collections.abc import Mapping

from lab.cluster.target import StackUnavailable, Tell
from lab.machine import packages
from lab.machine.packages import Ask
from lab.settings import Settings

PACKAGE = "chromium"
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_QUIET = (
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


def find_chromium(search_path: str | None = None) -> str | None:
    """The path of the program; None when there is none."""
    return next((found for name in _NAMES if (found := shutil.which(name, path=search_path))), None)


def prepare(settings: Settings, *, assume_yes: bool, tell: Tell, ask: Ask) -> None:
    """Have such a program on this machine. Idempotent. Raises StackUnavailable, with what to do by hand."""
    search_path = settings.variables.get("PATH")
    if find_chromium(search_path):
        return
    try:
        packages.install([PACKAGE], assume_yes=assume_yes, tell=tell, ask=ask)
    except StackUnavailable as error:
        # Ubuntu has it as a snap only, which apt-get cannot bring.
        names = " or ".join(_NAMES)
        raise StackUnavailable(f"The tests of pages need {names} on the search path. {error}") from error
    if not find_chromium(search_path):
        raise StackUnavailable(f"{PACKAGE} is installed, and yet no {_NAMES[0]} is on the search path.")


def arguments(hosts: Mapping[str, str]) -> list[str]:
    """What it is started with. hosts: names that are to lead to these addresses, whatever the machine's resolver says.

    Without its sandbox: that one refuses root, which many containers are; the pages are our own.
    """
    rules = ",".join(f"MAP {name} {address}" for name, address in hosts.items())
    return ["--no-sandbox", *_QUIET, f"--host-resolver-rules={rules}"]
