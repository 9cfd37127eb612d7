"""Fixtures that more than one file of the pure tests uses."""

from pathlib import Path

import pytest

from tests.lab.fake_docker import FakeDocker


@pytest.fixture
def docker(tmp_path: Path) -> FakeDocker:
    return FakeDocker(tmp_path)
