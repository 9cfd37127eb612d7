"""README.ru.md against README.md: the same commands, links, code and tables, and each leads to the other."""

import re
from collections import Counter
from pathlib import Path

from babel.messages.pofile import read_po

from lab.demos import scenarios
from lab.notes import CONDITIONS, STATEMENTS

ROOT = Path(__file__).parents[2]
ENGLISH = (ROOT / "README.md").read_text()
RUSSIAN = (ROOT / "README.ru.md").read_text()
with (ROOT / "lab/locale/ru/LC_MESSAGES/lessons.po").open("rb") as file:
    LESSONS = read_po(file, locale="ru")


def in_russian(text: str) -> str:
    message = LESSONS[text]
    assert message, text
    return str(message.string)


def code_blocks(text: str) -> list[list[str]]:
    """Each indented block as its lines, without what a comment says."""
    found = re.findall(r"(?:^    .*\n(?:\n(?=    ))?)+", text, re.MULTILINE)
    return [[re.sub(r"\s+# .*", "", line) for line in block.splitlines()] for block in found]


def tables(text: str) -> list[list[str]]:
    """Each table as its rows."""
    return [block.splitlines() for block in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE)]


def headings(text: str) -> list[int]:
    """The levels of the headings."""
    return [len(marks) for marks in re.findall(r"^(#+) ", text, re.MULTILINE)]


def inline_code(text: str) -> Counter[str]:
    plain = re.sub(r"^    .*$", "", text, flags=re.MULTILINE)
    return Counter(" ".join(code.split()) for code in re.findall(r"`([^`]+)`", plain))


def links(text: str) -> Counter[str]:
    """Where links, pictures and bare addresses lead; those inside the page are named after its own headings."""
    return Counter(re.findall(r"\]\(([^#)][^)]*)\)", text) + re.findall(r"https?://[^\s)]+", text))


def anchors(text: str) -> list[str]:
    return re.findall(r"\]\(#([^)]+)\)", text)


def anchors_of_headings(text: str) -> list[str]:
    """The names that GitHub gives the headings."""
    titles = re.findall(r"^#+ (.*)", text, re.MULTILINE)
    return [re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles]


def is_picture(block: list[str]) -> bool:
    return any("-->" in line for line in block)


def without_pictures(blocks: list[list[str]]) -> list[list[str]]:
    return [block for block in blocks if not is_picture(block)]


def test_both_have_the_same_sections() -> None:
    assert headings(RUSSIAN) == headings(ENGLISH)


def test_both_have_the_same_commands_and_outputs() -> None:
    english, russian = code_blocks(ENGLISH), code_blocks(RUSSIAN)
    assert without_pictures(russian) == without_pictures(english)
    assert [len(block) for block in russian] == [len(block) for block in english]


def test_both_have_the_same_code_in_their_sentences() -> None:
    assert inline_code(RUSSIAN) == inline_code(ENGLISH)


def test_both_have_tables_of_the_same_shape() -> None:
    shapes = [[[row.count("|") for row in table] for table in tables(text)] for text in (RUSSIAN, ENGLISH)]
    assert shapes[0] == shapes[1]


def test_both_lead_to_the_same_places_and_to_each_other() -> None:
    english, russian = links(ENGLISH), links(RUSSIAN)
    assert english - russian == Counter(["README.ru.md"])
    assert russian - english == Counter(["README.md"])


def test_links_inside_lead_to_headings() -> None:
    assert len(anchors(RUSSIAN)) == len(anchors(ENGLISH))
    assert set(anchors(RUSSIAN)) <= set(anchors_of_headings(RUSSIAN))
    assert set(anchors(ENGLISH)) <= set(anchors_of_headings(ENGLISH))


def test_each_scenario_stands_in_it_with_its_russian_claim() -> None:
    rows = {row.split("`")[1]: row for table in tables(RUSSIAN) for row in table if row.startswith("| `")}
    for scenario in scenarios():
        assert in_russian(scenario.claim) in rows[scenario.name], scenario.name


def test_each_statement_stands_in_it_with_its_condition_and_the_scenarios_of_the_english_page() -> None:
    english, russian = (
        {row.split(" | ")[0]: row for table in tables(text) for row in table} for text in (ENGLISH, RUSSIAN)
    )
    for name, says in STATEMENTS.items():
        cells = [f"| {name}", in_russian(says).replace("*", "\\*"), in_russian(CONDITIONS[name])]
        assert russian[f"| {name}"] == " | ".join([*cells, english[f"| {name}"].split(" | ")[-1]])
