"""The journal of faults: written before anything is broken, so that `lab heal` can mend after any crash.

One JSON line a step in the state folder of the stack; a fault is open until its "mended" line is there.
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path

from lab.settings import Settings


@dataclass(frozen=True, slots=True)
class OpenFault:
    """Something that was broken, or was about to be, and that nobody has mended yet."""

    id: str
    fault: str
    node: str


class Journal:
    """The faults of one stack. Appends survive SIGKILL of the writer: each line is on disk before it returns."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def will_break(self, id: str, fault: str, node: str) -> None:
        """Note what is about to be broken."""
        self._append({"id": id, "step": "began", "fault": fault, "node": node})

    def mended(self, id: str) -> None:
        """Note that it is whole again."""
        self._append({"id": id, "step": "mended"})

    def open_faults(self) -> list[OpenFault]:
        """What is still broken, in the order in which it was broken."""
        found: dict[str, OpenFault] = {}
        for entry in self._entries():
            if entry["step"] == "began":
                found[entry["id"]] = OpenFault(entry["id"], entry["fault"], entry["node"])
            else:
                found.pop(entry["id"], None)
        return list(found.values())

    def _entries(self) -> list[dict[str, str]]:
        if not self._path.exists():
            return []
        entries = []
        for line in self._path.read_text().splitlines():
            try:
                entries.append(json.loads(line))
            except json.JSONDecodeError:
                continue  # a line torn by a kill: nothing was broken yet when it was being written
        return entries

    def _append(self, entry: dict[str, str]) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        torn = self._path.exists() and not self._path.read_bytes().endswith(b"\n")
        with self._path.open("a") as file:
            file.write(("\n" if torn else "") + json.dumps(entry) + "\n")
            file.flush()
            os.fsync(file.fileno())


def journal_of(settings: Settings) -> Journal:
    """The journal of the stack that these settings name."""
    return Journal(settings.state / "faults.jsonl")
