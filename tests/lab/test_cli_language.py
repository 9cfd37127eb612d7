"""The command line in two languages: --lang, LAB_LANG, and what stays the same in both."""

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lab import cli, demos
from lab.words import _, set_language, speak
from tests.lab.run_folders import run_folder

NAME = "kafka-leader-failover"
Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Call]:
    """Call `lab ARGUMENTS` where no stack is up; returns exit code, stdout and stderr."""
    for name, value in {"LAB_STATE_ROOT": tmp_path, "LAB_RUNS": tmp_path / "runs", "LAB_BLOCK": "97"}.items():
        monkeypatch.setenv(name, str(value))
    monkeypatch.delenv("LAB_LANG", raising=False)

    def call(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["lab", *arguments])
        code = cli._run()
        said = capsys.readouterr()
        return code, said.out, said.err

    yield call
    set_language("en")


def russian(text: str) -> str:
    with speak("ru"):
        said = _(text)
    assert said != text
    return said


def test_a_lesson_is_told_in_the_language_that_was_asked_for(lab: Call) -> None:
    scenario = demos.scenario_named(NAME)
    code, out, _err = lab("--lang", "ru", "explain", NAME)
    assert code == 0
    for text in (scenario.claim, scenario.question, scenario.lesson, scenario.predictions[0].says):
        assert russian(text) in out
        assert text not in out
    assert scenario.lesson in lab("explain", NAME)[1]


def test_the_environment_may_ask_and_the_option_has_the_last_word(lab: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAB_LANG", "ru")
    claim = demos.scenario_named(NAME).claim
    assert russian(claim) in " ".join(lab("explain", NAME)[1].split("\n"))
    assert claim in lab("--lang", "en", "explain", NAME)[1]


def test_lists_and_statements_are_russian_too(lab: Call) -> None:
    assert russian("none yet") in lab("--lang", "ru", "list")[1]
    assert russian("the notes say") in lab("--lang", "ru", "list", "--notes")[1]


def test_an_unknown_language_is_refused_in_one_sentence(lab: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    refusal = "lab: 'de' is no language of the lab; it speaks en, ru.\n"
    assert lab("--lang", "de", "list") == (64, "", refusal)
    monkeypatch.setenv("LAB_LANG", "de")
    assert lab("list") == (64, "", refusal)


def test_a_mistake_is_explained_in_russian(lab: Call) -> None:
    code, _out, err = lab("--lang", "ru", "melt")
    assert code == 64
    assert russian("{mistake} `lab --help` and `lab VERB --help` show what there is.").partition("{mistake}")[2] in err


@pytest.mark.parametrize("verb", [["list"], ["list", "--notes"], ["explain", NAME]])
def test_what_programs_read_is_the_same_in_every_language(lab: Call, verb: list[str]) -> None:
    english, said = lab(*verb, "--json"), lab("--lang", "ru", *verb, "--json")
    assert said[:2] == english[:2]
    assert json.loads(english[1])


def test_a_verdict_is_russian_for_people_and_english_for_programs(lab: Call, tmp_path: Path) -> None:
    folder = run_folder(tmp_path / "runs", "20260301-120000")
    code, english, _err = lab("check", folder.name, "--json")
    told = lab("--lang", "ru", "check", folder.name, "--json")
    assert told[:2] == (code, english)
    assert russian("nothing acknowledged is lost") in told[2]
    assert russian("as expected") in lab("--lang", "ru", "check", folder.name)[1]
