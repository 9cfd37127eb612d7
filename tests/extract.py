"""Bring lab.po of each language up to date: `python -m tests.extract`.

The words of the code and of its templates are looked for, what is new is put in with an empty translation, and what
nobody says any more is taken out. What another catalogue holds already (checks.po, lessons.po) is left to it.
tests/lab/test_translations.py holds the catalogues against the same words.
"""

import ast
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from babel.messages.pofile import read_po
from jinja2.ext import babel_extract

from lab.words import LANGUAGES, LOCALE

LAB = LOCALE.parent
MARKS = ("_", "later")
"""Whose first argument is a text."""
WIDTH = 110
HEADER = r"""# The words of the commands, the pages and the terminal, in Russian.
msgid ""
msgstr ""
"Language: ru\n"
"Plural-Forms: nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2);\n"
"MIME-Version: 1.0\n"
"Content-Type: text/plain; charset=utf-8\n"
"Content-Transfer-Encoding: 8bit\n"
"""


def words() -> dict[str, str]:
    """Every text that is marked in lab/, and the file that says it first."""
    found: dict[str, str] = {}
    for path in [*sorted(LAB.rglob("*.py")), *sorted(LAB.rglob("*.html"))]:
        for text in marked(path):
            found.setdefault(text, path.relative_to(LAB.parent).as_posix())
    return found


def marked(path: Path) -> Iterator[str]:
    """The texts that one file hands to `_` or `later`, in its order."""
    if path.suffix == ".py":
        yield from (text for call in _calls(path) if (text := _literal_of(call)))
        return
    with path.open("rb") as file:
        for _line, _name, said, _comments in babel_extract(file, MARKS, [], {}):
            if isinstance(said, str) and said:
                yield said


def unmarked(path: Path) -> Iterator[str]:
    """Calls of `_` in a Python file whose text is not written there, as `file: call`."""
    for call in _calls(path):
        if not _literal_of(call):
            yield f"{path.relative_to(LAB.parent).as_posix()}: {ast.unparse(call)}"


def _calls(path: Path) -> list[ast.Call]:
    """Of `_` and `later`, in the order of the file."""
    nodes = ast.walk(ast.parse(path.read_text()))
    calls = [
        node
        for node in nodes
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MARKS
    ]
    return sorted(calls, key=lambda call: (call.lineno, call.col_offset))


def _literal_of(call: ast.Call) -> str:
    """The text that stands in the call; empty when it stands elsewhere."""
    argument = call.args[0] if len(call.args) == 1 else None
    return argument.value if isinstance(argument, ast.Constant) and isinstance(argument.value, str) else ""


def catalogue(path: Path) -> Mapping[str, str]:
    """Text and translation; empty when there is no such file."""
    if not path.exists():
        return {}
    with path.open("rb") as file:
        return {str(one.id): str(one.string) for one in read_po(file, locale=path.parent.parent.name) if one.id}


def of_others(path: Path) -> Mapping[str, str]:
    """What the other catalogues of this language hold."""
    return {
        text: said
        for other in sorted(path.parent.glob("*.po"))
        if other != path
        for text, said in catalogue(other).items()
    }


def written(said: Mapping[str, str], sources: Mapping[str, str]) -> str:
    """A catalogue's text: by source file, in the order of the code, without line numbers and dates."""
    out = io.StringIO()
    out.write(HEADER)
    for text in sorted(said, key=lambda one: sources[one]):
        out.write(f"\n#: {sources[text]}\n")
        if re.search(r"\{\w+", text):
            out.write("#, python-brace-format\n")
        out.write(f"msgid {_quoted(text)}\nmsgstr {_quoted(said[text])}\n")
    return out.getvalue()


def _quoted(text: str) -> str:
    lines = list(_lines(text))
    return _in_quotes(text) if len(lines) < 2 else "\n".join(['""', *map(_in_quotes, lines)])


def _lines(text: str) -> Iterable[str]:
    """Cut after a line's end, and where it would be too long between two words."""
    for line in text.splitlines(keepends=True):
        part = ""
        for word in re.findall(r"\S*\s*", line):
            if part and len(part + word) > WIDTH:
                yield part
                part = ""
            part += word
        yield part


def _in_quotes(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def main() -> None:
    """Write each language's lab.po, and say what lacks in it."""
    sources = words()
    for language in LANGUAGES[1:]:
        path = LOCALE / language / "LC_MESSAGES" / "lab.po"
        before, elsewhere = catalogue(path), of_others(path)
        said = {text: before.get(text, "") for text in sources if text not in elsewhere}
        path.write_text(written(said, sources))
        lacking = [text for text in said if not said[text]]
        print(f"{path.relative_to(LAB.parent)}: {len(said)} texts, {len(lacking)} without a translation")


if __name__ == "__main__":
    main()
