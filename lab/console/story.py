"""The story of a run in sentences, those that `lab run` prints.

The page of a run (run.py) asks for what is new whenever a line arrived that may be worth a sentence. Each story reads
on in the history where it stopped.
"""

import threading
from collections import OrderedDict
from pathlib import Path

import msgspec

from lab.history import Op
from lab.live import Progress

KEPT = 32
WORTH = frozenset(["fault", "note", "observe"])


class _Kind(msgspec.Struct):
    kind: str


class Story:
    """What is worth a sentence in one history, as far as it has been read."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.told: list[tuple[float, str, str]] = []
        """(seconds, what the line is about, sentence)"""
        self._progress = Progress()
        self._read = 0
        self._lock = threading.Lock()

    def go_on(self) -> None:
        """Read the whole lines that are new. A line that is none, as in a torn file, ends the story."""
        kind_of, line_of = msgspec.json.Decoder(_Kind).decode, msgspec.json.Decoder(Op).decode
        with self._lock, self.path.open("rb") as file:
            file.seek(self._read)
            for line in file:
                if not line.endswith(b"\n"):
                    return
                self._read += len(line)
                if kind_of(line).kind in WORTH:
                    self._take(line_of(line))

    def _take(self, op: Op) -> None:
        sentence = self._progress.take(op)
        if sentence:
            self.told.append((op.t, op.op, sentence))


class Stories:
    """The stories that were asked for last, by history and language."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[Path, int, str], Story] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, path: Path, language: str) -> Story:
        """The one of this file; another file of the same name gets another."""
        key = (path, path.stat().st_ino, language)
        with self._lock:
            story = self._kept.setdefault(key, Story(path))
            self._kept.move_to_end(key)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return story
