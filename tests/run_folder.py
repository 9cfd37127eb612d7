"""Holds a run folder against docs/run-folder.md: `undocumented` names what it holds and the page does not say."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from tests.conftest import ROOT
from tests.markdown import rows, section

PAGE = (ROOT / "docs" / "run-folder.md").read_text()


def _names(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def _first(text: str, head: str) -> set[str]:
    """The names in the first column of a table."""
    return {name for row in rows(text, head) for name in _names(row[0])}


FILES = _first(PAGE, "| file |")
KEYS = _first(section(PAGE, "A line of history.jsonl"), "| key |")
KINDS = _first(section(PAGE, "A line of history.jsonl"), "| kind |")
VERDICT = _first(section(PAGE, "verdict.json"), "| key |")
FINDING = _first(section(PAGE, "verdict.json"), "| key of a finding |")
FAULT = _first(section(PAGE, "verdict.json"), "| key of a fault |")


class Documented(NamedTuple):
    """A row about an op."""

    kinds: frozenset[str]
    value: str
    """The cell of its keys."""

    def lets(self, value: Any) -> bool:
        """Whether the page says that a value may look like this."""
        if value is None or "…" in self.value or "*names*" in self.value:
            return True
        if isinstance(value, Mapping):
            return set(value) <= set(_names(self.value))
        return bool({"str": "*text*", "list": "*list*"}.get(type(value).__name__, "*number*") in self.value)


OPS: Mapping[str, Documented] = {
    op: Documented(frozenset(_names(row[1])), row[2])
    for title in ("What the lab itself writes", "What scripts write")
    for row in rows(section(PAGE, title), "| op |")
    for op in _names(row[0])
}


def undocumented(folder: Path) -> list[str]:
    """What this run folder holds and the page does not say, each once."""
    return list(dict.fromkeys([*_files(folder), *_lines(folder), *_verdict(folder)]))


def _files(folder: Path) -> Iterator[str]:
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and re.sub(r"^logs/.+\.log$", "logs/NODE.log", name) not in FILES:
            yield f"file {name}"


def _lines(folder: Path) -> Iterator[str]:
    for text in (folder / "history.jsonl").read_text().splitlines():
        line = json.loads(text)
        yield from (f"key {key} of a line" for key in line.keys() ^ KEYS)
        known = OPS.get(line["op"])
        if not known or line["kind"] not in known.kinds & KINDS:
            yield f"{line['kind']} {line['op']}"
        elif not known.lets(line["value"]):
            told = sorted(line["value"]) if isinstance(line["value"], Mapping) else type(line["value"]).__name__
            yield f"value of {line['kind']} {line['op']}: {told}"


def _verdict(folder: Path) -> Iterator[str]:
    told = json.loads((folder / "verdict.json").read_text())
    yield from (f"key {key} of verdict.json" for key in told.keys() ^ VERDICT)
    yield from (f"key {key} of a finding" for one in told["findings"] for key in one.keys() ^ FINDING)
    yield from (f"key {key} of a fault" for one in told["faults"] for key in one.keys() ^ FAULT)
