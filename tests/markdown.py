"""Reads our own Markdown pages for the tests that hold them: fenced blocks, tables, code spans, links."""

import re
from collections.abc import Iterator

_FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")


def blocks(text: str, language: str) -> list[str]:
    """The inside of each fenced block of that language, without the indent of a list."""
    return [
        "".join(line.removeprefix(found[1]) for line in found[3].splitlines(keepends=True))
        for found in _FENCE.finditer(text)
        if found[2] == language
    ]


def prose(text: str) -> str:
    """The text without its fenced blocks."""
    return _FENCE.sub("", text)


def spans(text: str) -> list[str]:
    """What stands in backticks in the prose."""
    return _SPAN.findall(prose(text))


def links(text: str) -> list[str]:
    """Where links and pictures of the prose lead."""
    return _LINK.findall(prose(text))


def rows(text: str, head: str) -> Iterator[list[str]]:
    """The cells of each row of the table whose first line begins with `head`."""
    lines = iter(text.splitlines())
    for line in lines:
        if line.startswith(head):
            break
    next(lines, None)  # the line of dashes
    for line in lines:
        if not line.startswith("|"):
            return
        yield [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


def indented_blocks(text: str) -> list[list[str]]:
    """The lines of each block that is set off by four spaces, without them."""
    found: list[list[str]] = []
    before = ""
    for line in text.splitlines():
        if line.startswith("    ") and line.strip():
            if not before.startswith("    "):
                found.append([])
            found[-1].append(line[4:])
        before = line
    return found


def section(text: str, title: str) -> str:
    """What stands under the heading of that title, as far as the next heading of the same level."""
    _, _, rest = text.partition(f"\n## {title}\n")
    assert rest, f"there is no section {title!r}"
    return rest.partition("\n## ")[0]
