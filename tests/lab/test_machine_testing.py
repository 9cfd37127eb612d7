"""What each test level hands to pytest, and what it does to the machine before."""

import subprocess
import sys
from pathlib import Path

import pytest

from lab import settings as environment
from lab.cluster.target import Refused
from lab.machine import testing

ROOT = Path(__file__).resolve().parents[2]


def test_every_level_names_folders_that_exist() -> None:
    for level, words in testing.LEVELS.items():
        for word in words:
            assert word.startswith("-") or (ROOT / word).exists(), (level, word)


def test_default_and_rest_together_are_all() -> None:
    def paths(level: str) -> set[str]:
        return {word for word in testing.LEVELS[level] if not word.startswith("-")}

    assert paths("default") | paths("rest") == paths("all")
    assert paths("default") & paths("rest") == {"tests/scenarios"}
    variants = {level: words[-1] for level, words in testing.LEVELS.items() if words[-1].startswith("-")}
    assert variants == {"default": "--variants=main", "rest": "--variants=rest", "all": "--variants=all"}


def test_no_test_is_in_a_folder_that_no_level_runs() -> None:
    levels = (*testing.LEVELS["all"], *testing.IN_DJANGO)
    files = [path.relative_to(ROOT).as_posix() for path in (ROOT / "tests").rglob("test_*.py")]
    assert len(files) > 15
    assert [file for file in files if not any(file == word or file.startswith(f"{word}/") for word in levels)] == []


def test_a_path_of_the_users_replaces_those_of_the_level() -> None:
    path = "tests/lab/test_waiting.py::test_x"
    assert testing.sessions(ROOT, "default", [path, "-x"]) == [["--variants=main", path, "-x"]]
    assert testing.sessions(ROOT, "fast", ["-k", "sentence"]) == [[*testing.FAST, "-k", "sentence"]]


def test_each_folder_inside_django_is_a_session_of_its_own_with_its_settings() -> None:
    main, *others = testing.sessions(ROOT, "default", ["-k", "sentence"])
    assert main == [*testing.LEVELS["default"], "-k", "sentence"]
    assert others == [[f"--ds={of}", folder, "-k", "sentence"] for folder, of in testing.IN_DJANGO.items()]
    assert testing.sessions(ROOT, "rest", []) == [[*testing.LEVELS["rest"]]]


def test_a_path_inside_django_runs_in_that_session_alone() -> None:
    path = "tests/rest_demo"
    assert testing.sessions(ROOT, "default", [path, "-x"]) == [[], ["--ds=rest_demo.django_settings", path, "-x"]]


def test_an_unknown_level_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(Refused, match="fast, default, rest, all"):
        testing.sessions(ROOT, "slow", [])


@pytest.mark.parametrize(
    ("level", "named", "prepared"),
    [
        ("fast", [], []),
        ("default", [], ["local", "browser"]),
        ("rest", [], ["local"]),
        ("default", ["tests/services"], ["local"]),
        ("default", ["tests/browser/conftest.py"], ["local", "browser"]),
    ],
)
def test_only_levels_with_real_brokers_or_pages_make_the_machine_ready_for_them(
    monkeypatch: pytest.MonkeyPatch, level: str, named: list[str], prepared: list[str]
) -> None:
    ready: list[str] = []
    monkeypatch.setattr(testing.choose, "prepare", lambda settings, target, **how: ready.append(target))
    monkeypatch.setattr(testing.browser, "prepare", lambda settings, **how: ready.append("browser"))
    monkeypatch.setattr(pytest, "main", lambda words: 5)
    monkeypatch.setattr("subprocess.run", lambda words, **how: subprocess.CompletedProcess(words, 5))
    monkeypatch.setattr("os.chdir", lambda path: None)
    assert testing.run_tests(environment.read(ROOT), level, named) == 5
    assert ready == prepared


def test_the_command_line_has_loaded_no_plugin_of_pytest_before_it_becomes_pytest() -> None:
    """pytest warns about such a module, which it can rewrite no more, and a warning is an error here."""
    asked = (
        "import sys, lab.cli; from importlib.metadata import entry_points\n"
        "print(*[one.name for one in entry_points(group='pytest11') if one.module.split('.')[0] in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
