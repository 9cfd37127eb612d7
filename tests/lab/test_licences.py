"""What a stranger may do with this repository: its licence, and those of what others made and it holds."""

import tomllib

from tests.conftest import ROOT


def test_the_licence_is_the_one_that_the_project_names() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    first, *_ = (ROOT / "LICENSE").read_text().splitlines()
    assert first == f"{project['license']} License"


def test_every_vendored_folder_has_its_licence_and_stands_in_the_notice() -> None:
    found = [folder for folder in ROOT.glob("lab/**/vendor/*") if folder.is_dir()]
    assert found
    notice = (ROOT / "NOTICE").read_text()
    for folder in found:
        place = folder.relative_to(ROOT).as_posix()
        licence = (folder / "LICENSE").read_text()
        assert f"{place}/LICENSE" in notice, place
        copyright_line = next(line for line in licence.splitlines() if line.startswith("Copyright"))
        assert copyright_line in notice, place


def test_the_notice_names_no_folder_that_there_is_not() -> None:
    named = [line.strip() for line in (ROOT / "NOTICE").read_text().splitlines() if "/vendor/" in line]
    assert named
    assert [place for place in named if not (ROOT / place).exists()] == []


def test_the_notice_says_the_version_that_is_vendored() -> None:
    vendored = (ROOT / "lab/console/static/vendor/README.md").read_text()
    assert "uPlot 1.6.32" in vendored
    assert "uPlot 1.6.32" in (ROOT / "NOTICE").read_text()
