"""A run folder as one file: GET /runs/{run}.zip. Written while it is sent, so a large run needs no room and no wait.

Only what stands in the folder: links are passed over, and so is whatever is no plain file.
"""

import os
import stat
import zipfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from lab.console.desk import desk_of
from lab.console.missing import no_such_run
from lab.console.records import folder_of

CHUNK = 256 * 1024


class _Sink:
    """What a ZipFile has written and nobody has sent yet. ZipFile knows how to do without seeking in it."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._parts.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""

    def close(self) -> None:
        """There is nothing to let go."""

    def take(self) -> bytes:
        data, self._parts = b"".join(self._parts), []
        return data


def download(request: Request) -> Response:
    """The folder, or the page that says there is none."""
    name = request.path_params["run"]
    folder = folder_of(desk_of(request).settings.runs, name)
    if not folder:
        return no_such_run(request, name)
    headers = {"Content-Disposition": f'attachment; filename="{name}.zip"'}
    return StreamingResponse(zipped(folder), media_type="application/zip", headers=headers)


def zipped(folder: Path) -> Iterator[bytes]:
    """The bytes of a zip file that holds the folder, named as the folder."""
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in plain_files(folder):
            try:
                file = os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb")
            except OSError:
                continue
            with file:
                yield from _one(archive, sink, file, f"{folder.name}/{path.relative_to(folder)}")
    yield sink.take()


def plain_files(folder: Path) -> Iterator[Path]:
    """Every plain file below a folder, in order; no link is followed."""
    with os.scandir(folder) as entries:
        found = sorted(entries, key=lambda entry: entry.name)
    for entry in found:
        if entry.is_dir(follow_symlinks=False):
            yield from plain_files(Path(entry.path))
        elif entry.is_file(follow_symlinks=False):
            yield Path(entry.path)


def _one(archive: zipfile.ZipFile, sink: _Sink, file: BinaryIO, name: str) -> Iterator[bytes]:
    """One file as it was when it was opened: a history that goes on growing ends there."""
    seen = os.fstat(file.fileno())
    if not stat.S_ISREG(seen.st_mode):
        return
    about = zipfile.ZipInfo(name, datetime.fromtimestamp(seen.st_mtime).timetuple()[:6])
    about.compress_type = zipfile.ZIP_DEFLATED
    about.external_attr = 0o644 << 16
    left = seen.st_size
    with archive.open(about, "w", force_zip64=left > 2**31 - 1) as into:
        while left and (data := file.read(min(CHUNK, left))):
            left -= len(data)
            into.write(data)
            yield sink.take()
    yield sink.take()


ROUTES = [Route("/runs/{run}.zip", download)]
