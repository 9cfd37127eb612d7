"""The catalogue lessons.po against the scenarios and the notes: nothing missing, nothing left over, nothing lost."""

import re
from collections import Counter
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from lab.demos import scenarios
from lab.notes import CONDITIONS, STATEMENTS

CATALOGUE = Path(__file__).parents[2] / "lab/locale/ru/LC_MESSAGES/lessons.po"
COLUMNS = 100


def wanted() -> list[str]:
    """Every text that a page or a command shows of a scenario or of the notes, once, in the order of `lab list`."""
    texts = [*STATEMENTS.values(), *CONDITIONS.values()]
    for one in scenarios():
        texts += [one.claim, one.question, *(prediction.says for prediction in one.predictions), one.lesson]
    return list(dict.fromkeys(texts))


def catalogue(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale="ru")


CATALOG = catalogue(CATALOGUE)
MESSAGES = [message for message in CATALOG if message.id]


def blocks(text: str) -> list[tuple[str, str]]:
    """The text's paragraphs, each as ("picture" or "prose", itself); prose on one line."""
    parts = text.split("\n\n")
    return [("picture", part) if part.startswith("    ") else ("prose", " ".join(part.split())) for part in parts]


def prose(text: str) -> str:
    return "\n".join(part for kind, part in blocks(text) if kind == "prose")


def places(text: str) -> Counter[str]:
    """The {places} that are filled in, and template tags."""
    return Counter(re.findall(r"\{[^{}\n]*\}", text))


def code(text: str) -> Counter[str]:
    """What stands in backticks in prose; in pictures a backtick is the corner of a line."""
    return Counter(re.findall(r"`([^`\n]+)`", prose(text)))


def numbers(text: str) -> Counter[str]:
    """The numbers, with a point where English has a comma for thousands and Russian one for decimals."""
    plain = re.sub(r"(?<=\d),(?=\d{3}\b)", "", text)
    return Counter(re.findall(r"\d+(?:\.\d+)?", re.sub(r"(?<=\d),(?=\d)", ".", plain)))


def lost(english: str, russian: str) -> list[str]:
    """What the translation does not keep of the original, as sentences."""
    kept = {"places": places, "code": code, "numbers": numbers}
    said = [
        f"{what}: {dict(of(english) - of(russian))} is missing, {dict(of(russian) - of(english))} is new"
        for what, of in kept.items()
        if of(english) != of(russian)
    ]
    if [kind for kind, _ in blocks(english)] != [kind for kind, _ in blocks(russian)]:
        said.append("other paragraphs, or a picture is gone")
    if not re.search("[а-яё]", russian):  # noqa: RUF001 - these are the Russian letters
        said.append("not in Russian")
    return said


def test_every_text_of_the_scenarios_and_notes_is_translated_and_no_other_one() -> None:
    assert [text for text in wanted() if not (CATALOG.get(text) and CATALOG[text].string)] == []
    assert sorted({str(message.id) for message in MESSAGES} - set(wanted())) == []
    assert list(CATALOG.obsolete) == []


def test_a_text_that_stands_in_two_catalogues_is_translated_alike() -> None:
    others = [path for path in CATALOGUE.parent.glob("*.po") if path != CATALOGUE]
    shared = [(str(m.id), m.string, CATALOG[m.id].string) for p in others for m in catalogue(p) if m.id in CATALOG]
    assert [texts for texts in shared if texts[0] and texts[1] != texts[2]] == []


def test_no_translation_is_a_guess() -> None:
    assert not CATALOG.fuzzy
    assert [message.id for message in MESSAGES if message.fuzzy] == []


def test_each_translation_keeps_places_code_numbers_and_pictures() -> None:
    found = {str(message.id): lost(str(message.id), str(message.string)) for message in MESSAGES}
    assert {text: what for text, what in found.items() if what} == {}


def test_what_a_translation_loses_is_found() -> None:
    assert lost("Kill `kafka-1` after 0.3 seconds.", "Убить `kafka-1` через 0,3 секунды.") == []
    assert lost("1,000 tasks", "1000 задач") == []
    assert "code" in lost("Kill `kafka-1`.", "Убить `kafka-2`.")[0]
    assert "numbers" in lost("after 0.3 seconds", "через 3 секунды")[0]
    assert "places" in lost("{n} of them", "{m} из них")[0]
    assert "picture" in lost("One.\n\n    a --> b", "\n\n".join(["Один.", "Сначала первый."]))[0]
    assert lost("One.", "One.") == ["not in Russian"]


def test_pictures_fit_into_a_hundred_columns_and_prose_into_a_line() -> None:
    lines = [line for message in MESSAGES if "\n\n" in message.id for line in str(message.string).splitlines()]
    assert [line for line in lines if len(line) > (COLUMNS if line.startswith("    ") else 120)] == []


def test_the_header_says_language_and_plurals_and_nothing_of_how_it_was_made() -> None:
    header = CATALOGUE.read_text().split("\n\n")[0]
    assert '"Language: ru\\n"' in header
    assert "Plural-Forms: nplurals=3" in header
    assert "charset=utf-8" in header
    assert not re.search("Date|Translator|Team|Generator|Generated|Project", header)
