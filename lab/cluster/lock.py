"""One at a time: a file lock that says what it waits for, and that a killed holder cannot leave behind."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from lab.cluster.target import StackUnavailable, Tell
from lab.waiting import NotReached, wait_for


@contextlib.contextmanager
def exclusive(path: Path, holder: str, tell: Tell, within: float = 600.0) -> Iterator[None]:
    """Hold `path` locked; while somebody else does, tell that `holder` is waited for. The file may be removed inside.

    Raises StackUnavailable when the file cannot be written, or after `within` seconds.
    """
    try:
        file = wait_for(f"{holder} to end", lambda: _locked(path), within, tell=tell)
    except NotReached as error:
        raise StackUnavailable(f"{holder} has been at work for {within:.0f} s. End it, then try again.") from error
    assert file is not None, "a wait ends with something or raises"
    with file:
        yield


def _locked(path: Path) -> TextIO | None:
    """The open file that holds the lock, or None. A file that was removed while we waited for it does not count."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("a")
    except OSError as error:
        raise StackUnavailable(
            f"{path} cannot be written: {error.strerror}. If it is another user's, become that user; else set "
            "LAB_STATE_ROOT to a folder that you can write."
        ) from error
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if path.exists() and os.path.samestat(os.fstat(file.fileno()), path.stat()):
            return file
    except BlockingIOError:
        pass
    file.close()
    return None
