"""What the tests inside a demo's Django have in common: a small real stack of their own, and a process pointed at it.

`tests/rest_demo` and `tests/channels_demo` are sessions of pytest each; settings were read before their conftest is, so
Django is pointed at the stack there, before it has connected to anything.
"""

import fcntl
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from lab import settings as lab_settings
from lab.cluster.target import Target
from lab.cluster.targets import open_target
from lab.settings import Settings
from tests.conftest import ROOT, Stack


def point_at(block: int, demo: str) -> Settings:
    """Everything in this process, and in those that it starts, finds the stack of this block. demo: "REST_DEMO"."""
    for name in [name for name in os.environ if re.fullmatch(rf"{demo}_\w+|LAB_\w+_PORT", name)]:
        del os.environ[name]
    os.environ |= {"LAB_BLOCK": str(block), "LAB_TARGET": "local"}
    found = lab_settings.read(ROOT)
    lab_settings.share_with_demos(found)
    return found


def port_in(url: str) -> int:
    """The port of a database's address."""
    return int(url.rpartition(":")[2].partition("/")[0])


@contextmanager
def running(found: Settings, nodes: Sequence[str]) -> Iterator[Target]:
    """These nodes for the length of the body, and nothing of them afterwards. Sessions on one block take turns."""
    found.downloads.mkdir(exist_ok=True)
    with (found.downloads / f"tests-{found.block}.lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)  # another session would take our database away
        try:
            up = Stack(found).lab("up", *nodes, "--target", "local", "--preset", "fast", "--yes")
            assert up.returncode == 0, up.stderr
            yield open_target("local", found)
        finally:
            open_target("local", found).down(print, volumes=True)
