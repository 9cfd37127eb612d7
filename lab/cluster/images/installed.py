"""Programs that the distribution's packages bring, and where they stand."""

import shutil
import subprocess

from lab.cluster.images.place import SEARCH_PATH


def find_program(name: str) -> str | None:
    """The path of an installed program, also where an ordinary user's search path does not reach."""
    return shutil.which(name, path=SEARCH_PATH)


def missing_program(name: str, package: str) -> list[str]:
    """A sentence when the program is not installed, else nothing."""
    return [] if find_program(name) else [f"{name} is missing (package {package})."]


def package_version(package: str) -> str | None:
    """The version of an installed package as upstream counts it: without Debian's epoch and revision.

    Asked of dpkg: running a server to see its version may start it.
    """
    if not shutil.which("dpkg-query", path=SEARCH_PATH):
        return None
    done = subprocess.run(
        ["dpkg-query", "-W", "-f", "${source:Upstream-Version}", package], capture_output=True, text=True, check=False
    )
    return done.stdout.strip() or None
