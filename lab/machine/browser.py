"""Chromium, for tests and scenarios that look at pages as people do: where it is, and how it is started.

It is the distribution's own, driven by Playwright, which would fetch one of its own where that can be had; a plain user
of the lab needs neither.
"""

import shutil
from collections.abc import Mapping

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


def needed_packages(settings: Settings) -> list[str]:
    """The distribution's package, where no such program is installed."""
    return [] if find_chromium(settings.variables.get("PATH")) else [PACKAGE]


def arguments(hosts: Mapping[str, str]) -> list[str]:
    """What it is started with. hosts: names that are to lead to these addresses, whatever the machine's resolver says.

    Without its sandbox: that one refuses root, which many containers are; the pages are our own.
    """
    rules = ",".join(f"MAP {name} {address}" for name, address in hosts.items())
    return ["--no-sandbox", *_QUIET, f"--host-resolver-rules={rules}"]
