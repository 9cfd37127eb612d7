"""ARCHITECTURE.md: every path that it names exists, and each module and package of lab/ stands on its map."""

import re

from lab import demos
from tests.conftest import ROOT

PAGE = (ROOT / "ARCHITECTURE.md").read_text()
PATHS = set(re.findall(r"(?:lab|bin|tests|docs|NAME_demo)/[\w./-]*[\w/]", PAGE))


def test_every_path_on_the_page_exists() -> None:
    found = {path.replace("NAME_demo", demo) for path in PATHS for demo in demos.DEMOS}
    assert len(found) > 40
    assert [path for path in sorted(found) if not (ROOT / path).exists()] == []


def test_every_module_that_the_page_names_in_short_exists() -> None:
    short = set(re.findall(r"(?<![\w/.-])(\w+\.py)\b", PAGE))
    assert len(short) > 5
    assert [name for name in sorted(short) if not list(ROOT.glob(f"lab/**/{name}"))] == []


def test_every_module_and_package_of_the_lab_stands_on_the_page() -> None:
    modules = {f"lab/{path.name}" for path in ROOT.glob("lab/*.py")} - {"lab/__init__.py"}
    packages = {f"lab/{path.parent.name}" for path in ROOT.glob("lab/*/__init__.py")}
    assert len(modules) > 20
    assert len(packages) > 4
    named = PATHS | {"/".join(path.split("/")[:2]) for path in PATHS}
    assert sorted((modules | packages) - named) == []


def test_the_page_is_one_page() -> None:
    assert len(PAGE.splitlines()) <= 120
