"""Fixtures that more than one file of the pure tests uses."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab.fake_docker import FakeDocker


@pytest.fixture(autouse=True)
def no_ports_left_behind() -> Iterator[None]:
    """A verb points the clients of its process at its stack, for good: it is its last deed there, but not here."""
    before = dict(os.environ)
    yield
    for name in [name for name in os.environ if re.fullmatch(r"LAB_\w+_PORT", name)]:
        if name not in before:
            del os.environ[name]
        else:
            os.environ[name] = before[name]


@pytest.fixture
def docker(tmp_path: Path) -> FakeDocker:
    return FakeDocker(tmp_path)
