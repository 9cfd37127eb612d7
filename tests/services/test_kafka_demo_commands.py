"""`watch`, `traffic` and the short verbs of the Kafka demo, as processes and beside a dying broker."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

import pytest

from kafka_demo.topic import Topic, create_topic, find_topic
from kafka_demo.watcher import Watcher
from lab.cluster.target import Target
from lab.waiting import pause, wait_for

ROOT = Path(__file__).resolve().parent.parent.parent
BROKERS = ["kafka-1", "kafka-2"]


@pytest.fixture
def topic(kafka: Target) -> Iterator[Topic]:
    with create_topic(f"test-{uuid.uuid4().hex[:8]}", partitions=6) as made:
        yield made


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "kafka_demo", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )


class Service:
    """A running `python -m kafka_demo ...` and what it has printed so far."""

    def __init__(self, process: subprocess.Popen[str], health: str) -> None:
        self.process = process
        self.health_url = health
        self.lines: list[str] = []
        self._reader = Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        self.lines.extend(iter(self.process.stdout.readline, ""))

    def says(self, pattern: str, within: float = 30) -> str:
        def said() -> str | None:
            return next((line for line in self.lines if re.search(pattern, line)), None)

        return wait_for(f"a line like {pattern!r}", said, within) or ""

    def healthy(self) -> bool:
        with urllib.request.urlopen(self.health_url, timeout=5) as answer:
            return bool(answer.status == 200)

    def end(self, by: signal.Signals = signal.SIGTERM) -> tuple[int, float]:
        """The exit code, and the seconds that it took."""
        began = time.monotonic()
        self.process.send_signal(by)
        code = self.process.wait(30)
        self._reader.join()
        return code, time.monotonic() - began


@contextmanager
def running(*arguments: str) -> Iterator[Service]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    process = subprocess.Popen(
        [sys.executable, "-m", "kafka_demo", *arguments],
        cwd=ROOT, env=dict(os.environ) | {"KAFKA_DEMO_HEALTH": address},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    service = Service(process, f"http://{address}/")
    try:
        yield service
    finally:
        process.kill()
        process.wait()
        service._reader.join()
        assert process.stdout is not None
        process.stdout.close()


def test_creating_a_topic_twice_finds_it_and_creating_a_different_one_is_refused(kafka: Target) -> None:
    name = f"test-{uuid.uuid4().hex[:8]}"
    first = command("create-topic", name, "--partitions", "3")
    assert (first.returncode, first.stdout) == (
        0,
        f"{name}: 3 partitions, 2 copies of each; made, every copy is in sync\n",
    )
    second = command("create-topic", name, "--partitions", "3")
    assert (second.returncode, second.stdout) == (0, f"{name}: 3 partitions, 2 copies of each; was there already\n")
    other = command("create-topic", name, "--partitions", "4")
    assert (other.returncode, other.stdout) == (64, "")
    assert "is there already and differs: partitions 3 (not 4)" in other.stderr
    with find_topic(name):
        described = command("describe", name)
        assert described.stdout.splitlines()[2].split() == ["0", "kafka-1", "kafka-1", "kafka-2", "kafka-1", "kafka-2"]
        assert command("elect", name).stdout == "leaders: kafka-1 leads 0,2, kafka-2 leads 1\nin sync: every copy\n"


def test_an_unknown_topic_ends_every_verb_with_64_and_one_sentence(kafka: Target) -> None:
    for arguments in (["describe"], ["elect"], ["watch"], ["traffic"]):
        done = command(*arguments, "no-such-topic")
        assert (done.returncode, done.stdout) == (64, "" if arguments != ["traffic"] else done.stdout)
        assert done.stderr.count("\n") == 1
        assert "there is no topic 'no-such-topic'" in done.stderr


def test_the_watcher_tells_the_death_of_a_leader_and_its_return(topic: Topic, kafka: Target) -> None:
    lines: list[str] = []
    stop = Event()
    watcher = Watcher(topic.name, stop, tell=lambda label, sentence: lines.append(f"{label}: {sentence}"))
    thread = Thread(target=watcher.run)
    thread.start()

    def told(pattern: str, within: float = 30) -> str:
        return wait_for(pattern, lambda: next((line for line in lines if re.search(pattern, line)), None), within) or ""

    try:
        told("in sync: every copy")
        assert (
            f"watching: {topic.name}: 6 partitions, brokers kafka-1, kafka-2; a broker may be silent for 3 s" in lines
        )
        kafka.kill("kafka-1")
        told("silent: kafka-1 answers no more; it counts as alive until its 3 s are over", within=10)
        moved = told("leader: 0,2,4: kafka-1 -> kafka-2, .* s after the last answer of kafka-1")
        assert 1.5 < float(re.findall(r"([\d.]+) s after", moved)[0]) < 15
        told(r"in sync: .*: \{kafka-1, kafka-2\} -> \{kafka-2\} \(one copy left\)")
        kafka.start("kafka-1")
        told("answers: kafka-1 answers again", within=60)
        told(
            r"in sync: .*: \{kafka-2\} -> \{kafka-1, kafka-2\} \(complete again, [\d.]+ s after kafka-1 answered again"
        )
        told(f"next: kafka-1 leads nothing yet; .* elect {topic.name}")
        topic.elect_preferred_leaders()
        told("leader: 0,2,4: kafka-2 -> kafka-1, their preferred leader", within=10)
    finally:
        stop.set()
        thread.join()
    assert len(lines) < 40


def test_watcher_and_traffic_outlive_all_brokers_say_so_once_and_end_cleanly(topic: Topic, kafka: Target) -> None:
    with running("watch", topic.name) as watch, running("traffic", topic.name, "--per-second", "20") as traffic:
        watch.says("in sync    every copy")
        traffic.says(r"20 records a second to test-\w+")
        for broker in BROKERS:
            kafka.pause(broker)
        try:
            watch.says("nobody     no broker has told anything for")
            traffic.says("held up: no answer for record")
            pause(3)
            assert watch.healthy()
            assert traffic.healthy()
            assert sum("nobody" in line for line in watch.lines) == 1
            ends = [service.end() for service in (traffic, watch)]
        finally:
            for broker in BROKERS:
                kafka.unpause(broker)
            # Fenced meanwhile, they take a moment to be of use again; the topic could not be deleted before.
            wait_for("every copy to be in sync", topic.is_in_sync, within=90, passing=(ConnectionError,))
        assert [code for code, _ in ends] == [0, 0]
        assert all(seconds < 30 for _, seconds in ends)
        assert re.search(r"ended      acknowledged \d+, unknown [1-9]\d*, failed 0", traffic.lines[-1])
        assert not any("Traceback" in line for line in watch.lines + traffic.lines)


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGINT])
def test_traffic_counts_what_it_wrote_and_ends_with_nothing_open(topic: Topic, by: signal.Signals) -> None:
    with running("traffic", topic.name, "--per-second", "50") as traffic:
        traffic.says("50 records a second to")
        pause(4)
        code, seconds = traffic.end(by)
        assert (code, seconds < 30) == (0, True)
    counts = re.search(
        r"acknowledged (\d+), unknown 0, failed 0, read (\d+), missing 0, not read yet 0; nothing acknowledged is",
        traffic.lines[-1],
    )
    assert counts, traffic.lines[-1]
    assert counts[1] == counts[2]
    assert int(counts[1]) >= 100


def test_traffic_says_for_how_long_writing_paused_when_a_leader_was_killed(topic: Topic, kafka: Target) -> None:
    with running("traffic", topic.name, "--per-second", "50") as traffic:
        traffic.says("50 records a second to")
        kafka.kill("kafka-1")
        traffic.says("held up: no answer for record", within=20)
        paused = traffic.says(
            r"paused for [\d.]+ s on .* \(no answer for \d+ records, \d+ to \d+\); nothing acknowledged"
        )
        assert 1.5 < float(re.findall(r"paused for ([\d.]+) s", paused)[0]) < 15
        assert traffic.end()[0] == 0
    assert "missing 0" in traffic.lines[-1]
