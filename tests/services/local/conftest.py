"""Two checkouts to run as plain processes, each on a block of the tests: one with a small stack, and this one.

The block is the first of a few that no other run of these tests on this machine holds, from whichever checkout.
"""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab import settings as environment
from lab.cluster.local import LocalTarget
from lab.settings import Settings
from tests.services.local.small_stack import BLOCKS, ROOT, SMALL, listening, told, what_is_left


@pytest.fixture(scope="session")
def block() -> Iterator[str]:
    """The number of a stack that is ours until the end of this run."""
    for number in BLOCKS:
        with socket.socket() as claim:
            try:
                claim.bind((f"127.77.{number}.1", 1024))  # as good as a lock, and seen from every file system
            except OSError:
                continue
            if listening(number):
                continue
            yield number
            return
    pytest.fail(f"other test runs hold all of the blocks {', '.join(BLOCKS)}; try again when they have ended")


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: str) -> Iterator[Settings]:
    """A checkout of its own with the small stack; afterwards nothing of it may be left."""
    (tmp_path / "docker-compose.yml").write_text(SMALL)
    yield from _on(block, tmp_path, monkeypatch)


@pytest.fixture
def kafka(monkeypatch: pytest.MonkeyPatch, block: str) -> Iterator[Settings]:
    """This checkout's own stack, without anything running yet."""
    yield from _on(block, ROOT, monkeypatch)


def _on(block: str, root: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    monkeypatch.setenv("LAB_BLOCK", block)
    for name in [name for name in os.environ if name.startswith("LAB_") and name.endswith("_PORT")]:
        monkeypatch.delenv(name)
    found = environment.read(root)
    told.clear()
    try:
        yield found
    finally:
        LocalTarget(found).down(told.append, volumes=True)
        assert what_is_left(found) == []
