"""Fetches Kafka's jars by Maven, once, and checks them against the committed list of SHA-256 sums.

The set-up calls `fetch`; `up` asks `wrong_jars` before it starts a broker. With the jars there and matching, nothing
here calls Maven or the network.
"""

import contextlib
import hashlib
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from lab.cluster.disk import require_room
from lab.cluster.lock import exclusive
from lab.cluster.target import StackUnavailable, Tell
from lab.settings import Settings

VERSION = "4.3.1"
ROOM = 250
"""Megabytes: the jars, Maven's own copy of them, and the class-data archive."""
POM = Path(__file__).with_name("pom.xml")
SUMS = Path(__file__).with_name("jars.sha256")
_COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"
_FETCH_WITHIN = 900.0


def home(settings: Settings) -> Path:
    """The folder of this version: the jars, and what is derived from them."""
    return settings.downloads / f"kafka-{VERSION}"


def folder_of(settings: Settings) -> Path:
    return home(settings) / "jars"


def expected() -> dict[str, str]:
    """File name and SHA-256 of every jar."""
    return {name: digest for digest, name in (line.split() for line in SUMS.read_text().splitlines())}


def maven(settings: Settings) -> str | None:
    """The path of `mvn`; None when there is none."""
    return shutil.which("mvn", path=settings.variables.get("PATH"))


def wrong_jars(folder: Path) -> list[str]:
    """The names of the jars that are missing, differ from the list, or are too many."""
    wanted = expected()
    found = {path.name: _sha256(path) for path in folder.glob("*.jar")}
    return sorted(name for name in wanted.keys() | found.keys() if wanted.get(name) != found.get(name))


def fetch(settings: Settings, tell: Tell) -> None:
    """Have all jars in their place. Raises StackUnavailable with Maven's last words when they cannot be fetched."""
    if not wrong_jars(folder_of(settings)):
        return
    program = maven(settings)
    if program is None:
        raise StackUnavailable("Maven, which fetches Kafka's jars, is missing. `bin/lab doctor` says how to get it.")
    settings.downloads.mkdir(parents=True, exist_ok=True)
    with exclusive(settings.downloads / "kafka.lock", "another fetch of Kafka", tell):
        if not wrong_jars(folder_of(settings)):
            return
        require_room(settings.downloads, ROOM, "Kafka", "use a checkout on another disk")
        tell(f"Fetching Kafka {VERSION}: {len(expected())} jars, 46 MB.")
        with _fetched(settings, program) as folder:
            if wrong := wrong_jars(folder / "jars"):
                raise StackUnavailable(
                    f"{len(wrong)} of Kafka's jars are not those of {SUMS.name} ({', '.join(wrong[:3])}): nothing was "
                    "kept. Try again, or look at what your Maven mirror serves."
                )
            # Archives of classes belong to these very files, so the old folder goes as a whole.
            shutil.rmtree(home(settings), ignore_errors=True)
            folder.rename(home(settings))


@contextlib.contextmanager
def _fetched(settings: Settings, program: str) -> Iterator[Path]:
    """A new folder beside the final one, with `jars/` in it as Maven left them; removed unless it was renamed."""
    for left in settings.downloads.glob("fetching-*"):
        shutil.rmtree(left, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix="fetching-", dir=settings.downloads))
    folder.chmod(0o755)
    try:
        command = [program, "-B", "-ntp", "-C", _COPY, "-f", str(POM), "-DincludeScope=runtime"]
        try:
            done = subprocess.run(
                ["setpriv", "--pdeathsig", "KILL", *command, f"-DoutputDirectory={folder / 'jars'}"],
                cwd=folder,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=_FETCH_WITHIN,
            )
        except subprocess.TimeoutExpired as error:
            raise StackUnavailable(f"Maven did not end within {_FETCH_WITHIN:.0f} s. Is the network there?") from error
        if done.returncode:
            errors = [line for line in done.stdout.splitlines() if line.startswith("[ERROR]")]
            last = "\n  ".join((errors or done.stderr.splitlines())[:3])
            raise StackUnavailable(f"Maven could not fetch Kafka {VERSION}. It says:\n  {last}\nIs the network there?")
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
