"""What `lab bench console` makes of histories."""

import json
from pathlib import Path

import pytest

from lab.bench_console import rate_of
from lab.cluster.target import LabError


def write(path: Path, lines: list[tuple[float, str, str]]) -> Path:
    """A history of (t, kind, op)."""
    with path.open("w") as file:
        for t, kind, op in lines:
            line = {
                "t": t,
                "wall": "",
                "process": "p",
                "kind": kind,
                "op": op,
                "id": None,
                "value": None,
                "error": None,
            }
            file.write(json.dumps(line) + "\n")
    return path


def test_the_rate_is_that_of_the_operation_that_was_acknowledged_most(tmp_path: Path) -> None:
    appends = [(t / 10, kind, "append") for t in range(11) for kind in ("invoke", "ok")]
    reads = [(2.0 + t / 1000, "ok", "read") for t in range(100)]  # read back: nobody invoked them
    others = [(t / 2, kind, "probe") for t in range(3) for kind in ("invoke", "ok")]
    path = write(tmp_path / "history.jsonl", sorted([*appends, *others, *reads]))
    assert rate_of(path) == pytest.approx(10)


@pytest.mark.parametrize("lines", [[], [(0.0, "invoke", "append")], [(0.0, "invoke", "a"), (0.1, "ok", "a")]])
def test_a_history_without_a_rate_is_told(tmp_path: Path, lines: list[tuple[float, str, str]]) -> None:
    with pytest.raises(LabError, match=r"acknowledged operation|too few operations"):
        rate_of(write(tmp_path / "history.jsonl", lines))
