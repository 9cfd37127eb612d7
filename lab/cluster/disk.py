"""A disk that is full or may not be written, said in one sentence instead of a traceback."""

import contextlib
import errno
import shutil
from collections.abc import Iterator
from pathlib import Path

from lab.cluster.target import StackUnavailable

_MB = 1024 * 1024


@contextlib.contextmanager
def errors_told(folder: Path, choose: str) -> Iterator[None]:
    """Turn OSError into StackUnavailable. `choose` says how to use another place than `folder`, as a clause."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StackUnavailable(f"The disk that holds {folder} is full. Free some space, or {choose}.") from error
        what = error.filename or folder
        raise StackUnavailable(f"{what} cannot be used: {error.strerror or error}. Mend that, or {choose}.") from error


def make_for_mounting(folder: Path, choose: str) -> None:
    """Make a folder that services see. Docker would make it too, but as root. Raises StackUnavailable."""
    with errors_told(folder, choose):
        folder.mkdir(parents=True, exist_ok=True)


def require_room(folder: Path, megabytes: int, what_for: str, choose: str) -> None:
    """Raises StackUnavailable when the disk of `folder` (or of what it will be made in) has less room."""
    place = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(place).free // _MB
    if free < megabytes:
        raise StackUnavailable(
            f"{what_for} needs {megabytes} MB at {folder}, and the disk has {free} MB free. "
            f"Free some space, or {choose}."
        )
