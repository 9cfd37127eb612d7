"""Chromium for the tests of pages: found where it is, installed where it is not, or said plainly why neither works."""

from dataclasses import replace
from pathlib import Path

import pytest

from lab import settings as environment
from lab.cluster.target import StackUnavailable
from lab.machine import browser
from lab.settings import Settings

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Those of a machine whose search path is one empty folder."""
    return replace(environment.read(ROOT), variables={"PATH": str(tmp_path)})


def put(folder: Path, name: str) -> Path:
    program = folder / name
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    return program


def prepare(settings: Settings) -> None:
    browser.prepare(settings, assume_yes=True, tell=lambda sentence: None, ask=lambda question: True)


def test_any_of_the_names_will_do(tmp_path: Path) -> None:
    assert browser.find_chromium(str(tmp_path)) is None
    chrome = put(tmp_path, "google-chrome")
    assert browser.find_chromium(str(tmp_path)) == str(chrome)
    chromium = put(tmp_path, "chromium")
    assert browser.find_chromium(str(tmp_path)) == str(chromium)


def test_it_is_installed_only_where_there_is_none(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed: list[str] = []

    def install(names: list[str], **how: object) -> None:
        installed.extend(names)
        put(tmp_path, "chromium")

    monkeypatch.setattr(browser.packages, "install", install)
    prepare(settings)
    prepare(settings)
    assert installed == ["chromium"]


def test_where_apt_get_has_none_it_says_what_is_needed(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(names: list[str], **how: object) -> None:
        raise StackUnavailable("apt-get cannot install chromium.")

    monkeypatch.setattr(browser.packages, "install", refuse)
    with pytest.raises(StackUnavailable, match=r"google-chrome-stable on the search path\. apt-get cannot"):
        prepare(settings)


def test_a_package_that_brings_no_program_is_an_error(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browser.packages, "install", lambda names, **how: None)
    with pytest.raises(StackUnavailable, match="installed, and yet no chromium"):
        prepare(settings)


def test_names_lead_where_they_are_told_to() -> None:
    rules = [
        word for word in browser.arguments({"a.localhost": "127.0.0.1", "b.localhost": "127.0.0.2"}) if "MAP" in word
    ]
    assert rules == ["--host-resolver-rules=MAP a.localhost 127.0.0.1,MAP b.localhost 127.0.0.2"]
