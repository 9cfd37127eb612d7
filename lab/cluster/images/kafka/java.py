"""Which Java runs Kafka, and with which flags."""

import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

from lab.settings import Settings

OLDEST = 17
"""The class files of kafka_2.13 4.x are major version 61."""

FLAGS = (
    # One core's worth of JVM: a third of the memory of the defaults, and up in half the time (our own runs).
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    # No /tmp/hsperfdata file, which a killed JVM would leave behind.
    "-XX:-UsePerfData",
    "-Xlog:disable",
    "-Xlog:all=error:stderr",
)


def find_java(settings: Settings) -> str | None:
    """The path of `java`: the one of JAVA_HOME, else the first on the search path; None when there is none."""
    if home := settings.variables.get("JAVA_HOME"):
        return shutil.which("java", path=f"{home}/bin")
    return shutil.which("java", path=settings.variables.get("PATH"))


@cache
def version_text(program: str) -> str:
    """What `java -version` says, all of it: it names the build, which the class-data archive belongs to."""
    try:
        done = subprocess.run([program, "-version"], capture_output=True, text=True, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stderr + done.stdout


def major_version(program: str) -> int:
    """17 for `openjdk version "17.0.15"`, 8 for `"1.8.0_402"`, 0 when the text says nothing like it."""
    found = re.search(r'version "(?:1\.)?(\d+)', version_text(program))
    return int(found[1]) if found else 0


def why_java_is_no_use(settings: Settings) -> str | None:
    """A sentence, or None when Java is there and young enough."""
    program = find_java(settings)
    if program is None:
        return f"Java is missing; Kafka needs version {OLDEST} or newer."
    if (version := major_version(program)) < OLDEST:
        return f"Java {version or '(unknown version)'} at {program} is too old; Kafka needs version {OLDEST} or newer."
    return None


def class_path(jars: Path) -> str:
    """All jars in one order: the class-data archive is only used with exactly the class path it was made with."""
    return ":".join(str(path) for path in sorted(jars.glob("*.jar")))
