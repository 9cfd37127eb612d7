"""README.md against the data and the code: its table of statements, its links and pictures, and what it quotes.

Its commands are run in tests/services/test_readme_walk.py, its table of scenarios is held in tests/test_repository.py.
"""

import re

from msgspec.structs import replace

from lab import demos, statements
from tests.conftest import ROOT
from tests.markdown import links, rows, spans

README = (ROOT / "README.md").read_text()
MOST_BYTES = 200_000


def test_the_table_of_statements_is_that_of_the_data_with_the_verdict_that_each_scenario_must_give() -> None:
    claims = [statements.claim_of(scenario) for scenario in demos.scenarios()]
    table = [
        replace(row, shown_by=[replace(word, verdict="HOLDS") for word in row.shown_by])
        for row in statements.table(claims, {})
    ]
    expected = "\n".join(statements.markdown(table))
    assert expected in README, f"README.md should have this table:\n{expected}"


def test_a_table_shows_the_last_run_and_what_markdown_would_take_for_its_own() -> None:
    claim = statements.Claim("a-b", "a_demo", {"N15": "a_check"})
    finding = {"check": "a_check", "verdict": "BROKEN", "says": "It broke."}
    run = {"run": "there/20260101-120000-a-b-main", "findings": [finding]}
    [row] = [row for row in statements.table([claim], {("a-b", "main"): run}) if row.id == "N15"]
    assert row.shown_by == [
        statements.Word("a-b", "a_demo", "a_check", "BROKEN", "It broke.", "20260101-120000-a-b-main")
    ]
    line = statements.markdown([row])[-1]
    assert line.startswith("| N15 | task_routes = {'feed.tasks.\\*'")
    assert line.endswith("| `a-b`: BROKEN |")


def test_every_link_leads_somewhere() -> None:
    anchors = {
        re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in re.findall(r"^#+ (.*)", README, re.M)
    }
    for link in links(README):
        if link.startswith("#"):
            assert link[1:] in anchors, link
        elif "://" not in link:
            assert (ROOT / link).exists(), link


def test_pictures_are_small_and_shown() -> None:
    pictures = list((ROOT / "docs" / "screenshots").glob("*.png"))
    assert pictures
    pages = "".join(path.read_text() for path in (ROOT / "README.md", *ROOT.glob("*_demo/README.md")))
    for picture in pictures:
        assert picture.stat().st_size <= MOST_BYTES, picture.name
        assert f"docs/screenshots/{picture.name}" in pages, f"no page shows {picture.name}"


def test_what_it_quotes_is_what_the_code_says() -> None:
    code = " ".join(path.read_text() for path in (ROOT / "bin/lab", *ROOT.glob("lab/**/*.py")))
    said = re.sub(r"\"\s*f?\"|\{[^}\n]*\}|\$\w+", " ", code)
    quoted = [cell for row in rows(README, "| it says |") for cell in re.findall(r"^`([^`]+)`$", row[0])]
    assert len(quoted) > 4
    for sentence in quoted:
        words = re.split(r"\.\.\.|\(process N\)|requirements\.txt", sentence)
        for part in filter(None, (" ".join(word.split()) for word in words)):
            assert part in " ".join(said.split()), f"nothing says {part!r}"


def test_every_path_and_link_in_contributing_leads_somewhere() -> None:
    page = (ROOT / "CONTRIBUTING.md").read_text()
    paths = {span for span in spans(page) if re.fullmatch(r"(?:lab|tests|docs|\.ci|bin)/[\w./-]+", span)}
    assert len(paths) > 10
    assert [path for path in sorted({*paths, *links(page)}) if not (ROOT / path).exists()] == []
