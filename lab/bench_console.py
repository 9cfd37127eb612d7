"""What an open console costs a run: `lab bench console` measures a scenario's rate with it against without it.

Each round runs the scenario's control twice on the stack that is up, once watched and once not, in turn. Watched means
a console of its own, and one client that takes the event stream of the run and the look at the hub, as a page does.
"""

import json
import socket
import statistics
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any

import httpx

from lab import settings as environment
from lab.cluster.target import LabError
from lab.history import History
from lab.settings import Settings

SERVES_WITHIN = 120.0


class Watch:
    """One client of one console."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._threads: list[threading.Thread] = []
        self.lines = 0
        """Of histories, that came through."""
        self.looks = 0

    def take(self, path: str) -> None:
        """Read an event stream to its end, in a thread."""
        thread = threading.Thread(target=self._read, args=(path,), daemon=True)
        self._threads.append(thread)
        thread.start()

    def _read(self, path: str) -> None:
        with suppress(httpx.HTTPError), httpx.stream("GET", f"{self._address}{path}", timeout=None) as stream:
            event = ""
            for line in stream.iter_lines():
                name, _, value = line.partition(": ")
                if name == "event":
                    event = value
                elif name == "data" and event == "lines":
                    self.lines += len(json.loads(value))
                elif name == "data" and event == "look":
                    self.looks += 1

    def wait(self) -> None:
        """Until the last stream that was taken has ended."""
        self._threads[-1].join(SERVES_WITHIN)


def bench_console(scenario: str = "kafka-leader-failover", rounds: int = 3) -> dict[str, Any]:
    """{"scenario", "rounds", "without_per_second", "with_per_second" (medians), "ratio", "without", "with" (each one),
    "lines" (of the watched runs, as they came through), "looks"}. A ratio of 1 costs nothing.

    Raises LabError when a run cannot be made or nothing came through.
    """
    settings = environment.read()
    rates: dict[str, list[float]] = {"without": [], "with": []}
    lines = looks = 0
    for number in range(max(rounds, 1)):
        for way in ("without", "with") if number % 2 == 0 else ("with", "without"):
            with _console(settings) if way == "with" else nullcontext() as watch:
                rates[way].append(rate_of(_run(settings, scenario, watch)))
                if watch:
                    watch.wait()
                    lines, looks = lines + watch.lines, looks + watch.looks
    if not (lines and looks):
        raise LabError(f"Nothing was measured: {lines} lines and {looks} looks came through the console.")
    medians = {way: statistics.median(found) for way, found in rates.items()}
    return {
        "scenario": scenario,
        "rounds": max(rounds, 1),
        "without_per_second": round(medians["without"], 1),
        "with_per_second": round(medians["with"], 1),
        "ratio": round(medians["with"] / medians["without"], 3),
        **{way: [round(rate, 1) for rate in found] for way, found in rates.items()},
        "lines": lines,
        "looks": looks,
    }


def rate_of(history: Path) -> float:
    """Acknowledged operations a second, of the operation that is acknowledged most among those that were invoked."""
    lines = History.load(history)
    invoked = {line.op for line in lines if line.kind == "invoke"}
    counted = Counter(line.op for line in lines if line.kind == "ok" and line.op in invoked)
    if not counted:
        raise LabError(f"{history} holds no acknowledged operation.")
    at = [line.t for line in lines.of(counted.most_common(1)[0][0], "ok")]
    if at[-1] <= at[0]:
        raise LabError(f"{history} holds too few operations to have a rate.")
    return (len(at) - 1) / (at[-1] - at[0])


def _run(settings: Settings, scenario: str, watch: Watch | None) -> Path:
    """Run the control, followed by the client, if there is one, and return its history."""
    command = [sys.executable, "-m", "lab", "run", scenario, "--control", "--pace=quick", "--json", "--announce"]
    with _child(settings, command) as child:
        assert child.stdout
        first = child.stdout.readline()
        if not first:
            raise LabError(f"{scenario} cannot be run. `lab run {scenario} --control` says why.")
        folder = settings.runs / str(json.loads(first)["began"])
        if watch:
            watch.take(f"api/runs/{folder.name}/events")
        child.communicate()
    return folder / "history.jsonl"


def _child(settings: Settings, command: list[str]) -> subprocess.Popen[str]:
    """Its answer can be read; what it says meanwhile is nobody's."""
    pipe, nobody = subprocess.PIPE, subprocess.DEVNULL
    return subprocess.Popen(
        command, cwd=settings.root, env=settings.environment, stdout=pipe, stderr=nobody, stdin=nobody, text=True
    )


@contextmanager
def _console(settings: Settings) -> Iterator[Watch]:
    """A console of its own on a free port, its look already taken."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "lab", "console", "--port", str(port)]
    with _child(settings, command) as child:
        try:
            assert child.stdout
            address = child.stdout.readline().strip()
            if not address:
                raise LabError("The console does not start. `lab console` says why.")
            watch = Watch(address)
            watch.take("api/look/events")
            yield watch
        finally:
            child.terminate()
