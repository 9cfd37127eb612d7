"""Kafka's jars are fetched once, whole or not at all; a failure is a sentence. Maven and Java are stand-ins here."""

import hashlib
import os
from pathlib import Path

import pytest

from lab import settings as environment
from lab.cluster.images import kafka
from lab.cluster.images.kafka import archive, jars
from lab.cluster.target import StackUnavailable
from lab.settings import Settings

MVN = """\
#!/bin/sh
echo called >> {calls}
for word; do case $word in -DoutputDirectory=*) folder=${{word#*=}};; esac; done
{body}
"""


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A checkout without anything fetched; the list of jars names one, whose content is "good"."""
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:{os.environ['PATH']}")
    monkeypatch.delenv("JAVA_HOME", raising=False)
    sums = tmp_path / "jars.sha256"
    sums.write_text(f"{hashlib.sha256(b'good').hexdigest()}  broker.jar\n")
    monkeypatch.setattr(jars, "SUMS", sums)
    return environment.read(tmp_path)


def stand_in(settings: Settings, name: str, text: str) -> None:
    program = settings.root / "bin" / name
    program.write_text(text)
    program.chmod(0o755)


def maven(settings: Settings, body: str) -> None:
    stand_in(settings, "mvn", MVN.format(calls=settings.root / "calls", body=body))


def test_jars_are_fetched_once_and_maven_is_not_called_again(settings: Settings) -> None:
    maven(settings, 'mkdir "$folder"; printf good > "$folder/broker.jar"')
    told: list[str] = []
    for _ in range(2):
        jars.fetch(settings, told.append)
    assert (jars.folder_of(settings) / "broker.jar").read_text() == "good"
    assert (settings.root / "calls").read_text() == "called\n"
    assert told == [f"Fetching Kafka {jars.VERSION}: 1 jars, 46 MB."]
    assert sorted(os.listdir(settings.downloads)) == [jars.home(settings).name, "kafka.lock"]


def test_a_jar_that_was_changed_is_fetched_again(settings: Settings) -> None:
    maven(settings, 'mkdir "$folder"; printf good > "$folder/broker.jar"')
    jars.fetch(settings, print)
    (jars.folder_of(settings) / "broker.jar").write_text("tampered with")
    assert kafka.missing(settings)
    jars.fetch(settings, print)
    assert (jars.folder_of(settings) / "broker.jar").read_text() == "good"


def test_jars_that_are_not_the_listed_ones_are_not_kept(settings: Settings) -> None:
    maven(settings, 'mkdir "$folder"; printf bad > "$folder/broker.jar"')
    with pytest.raises(StackUnavailable, match=r"1 of Kafka's jars are not those of jars.sha256 \(broker.jar\)"):
        jars.fetch(settings, print)
    assert os.listdir(settings.downloads) == ["kafka.lock"]


def test_without_a_network_maven_s_own_error_is_shown(settings: Settings) -> None:
    maven(settings, 'echo "[INFO] resolving"; echo "[ERROR] Could not transfer artifact: Unknown host"; exit 1')
    with pytest.raises(StackUnavailable) as error:
        jars.fetch(settings, print)
    assert "Maven could not fetch Kafka" in str(error.value)
    assert "Could not transfer artifact: Unknown host" in str(error.value)
    assert "[INFO]" not in str(error.value)


def test_what_a_killed_fetch_left_behind_is_removed_by_the_next(settings: Settings) -> None:
    (settings.downloads / "fetching-x" / "jars").mkdir(parents=True)
    maven(settings, 'mkdir "$folder"; printf good > "$folder/broker.jar"')
    jars.fetch(settings, print)
    assert not (settings.downloads / "fetching-x").exists()


def test_without_maven_the_doctor_is_named(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(settings.root / "bin"))
    with pytest.raises(StackUnavailable, match=r"Maven.* is missing\. `bin/lab doctor`"):
        jars.fetch(environment.read(settings.root), print)


def test_a_java_that_makes_no_class_data_archive_is_told_and_done_without(settings: Settings) -> None:
    maven(settings, 'mkdir "$folder"; printf good > "$folder/broker.jar"')
    stand_in(settings, "java", "#!/bin/sh\necho 'openjdk version \"17.0.1\"' >&2\n")
    told: list[str] = []
    kafka.prepare(settings, told.append)
    assert told[-1].startswith("Java made no class-data archive")
    assert archive.existing(settings) is None
    assert kafka.missing(settings) == []
