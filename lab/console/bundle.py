"""The console's static files as blocks that stand within a page: what a report is made of, since it loads nothing.

Each block comes with the hash by which the page's content security policy lets it, and nothing else, work.
"""

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

STATIC = Path(__file__).resolve().parent / "static"
UPLOT = STATIC / "vendor" / "uplot"
REPORT_MODULES = (
    "reduce.js",
    "shapes.js",
    "faults.js",
    "lanes.js",
    "rates.js",
    "timeline.js",
    "replay.js",
    "report.js",
)
"""In an order in which each stands after those that it imports."""

_IMPORT = re.compile(r"^import .*;\n|^export \{.*;\n", re.MULTILINE)
_EXPORT = re.compile(r"^export (?=const|function|class|async)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Block:
    """The inside of a <script> or <style> element, safe to stand there as it is."""

    text: Markup
    kind: str = ""
    """The element's `type`."""

    @property
    def hash(self) -> Markup:
        """Its source expression in a content security policy."""
        digest = hashlib.sha256(self.text.encode()).digest()
        return Markup(f"'sha256-{base64.b64encode(digest).decode()}'")


def style() -> Block:
    """uPlot's stylesheet and ours."""
    return _block((UPLOT / "uPlot.min.css").read_text() + "\n" + (STATIC / "console.css").read_text())


def scripts() -> list[Block]:
    """uPlot with its licence, then our modules as one."""
    licence = (UPLOT / "LICENSE").read_text().replace("*/", "* /")
    uplot = f"/*\n{licence}\n*/\n{(UPLOT / 'uPlot.iife.min.js').read_text()}"
    ours = "\n".join(one_module((STATIC / name).read_text()) for name in REPORT_MODULES)
    return [_block(uplot), _block(ours, "module")]


def one_module(text: str) -> str:
    """A module's text without what binds it to others. Every import and export stands on one line, as we write them."""
    return _EXPORT.sub("", _IMPORT.sub("", text))


def data(value: Mapping[str, str]) -> Markup:
    """JSON that cannot end the element it stands in."""
    return Markup(json.dumps(value, ensure_ascii=False).replace("<", "\\u003c"))


def _block(text: str, kind: str = "") -> Block:
    if re.search(r"</(script|style)|<!--", text, re.IGNORECASE):
        raise ValueError("a static file holds the end of its own element")
    return Block(Markup(text), kind)
