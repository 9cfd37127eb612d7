"""The class-data archive: Kafka's classes as the JVM wants them in memory, made once at set-up by a throwaway broker.

With it three JVMs start in 3 s instead of 6 to 10 (our own runs); without it they start all the same. It belongs to one
build of Java and one class path, which its name says.
"""

import hashlib
import os
import shlex
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from lab.cluster.images.kafka.jars import folder_of, home
from lab.cluster.images.kafka.java import FLAGS, class_path, find_java, version_text
from lab.cluster.lock import exclusive
from lab.cluster.target import Tell
from lab.settings import Settings
from lab.waiting import NotReached, wait_for

_STARTED_WITHIN = 90.0
_WRITTEN_WITHIN = 120.0
_STARTED = "Kafka Server started"


def existing(settings: Settings) -> Path | None:
    """The archive for this Java, if it was made."""
    path = _path(settings)
    return path if path and path.exists() else None


def make(settings: Settings, tell: Tell) -> None:
    """Make the archive where there is none. When Java cannot, that is told, and the brokers start without."""
    path, program = _path(settings), find_java(settings)
    if path is None or program is None or path.exists():
        return
    with exclusive(settings.downloads / "kafka.lock", "another set-up of Kafka", tell):
        if path.exists():
            return
        for left in home(settings).glob("archive-*"):
            shutil.rmtree(left, ignore_errors=True)
        tell("Making the class-data archive of Kafka (about 20 s, once).")
        with tempfile.TemporaryDirectory(prefix="archive-", dir=home(settings)) as folder:
            made = Path(folder, "made.jsa")
            if _run_throwaway_broker(program, class_path(folder_of(settings)), Path(folder), made) and made.exists():
                made.rename(path)
            else:
                tell("Java made no class-data archive; Kafka will start without it, a few seconds later.")


def _path(settings: Settings) -> Path | None:
    program, classes = find_java(settings), class_path(folder_of(settings))
    if program is None or not classes:
        return None
    digest = hashlib.sha256(f"{version_text(program)}\n{classes}".encode()).hexdigest()[:12]
    return home(settings) / f"classes-{digest}.jsa"


def _run_throwaway_broker(program: str, classes: str, folder: Path, made: Path) -> bool:
    """Start a broker and its controller in one JVM, end it cleanly; the JVM then writes the archive. True if it did."""
    address = f"127.77.{100 + os.getpid() % 100}.{1 + os.getpid() // 100 % 250}"
    properties = {
        "process.roles": "broker,controller",
        "node.id": "1",
        "controller.quorum.voters": f"1@{address}:9093",
        "listeners": f"PLAINTEXT://{address}:9092,CONTROLLER://{address}:9093",
        "controller.listener.names": "CONTROLLER",
        "offsets.topic.replication.factor": "1",
        "log.dirs": str(folder / "data"),
        "log.cleaner.dedupe.buffer.size": "4194304",
    }
    (folder / "server.properties").write_text("".join(f"{name}={value}\n" for name, value in properties.items()))
    log4j = Path(__file__).with_name("log4j2.properties")
    base = [program, *FLAGS, f"-Djava.io.tmpdir={folder}", f"-Dlog4j2.configurationFile={log4j}"]
    form = [*base, "-cp", classes, "kafka.tools.StorageTool", "format", "-t", "5L6g3nShT-eMCtK--X86sw"]
    run = [*base, f"-XX:ArchiveClassesAtExit={made}", "-Xmx256m", "-cp", classes, "kafka.Kafka", "server.properties"]
    line = f"{shlex.join([*form, '-c', 'server.properties'])} && exec {shlex.join(run)}"
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", "sh", "-c", line],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            process_group=0,
        )
        try:
            wait_for("the broker", lambda: _STARTED in log.read_text() or process.poll() is not None, _STARTED_WITHIN)
            process.terminate()
            process.wait(_WRITTEN_WITHIN)
            return True
        except (NotReached, subprocess.TimeoutExpired):
            return False
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
