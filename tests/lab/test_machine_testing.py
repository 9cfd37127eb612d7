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
    default, rest, everything = (set(testing.LEVELS[level]) for level in ("default", "rest", "all"))
    assert default | rest == everything
    assert default & rest == {"tests/scenarios"}
    variants = {"default": "main", "rest": "rest", "all": "all"}
    assert {level: (f"--variants={of}",) for level, of in variants.items()} == testing.VARIANTS


def test_no_test_is_in_a_folder_that_no_level_runs_and_none_runs_twice() -> None:
    found = testing.sessions(ROOT, "all", [])
    files = [path.relative_to(ROOT).as_posix() for path in (ROOT / "tests").rglob("test_*.py")]
    assert len(files) > 15
    runs = {file: sum(_runs(words, file) for words in [*found.beside, found.main]) for file in files}
    assert {file: count for file, count in runs.items() if count != 1} == {}


def _runs(words: list[str], file: str) -> bool:
    """Whether pytest, told these words, takes this file."""
    ignored = [word.removeprefix("--ignore=") for word in words if word.startswith("--ignore=")]
    named = any(file == word or file.startswith(f"{word}/") for word in words)
    return named and not any(file.startswith(f"{word}/") for word in ignored)


def test_a_path_of_the_users_replaces_those_of_the_level() -> None:
    path = "tests/lab/test_waiting.py::test_x"
    assert testing.sessions(ROOT, "default", [path, "-x"]) == testing.Sessions([], ["--variants=main", path, "-x"])
    assert testing.sessions(ROOT, "fast", ["-k", "x"]) == testing.Sessions([], [*testing.FAST, "-k", "x"])
    path = f"{testing.SMALL_STACKS}/test_up.py"
    assert testing.sessions(ROOT, "default", [path]) == testing.Sessions([], ["--variants=main", path])


def test_each_folder_inside_django_is_a_session_of_its_own_with_its_settings() -> None:
    found = testing.sessions(ROOT, "default", ["-k", "sentence"])
    for folder, settings in testing.IN_DJANGO.items():
        assert [f"--ds={settings}", folder, "-k", "sentence"] in found.beside
    assert found.main[-2:] == ["-k", "sentence"]
    assert testing.sessions(ROOT, "rest", []).beside == []


def test_a_path_inside_django_runs_in_that_session_alone() -> None:
    path = "tests/rest_demo"
    inside = ["--ds=rest_demo.django_settings", path, "-x"]
    assert testing.sessions(ROOT, "default", [path, "-x"]) == testing.Sessions([inside], [])


MEETING = """
from pathlib import Path
from lab.waiting import wait_for

def test_meets():
    Path({own!r}).touch()
    wait_for("the other session", Path({other!r}).exists, within=60)
    assert {right}
"""


def test_sessions_run_at_the_same_time_and_what_each_said_comes_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Each of the two waits until the other is there; the second then fails."""
    monkeypatch.chdir(ROOT)
    for own, other, right in (("a", "b", True), ("b", "a", False)):
        text = MEETING.format(own=str(tmp_path / own), other=str(tmp_path / other), right=right)
        (tmp_path / f"test_{own}.py").write_text(text)
    words = [["-p", "no:cacheprovider", f"--rootdir={tmp_path}", str(tmp_path / f"test_{own}.py")] for own in "ab"]
    assert testing._side_by_side(words) == [0, 1]
    said = capfd.readouterr().out
    first, second = said.split(f"== pytest {' '.join(words[1])}\n")
    assert "1 passed" in first
    assert "FAILED" in second
    assert "test_meets" in second


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
    monkeypatch.setattr(testing, "_side_by_side", lambda sessions: [5 for _ in sessions])
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
