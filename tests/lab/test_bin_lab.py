"""bin/lab makes the virtual environment, keeps it fresh, and becomes `python -m lab`. Real environments, a fake pip."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

PYTHON = """#!/bin/sh
# A python3 whose virtual environments hold a fake pip.
case "$*" in *ensurepip*) [ -z "$NO_VENV" ] || exit 1 ;; *lab.machine.packages*) echo "$*" >>'{record}'; exit 69 ;; esac
if [ "$1 $2" = "-m venv" ]; then
  echo venv >>'{record}'
  '{python}' -m venv --without-pip "$3"
  for site in "$3"/lib/python*/site-packages; do cp -r '{pip}' "$site/pip"; done
  exit
fi
exec '{python}' "$@"
"""
PIP = """
import os, sys, time
with open({record!r}, "a") as record:
    record.write("pip " + os.path.basename(sys.argv[-1]) + "\\n")
time.sleep(float(os.environ.get("PIP_TAKES", "0")))
if "absent" in open(sys.argv[-1]).read():
    sys.exit("no such package: absent")
"""
LAB = """
import os, signal, sys
print(os.getpid(), sys.argv[1:], os.getcwd(), sys.prefix, flush=True)
if "wait" in sys.argv:
    signal.pause()
"""


class Checkout:
    """A copy of bin/lab with a `lab` that says what it was called with."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "a path with spaces"
        self.record = folder / "record"
        self.path = f"{folder / 'bin'}:/usr/bin:/bin"
        for name, text in (
            ("requirements.txt", "# none\n"),
            ("requirements-test.txt", "# none\n"),
            ("lab/__main__.py", LAB),
        ):
            self.write(self.root / name, text)
        self.write(self.root / "lab" / "__init__.py", "")
        (self.root / "bin").mkdir()
        shutil.copy(ROOT / "bin" / "lab", self.root / "bin" / "lab")
        self.write(folder / "pip" / "__init__.py", "")
        self.write(folder / "pip" / "__main__.py", PIP.format(record=str(self.record)))
        python = os.path.realpath(sys.executable)
        self.write(folder / "bin" / "python3", PYTHON.format(python=python, record=self.record, pip=folder / "pip"))
        (folder / "bin" / "python3").chmod(0o755)

    @staticmethod
    def write(path: Path, text: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def start(self, *arguments: str, program: Path | None = None, **more: str) -> "subprocess.Popen[str]":
        environment = {"PATH": self.path, "HOME": str(self.root)} | more
        command = [str(program or self.root / "bin" / "lab"), *arguments]
        return subprocess.Popen(
            command, cwd=self.root.parent, env=environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def call(self, *arguments: str, program: Path | None = None, **more: str) -> tuple[int, str, str]:
        """Exit code, stdout and stderr of bin/lab."""
        with self.start(*arguments, program=program, **more) as process:
            out, err = process.communicate(timeout=60)
        return process.returncode, out, err

    @property
    def done(self) -> list[str]:
        """What was done since the last time somebody looked."""
        lines = self.record.read_text().splitlines() if self.record.exists() else []
        self.record.unlink(missing_ok=True)
        return lines


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


@pytest.fixture
def ready(checkout: Checkout) -> Iterator[Checkout]:
    assert checkout.call()[0] == 0
    assert checkout.done == ["venv", "pip requirements.txt"]
    return checkout


def test_the_first_call_sets_up_with_one_line_and_the_second_says_nothing(checkout: Checkout) -> None:
    code, out, err = checkout.call("run", "a b", "--json")
    assert code == 0
    assert "['run', 'a b', '--json']" in out
    assert f"{checkout.root}/.venv" in out
    assert err == "Setting up .venv: 0 packages, about 62 MB to download, once.\n"
    assert checkout.done == ["venv", "pip requirements.txt"]
    code, out, err = checkout.call()
    assert (code, err) == (0, "")
    assert checkout.done == []


def test_it_works_through_a_symbolic_link_from_any_directory(ready: Checkout, tmp_path: Path) -> None:
    (tmp_path / "links").mkdir()
    (tmp_path / "links" / "one").symlink_to("../a path with spaces/bin/lab")
    (tmp_path / "two").symlink_to(tmp_path / "links" / "one")
    code, out, err = ready.call("status", program=tmp_path / "two")
    assert (code, err) == (0, "")
    assert str(tmp_path) in out


def test_what_lies_where_the_user_stands_is_not_taken_for_the_lab(ready: Checkout) -> None:
    ready.write(ready.root.parent / "lab" / "__main__.py", "print('an impostor')")
    assert "impostor" not in ready.call()[1]


def test_it_becomes_python_so_signals_reach_it(ready: Checkout) -> None:
    with ready.start("wait") as process:
        assert process.stdout
        assert process.stdout.readline().split()[0] == str(process.pid)
        process.terminate()
        assert process.wait(10) == -signal.SIGTERM


def test_a_second_call_costs_next_to_nothing(ready: Checkout) -> None:
    def seconds(*command: str) -> float:
        began = time.monotonic()
        subprocess.run(command, cwd=ready.root, env={"PATH": ready.path}, stdout=subprocess.DEVNULL, check=True)
        return time.monotonic() - began

    alone = min(seconds(f"{ready.root}/.venv/bin/python", "-m", "lab") for _ in range(5))
    assert min(seconds("bin/lab") for _ in range(5)) - alone < 0.15


def test_changed_requirements_are_installed_into_what_is_there(ready: Checkout) -> None:
    ready.write(ready.root / "requirements.txt", "# changed\n")
    assert ready.call()[0] == 0
    assert ready.done == ["pip requirements.txt"]


def test_tests_get_their_own_requirements_and_other_verbs_are_content_with_them(ready: Checkout) -> None:
    assert ready.call("test", "--fast")[0] == 0
    assert ready.done == ["pip requirements-test.txt"]
    assert ready.call("status")[0] == 0
    assert ready.done == []


def test_a_set_up_that_was_cut_short_is_begun_afresh(ready: Checkout) -> None:
    ready.write(ready.root / ".venv" / "lab-stamp", "unfinished\n")
    ready.write(ready.root / ".venv" / "half", "")
    assert ready.call()[0] == 0
    assert ready.done == ["venv", "pip requirements.txt"]
    assert not (ready.root / ".venv" / "half").exists()


def test_a_killed_set_up_is_begun_afresh(checkout: Checkout) -> None:
    with checkout.start(PIP_TAKES="30") as process:
        while "pip" not in (checkout.record.read_text() if checkout.record.exists() else ""):
            assert process.poll() is None
        subprocess.run(["pkill", "-KILL", "-P", str(process.pid)], check=True)
        process.kill()
    assert checkout.done == ["venv", "pip requirements.txt"]
    assert checkout.call()[0] == 0
    assert checkout.done == ["venv", "pip requirements.txt"]


def test_a_checkout_that_was_moved_is_set_up_again(ready: Checkout) -> None:
    moved = ready.root.with_name("moved")
    ready.root.rename(moved)
    ready.root = moved
    assert ready.call()[0] == 0
    assert ready.done == ["venv", "pip requirements.txt"]


def test_a_virtual_environment_whose_python_is_gone_is_made_again(ready: Checkout) -> None:
    python = ready.root / ".venv" / "bin" / "python"
    python.unlink()
    python.symlink_to("/nowhere/python3.9")
    assert ready.call()[0] == 0
    assert ready.done == ["venv", "pip requirements.txt"]


def test_when_pip_fails_its_words_are_shown_with_what_to_do(ready: Checkout) -> None:
    ready.write(ready.root / "requirements.txt", "absent\n")
    code, out, err = ready.call()
    assert (code, out) == (69, "")
    assert "no such package: absent" in err
    assert "Mend that and call again" in err
    ready.write(ready.root / "requirements.txt", "# there\n")
    assert ready.call()[0] == 0


def test_two_at_once_make_one_environment(checkout: Checkout) -> None:
    with checkout.start(PIP_TAKES="1") as one, checkout.start(PIP_TAKES="1") as two:
        ends = [process.communicate(timeout=60) for process in (one, two)]
    assert [one.returncode, two.returncode] == [0, 0]
    assert checkout.done == ["venv", "pip requirements.txt"]
    assert sum("waiting for it" in err for _, err in ends) == 1


def test_an_old_python_is_named_with_what_is_needed(checkout: Checkout, tmp_path: Path) -> None:
    checkout.write(tmp_path / "bin" / "python3", "#!/bin/sh\n[ $1 = -V ] || exit 1\necho Python 3.9.2\n")
    checkout.path = f"{tmp_path / 'bin'}:{tmp_path / 'tools'}"
    (tmp_path / "tools").mkdir()
    for tool in ("sh", "dirname", "readlink", "cksum", "grep", "mkdir", "flock"):
        (tmp_path / "tools" / tool).symlink_to(shutil.which(tool) or "/nowhere")
    code, _, err = checkout.call()
    assert code == 69
    assert "needs Python 3.11 to 3.14" in err
    assert "python3 is Python 3.9.2" in err


def test_where_python_cannot_make_environments_its_package_is_installed(checkout: Checkout) -> None:
    code, _, _ = checkout.call("up", "--yes", NO_VENV="1")
    assert code == 69
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    assert checkout.done == [f"-P -m lab.machine.packages --yes python{version}-venv"]
