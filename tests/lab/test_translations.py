"""Every word that the lab says has its Russian, in the right catalogue, and every catalogue holds nothing else."""

import ast
import re
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.pofile import read_po

from lab.words import LOCALE
from tests.extract import LAB, catalogue, marked, of_others, unmarked, words, written

FOLDER = LOCALE / "ru" / "LC_MESSAGES"
CATALOGUE = FOLDER / "lab.po"
SOURCES = words()
SAID = catalogue(CATALOGUE)
CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)  # noqa: RUF001 - these are the Russian letters
AS_IT_IS = {"REST", "RabbitMQ", "Celery", "Channels", "Messaging Lab", "id", "outbox", "ok"}
"""Names that are the same in both languages."""
ENUMERATED = {
    "scenario.claim", "scenario.question", "scenario.lesson", "found.claim", "p.says", "chosen.says",
    "known.claim", "known.question", "known.lesson", "row.says", "row.condition", "STATEMENTS[number]",
    "CONDITIONS[number]", "claim", "lesson", "question", "says",
}  # fmt: skip
"""What test_lessons_in_russian.py goes through: it stands in scenarios and in lab/notes.py."""
FROM_HISTORY = {
    "event.name", "fault.fault", "fault.name", "fault.why", "seen.name.replace('_', ' ')", "line.op",
    "line.op.replace('_', ' ')", "note.op.replace('_', ' ')", "self.phase", "now.phase", "name", "what",
    "line.value['what']", "value['what']", "note.value['what']", "open_faults[0].name", "touched[0].name",
    "check.replace('_', ' ')", "whole", "head", "tail", "bound_by", "str(wrong[0]['what'])",
    "str(wrong[0]['cheaper'])",
}  # fmt: skip
"""What test_findings_in_russian.py goes through: names of faults, steps, phases, checks and counts."""
MARKED_ELSEWHERE = re.compile(r"_?[A-Z_]+(\[.+\])?|desk\.read_only|sentences\[\d\]|of|few\['of'\]|because|without|says")
"""A constant or a local name whose texts are marked with `later` where they are written."""


def places(text: str) -> list[tuple[str, str | None, str | None]]:
    return sorted((name, spec, how) for _, name, spec, how in Formatter().parse(text) if name is not None)


def test_every_word_of_code_and_templates_has_its_russian() -> None:
    everywhere = {**of_others(CATALOGUE), **SAID}
    lacking = {text: path for text, path in SOURCES.items() if not everywhere.get(text)}
    assert lacking == {}, "write them with `python -m tests.extract`, then translate them"


def test_the_catalogue_holds_nothing_that_nobody_says() -> None:
    assert sorted(SAID.keys() - SOURCES.keys()) == []
    for path in FOLDER.glob("*.po"):
        with path.open("rb") as file:
            assert not read_po(file, locale="ru").obsolete, path.name


def test_no_text_stands_in_two_catalogues() -> None:
    assert sorted(SAID.keys() & of_others(CATALOGUE).keys()) == []


def test_no_translation_is_a_guess() -> None:
    for path in FOLDER.glob("*.po"):
        with path.open("rb") as file:
            assert [one.id for one in read_po(file, locale="ru") if one.fuzzy and one.id] == [], path.name


def test_every_translation_has_the_places_of_its_text() -> None:
    assert {text: said for text, said in SAID.items() if said and places(text) != places(said)} == {}


def test_every_translation_keeps_commands_and_code() -> None:
    def code(text: str) -> list[str]:
        return sorted(re.findall(r"`[^`]+`|--\w[\w-]*", text))

    assert {text: said for text, said in SAID.items() if said and code(text) != code(said)} == {}


def test_every_translation_is_russian() -> None:
    without_places = {text: re.sub(r"\{[^}]*\}", "", said) for text, said in SAID.items()}
    wordless = {text for text, said in without_places.items() if not re.search(r"\w", said)}
    latin = {text for text, said in without_places.items() if said and not CYRILLIC.search(said)}
    assert latin - wordless - AS_IT_IS == set()


def test_the_catalogue_is_as_the_extraction_writes_it() -> None:
    assert CATALOGUE.read_text() == written(SAID, {text: SOURCES.get(text, "") for text in SAID})


@pytest.mark.parametrize("path", sorted(LAB.rglob("*.py")), ids=lambda path: path.relative_to(LAB).as_posix())
def test_what_is_translated_is_written_there_or_enumerated(path: Path) -> None:
    asked = {call.partition(": _(")[2].removesuffix(")") for call in unmarked(path) if ": _(" in call}
    known = ENUMERATED | FROM_HISTORY
    assert {one for one in asked if one not in known and not MARKED_ELSEWHERE.fullmatch(one)} == set()


@pytest.mark.parametrize("path", sorted(LAB.rglob("*.py")), ids=lambda path: path.relative_to(LAB).as_posix())
def test_no_text_is_glued_or_filled_in_before_it_is_translated(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("_", "later"):
            assert not isinstance(node.args[0], ast.JoinedStr | ast.BinOp), ast.unparse(node)


def test_words_are_found_in_code_in_templates_and_inside_other_texts(tmp_path: Path) -> None:
    code, template = tmp_path / "a.py", tmp_path / "a.html"
    code.write_text('x = _("one"), f"{_(\'two\')}", later("three"), _(four), _("fi" "ve")\n')
    template.write_text('<p title="{{ _(\'one\') }}">{{ _(name) }}{% if x %}{{ _("two {n}").format(n=1) }}{% endif %}')
    assert list(marked(code)) == ["one", "two", "three", "five"]
    assert list(marked(template)) == ["one", "two {n}"]


def test_a_catalogue_is_written_so_that_it_reads_the_same(tmp_path: Path) -> None:
    said = {'a "quoted"\nline': "строка \\ вторая", "long " * 60 + "end": "длинная " * 60, "{n} left": "осталось {n}"}
    path = tmp_path / "ru" / "LC_MESSAGES" / "lab.po"
    path.parent.mkdir(parents=True)
    path.write_text(written(said, dict.fromkeys(said, "lab/a.py")))
    assert catalogue(path) == said
    assert max(map(len, path.read_text().splitlines())) <= 120
    assert path.read_text().count("python-brace-format") == 1
