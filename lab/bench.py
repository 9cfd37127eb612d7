"""How fast the lab itself is: `lab bench check` judges a long history in a fresh process and says what that took.

`lab bench memory` says what the processes of a stack on the local target take.

python -m lab.bench HISTORY     loads and judges one file; prints {"load_seconds", "judge_seconds", "peak_mb", ...}
"""

import heapq
import json
import resource
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import msgspec.structs
import psutil

from lab import settings as environment
from lab.cluster.target import Refused
from lab.history import History, Op
from lab.self_test import JUDGES
from lab.synthetic import WALL, MadeUpRun
from lab.verdict import judge

PARTITIONS = 6
PER_SECOND = 1000
PAUSE = 3.0
"""Seconds for which nothing is acknowledged, in the middle of the run; also the session timeout."""


def bench_check(lines: int = 1_000_000) -> dict[str, Any]:
    """Judge a made-up history of about so many lines with every check that a log can be asked. MB are 10**6 bytes.

    {"lines", "file_mb", "seconds" (loading and judging, without Python's start), "load_seconds", "judge_seconds",
    "cpu_seconds" (of "seconds", what this process had of a processor; less where others want it too), "peak_mb"
    (resident, the whole process), "lines_per_second", "verdict", "not_holding"}
    """
    with tempfile.TemporaryDirectory(prefix="lab-bench-") as folder:
        path = Path(folder) / "history.jsonl"
        write_large_history(path, lines)
        command = [sys.executable, "-m", "lab.bench", str(path)]
        root = Path(__file__).resolve().parent.parent
        measured = subprocess.run(command, check=True, capture_output=True, text=True, cwd=root)
        figures: dict[str, Any] = json.loads(measured.stdout)
        return figures | {"file_mb": round(path.stat().st_size / 1e6, 1)}


def bench_memory() -> dict[str, Any]:
    """{"processes", "memory_mb", "resident_mb"} of the running stack. MB are 10**6 bytes.

    In "memory_mb" what processes share is counted once (Linux' proportional set size), in "resident_mb" each time.
    Raises Refused where no process of the stack is found: on other targets it is not made of processes of ours.
    """
    mark = environment.read().stack_id
    found = [memory for process in psutil.process_iter() if (memory := _memory(process, mark))]
    if not found:
        raise Refused(
            "No process of this stack runs here. With Docker `docker stats --no-stream` says what each takes."
        )
    shares, residents = zip(*found, strict=True)
    return {
        "processes": len(found),
        "memory_mb": round(sum(shares) / 1e6),
        "resident_mb": round(sum(residents) / 1e6),
    }


def _memory(process: psutil.Process, mark: str) -> tuple[int, int] | None:
    """Proportional and resident set size of a process of this stack, in bytes; None of any other."""
    try:
        if process.environ().get("LAB_STACK") != mark:
            return None
        memory = process.memory_full_info()
    except psutil.Error:
        return None
    return memory.pss, memory.rss


def write_large_history(path: Path, lines: int) -> None:
    """Write a clean history of about so many lines: a third each of begun appends, acknowledgements and reads."""
    encode = msgspec.json.Encoder().encode
    began = datetime.fromisoformat(WALL)
    with path.open("wb") as file:
        for op in _large_history(lines):
            wall = (began + timedelta(seconds=op.t)).isoformat(timespec="milliseconds")
            file.write(encode(msgspec.structs.replace(op, wall=wall)) + b"\n")


def measure(path: Path) -> dict[str, Any]:
    """Load and judge one history in this process."""
    began, began_cpu = time.monotonic(), time.process_time()
    history = History.load(path)
    loaded = time.monotonic()
    verdict, findings = judge(history, JUDGES)
    ended = time.monotonic()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return {
        "lines": len(history),
        "seconds": round(ended - began, 2),
        "load_seconds": round(loaded - began, 2),
        "judge_seconds": round(ended - loaded, 2),
        "cpu_seconds": round(time.process_time() - began_cpu, 2),
        "peak_mb": round(peak / 1e6, 1),
        "lines_per_second": round(len(history) / (ended - began)),
        "verdict": verdict,
        "not_holding": [finding.check for finding in findings if finding.verdict != "HOLDS"],
    }


def _large_history(lines: int) -> Iterator[Op]:
    appends = max(lines // 3, 1)
    killed = appends / PER_SECOND / 2
    elected = killed + PAUSE
    mending = max(elected, appends / PER_SECOND) + 1
    run = MadeUpRun("main", True, PAUSE, PARTITIONS, killed, elected, mending, ended=mending + PAUSE)
    run.steps = {"began": killed, "applied": killed, "felt": elected, "mending": mending, "mended": mending + 2}
    frame = sorted((*run.setting(), *run.fault()), key=lambda op: op.t)
    operations = (op for number in range(appends) for op in _append(run, number))
    reading = (_read(run, number, appends) for number in range(appends))
    yield from heapq.merge(frame, operations, reading, _ends(run, appends), key=lambda op: op.t)


def _append(run: MadeUpRun, number: int) -> tuple[Op, Op]:
    invoked = 0.3 + number / PER_SECOND
    invoked = round(invoked if invoked < run.killed else invoked + PAUSE, 6)
    process, id, (partition, offset) = f"producer-{number % 4 + 1}", f"append-{number:07d}", _place(number)
    value = {"partition": partition, "offset": offset, "crc": zlib.crc32(id.encode())}
    return (
        Op(invoked, WALL, process, "invoke", "append", id),
        Op(round(invoked + 0.0001, 6), WALL, process, "ok", "append", id, value),
    )


def _read(run: MadeUpRun, number: int, appends: int) -> Op:
    id, (partition, offset) = f"append-{number:07d}", _place(number)
    value = {"partition": partition, "offset": offset, "crc": zlib.crc32(id.encode()), "broker": 1 + partition % 2}
    return Op(round(run.ended + 1 + 40 * number / appends, 6), WALL, "reader", "ok", "read", id, value)


def _ends(run: MadeUpRun, appends: int) -> Iterator[Op]:
    for partition in range(PARTITIONS):
        end = len(range(partition, appends, PARTITIONS))
        value = {"partition": partition, "position": end, "high_watermark": end}
        yield Op(run.ended + 50, WALL, "reader", "ok", "read_end", value=value)


def _place(number: int) -> tuple[int, int]:
    return number % PARTITIONS, number // PARTITIONS


if __name__ == "__main__":
    print(json.dumps(measure(Path(sys.argv[1]))))
