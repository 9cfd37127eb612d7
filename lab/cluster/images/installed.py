"""Programs that the distribution's packages bring, and where they stand."""

import shutil

from lab.cluster.images.place import SEARCH_PATH


def find_program(name: str) -> str | None:
    """The path of an installed program, also where an ordinary user's search path does not reach."""
    return shutil.which(name, path=SEARCH_PATH)


def missing_program(name: str, package: str) -> list[str]:
    """A sentence when the program is not installed, else nothing."""
    return [] if find_program(name) else [f"{name} is missing (package {package})."]
