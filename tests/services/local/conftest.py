"""Two checkouts to run as plain processes, each on block 92: one with a small stack, and this one."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab import settings as environment
from lab.cluster.local import LocalTarget
from lab.settings import Settings
from tests.services.local.small_stack import BLOCK, ROOT, SMALL, told, what_is_left


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """A checkout of its own with the small stack; afterwards nothing of it may be left."""
    (tmp_path / "docker-compose.yml").write_text(SMALL)
    yield from _on_a_block_of_its_own(tmp_path, monkeypatch)


@pytest.fixture
def kafka(monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """This checkout's own stack, without anything running yet."""
    yield from _on_a_block_of_its_own(ROOT, monkeypatch)


def _on_a_block_of_its_own(root: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    monkeypatch.setenv("LAB_BLOCK", BLOCK)
    for name in [name for name in os.environ if name.startswith("LAB_") and name.endswith("_PORT")]:
        monkeypatch.delenv(name)
    found = environment.read(root)
    told.clear()
    try:
        yield found
    finally:
        LocalTarget(found).down(told.append, volumes=True)
        assert what_is_left(found) == []
