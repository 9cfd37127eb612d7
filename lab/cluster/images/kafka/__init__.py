"""apache/kafka without Docker: the same jars, and the image's own start-up class, in a JVM of our own flags.

`KafkaDockerWrapper` is what the image runs first: it turns the KAFKA_* variables into server.properties and formats
the data folder. We run it only when those variables have changed, since it costs the start of a JVM.
"""

import shlex
from pathlib import Path

from lab.cluster.disk import errors_told
from lab.cluster.images.kafka import archive, jars
from lab.cluster.images.kafka.java import FLAGS, class_path, find_java, why_java_is_no_use
from lab.cluster.images.place import Place, Program
from lab.cluster.stack import StackError
from lab.cluster.target import StackUnavailable, Tell
from lab.settings import Settings

_LOG4J = Path(__file__).with_name("log4j2.properties")

_START = """\
if ! [ -f {data}/meta.properties ] || ! cmp -s variables variables.done; then
  said=$({setup} 2>&1) || case $said in *"already formatted"*) ;; *) echo "$said"; exit 1 ;; esac
  cp variables variables.done
fi
exec {run}
"""


def program(place: Place) -> Program:
    """A broker or a controller, as its KAFKA_* variables say."""
    if place.tag != jars.VERSION:
        raise StackError(
            f"docker-compose.yml: service {place.name}: image: the local target has Kafka {jars.VERSION}, not "
            f"{place.tag or 'an image without a tag'}. Take KAFKA_IMAGE back, or use --target compose."
        )
    folder, settings = place.folder, place.settings
    environment = {name: value for name, value in place.environment.items() if name != "KAFKA_HEAP_OPTS"}
    options = [*FLAGS, f"-Djava.io.tmpdir={folder}/tmp", "-cp", class_path(jars.folder_of(settings))]
    if shared := archive.existing(settings):
        options.insert(0, f"-XX:SharedArchiveFile={shared}")
    # In a file, since the class path alone would make every list of processes unreadable.
    command = [find_java(settings) or "java", f"@{folder}/java.options"]
    setup = [
        *(*command, "kafka.docker.KafkaDockerWrapper", "setup"),
        *("--default-configs-dir", "none", "--mounted-configs-dir", "none", "--final-configs-dir", "."),
    ]
    heap = shlex.split(place.environment.get("KAFKA_HEAP_OPTS", ""))
    log = f"-Dlog4j2.configurationFile={folder}/log4j2-console.properties"
    run = [*command, *heap, log, "kafka.Kafka", "server.properties"]
    data = environment.setdefault("KAFKA_LOG_DIRS", f"{folder}/data")
    start = _START.format(data=shlex.quote(data), setup=shlex.join(setup), run=shlex.join(run))
    files: dict[Path, str | bytes] = {
        folder / "variables": "".join(f"{name}={value}\n" for name, value in sorted(environment.items())),
        folder / "java.options": "".join(f'"{option}"\n' for option in options),
        folder / "log4j2-console.properties": _LOG4J.read_text(),
        folder / "none" / "README": "KafkaDockerWrapper wants a folder with default settings; the stack has none.\n",
        folder / "tmp" / "README": "Where this broker's JVM unpacks its native libraries.\n",
    }
    return Program(["bash", "-c", start], environment, files)


def version() -> str | None:
    """That of the jars, whatever tag the file names."""
    return jars.VERSION


def needed_packages(settings: Settings) -> list[str]:
    """Java for the brokers; Maven only while their jars have not been fetched."""
    needed = []
    if why_java_is_no_use(settings):
        needed.append("default-jre-headless")
    if jars.maven(settings) is None and jars.wrong_jars(jars.folder_of(settings)):
        needed.append("maven")
    return needed


def prepare(settings: Settings, tell: Tell) -> None:
    """Fetch the jars and make the class-data archive, where that has not been done. StackUnavailable if it fails."""
    if reason := why_java_is_no_use(settings):
        raise StackUnavailable(f"{reason} `bin/lab doctor` says how to get it.")
    with errors_told(settings.downloads, "use a checkout on another disk"):
        jars.fetch(settings, tell)
        archive.make(settings, tell)


def missing(settings: Settings) -> list[str]:
    """What a broker cannot start without, a sentence each; empty when all is there."""
    found = []
    if reason := why_java_is_no_use(settings):
        found.append(reason)
    if wrong := jars.wrong_jars(jars.folder_of(settings)):
        found.append(f"{len(wrong)} of the {len(jars.expected())} jars of Kafka {jars.VERSION} are missing.")
        if jars.maven(settings) is None:
            found.append("Maven, which fetches them, is missing.")
    return found
