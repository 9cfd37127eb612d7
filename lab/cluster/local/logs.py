"""What the services printed: the last lines, and lines as they come. Supervisor writes the files and rotates them."""

import os
from collections.abc import Generator, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

from lab.cluster.local.layout import Layout
from lab.waiting import pause

_AT_MOST = 65536
_LOOK_EVERY = 0.2


def last_lines(layout: Layout, name: str, last: int) -> list[str]:
    """The last lines that a service printed, of at most 64 KB; empty when it never ran."""
    try:
        with layout.log(name).open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - _AT_MOST))
            return file.read().decode(errors="replace").splitlines()[-last:] if last else []
    except FileNotFoundError:
        return []


def follow(layout: Layout, names: Sequence[str]) -> Generator[tuple[str, str], None, None]:
    """(service, line) for each line that is printed from now on, without end; goes on over rotation and a new start."""
    return _lines({name: _Tail(layout.log(name)) for name in names})


def _lines(tails: Mapping[str, "_Tail"]) -> Generator[tuple[str, str], None, None]:
    try:
        while True:
            quiet = True
            for name, tail in tails.items():
                for line in tail.new_lines():
                    quiet = False
                    yield name, line
            if quiet:
                pause(_LOOK_EVERY)
    finally:
        for tail in tails.values():
            tail.close()


class _Tail:
    """One log file, read from where it ended when we began."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._rest = b""
        self._file: BinaryIO | None = self._open()
        if self._file:
            self._file.seek(0, os.SEEK_END)

    def new_lines(self) -> list[str]:
        """Whole lines since the last call. An old file is read to its end before its successor is opened."""
        if self._file is None:
            self._file = self._open()
            if self._file is None:
                return []
        text = self._file.read()
        if not text and self._was_replaced():
            self._file.close()
            self._file = self._open()
            text = self._file.read() if self._file else b""
        *lines, self._rest = (self._rest + text).split(b"\n")
        return [line.decode(errors="replace") for line in lines]

    def close(self) -> None:
        if self._file:
            self._file.close()

    def _open(self) -> BinaryIO | None:
        try:
            return self._path.open("rb")
        except FileNotFoundError:
            return None

    def _was_replaced(self) -> bool:
        assert self._file is not None, "only an open file can be replaced"
        try:
            return not os.path.samestat(os.fstat(self._file.fileno()), self._path.stat())
        except FileNotFoundError:
            return True
