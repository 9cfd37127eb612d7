"""What must be true of this repository as a whole. The rules about Python files are functions in tests/rules.py."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import lab.checks
from lab import demos
from lab.faults import FAULTS
from tests import rules
from tests.rules import RULES, Source

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = ("requirements.txt", "requirements-test.txt")

BAD: dict[str, tuple[str, str]] = {
    "lab_imports_no_demo": ("lab/runner.py", "def f():\n    from kafka_demo.topic import create_topic"),
    "demos_never_import_each_other": ("rest_demo/views.py", "import kafka_demo.topic"),
    "a_demo_imports_lab_only_under_scenarios": ("kafka_demo/topic.py", "from lab.waiting import wait_for"),
    "checks_do_no_input_and_output": ("lab/checks/log.py", "def f(h):\n    return open(h)"),
    "the_environment_is_read_only_in_settings": ("lab/cli.py", "import os\nHOME = os.environ['HOME']"),
    "only_waiting_sleeps": ("kafka_demo/traffic.py", "import time\ntime.sleep(1)"),
    "the_console_uses_no_system_under_test": ("lab/console/page.py", "from django.http import HttpResponse"),
    "a_module_has_a_telling_name": ("kafka_demo/kafka_utils.py", ""),
    "a_module_says_where_it_sits": ("lab/runner.py", "x = 1"),
    "a_module_is_short": ("lab/runner.py", "x = 1\n" * (rules.MODULE_LINES + 1)),
    "a_function_is_short": ("lab/runner.py", "def f():\n" + "    x = 1\n" * rules.FUNCTION_LINES),
    "no_test_is_skipped": ("tests/test_x.py", "import pytest\n@pytest.mark.skipif(True)\ndef test_x(): pass"),
}
"""For each rule a file that breaks it: its path and its text."""

GOOD: dict[str, tuple[str, str]] = {
    "lab_imports_no_demo": ("kafka_demo/scenarios/x.py", "from kafka_demo.topic import create_topic"),
    "demos_never_import_each_other": ("kafka_demo/x.py", "from kafka_demo.topic import create_topic"),
    "a_demo_imports_lab_only_under_scenarios": ("kafka_demo/scenarios/x.py", "from lab.scenario import scenario"),
    "checks_do_no_input_and_output": ("lab/checks/log.py", "from lab.history import History"),
    "the_environment_is_read_only_in_settings": ("kafka_demo/settings.py", "import os\nHOME = os.environ['HOME']"),
    "only_waiting_sleeps": ("lab/waiting.py", "import time\ntime.sleep(1)"),
    "a_function_is_short": ("lab/runner.py", "def f():\n" + "    x = 1\n" * (rules.FUNCTION_LINES - 1)),
}
"""For rules with an exception or a limit, a file that is just allowed."""


def files(*patterns: str) -> list[Path]:
    """What git holds or would hold: also new files, nothing that is ignored."""
    command = ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--"]
    done = subprocess.run([*command, *patterns], cwd=ROOT, capture_output=True, text=True, check=True)
    return [path for name in sorted(filter(None, done.stdout.split("\0"))) if (path := ROOT / name).is_file()]


def texts() -> Iterator[tuple[str, str]]:
    """Path from the root and text of every file that is text."""
    for path in files():
        content = path.read_bytes()
        if b"\0" not in content:
            yield path.relative_to(ROOT).as_posix(), content.decode()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_every_python_file_obeys(rule: Callable[[Source], list[str]]) -> None:
    sources = [Source(path.relative_to(ROOT).as_posix(), path.read_text()) for path in files("*.py")]
    assert len(sources) > 50
    assert [wrong for source in sources for wrong in rule(source)] == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_each_rule_finds_what_it_forbids_and_allows_what_it_allows(rule: Callable[[Source], list[str]]) -> None:
    assert rule(Source(*BAD[rule.__name__]))
    if rule.__name__ in GOOD:
        assert rule(Source(*GOOD[rule.__name__])) == []


def test_every_scenario_stands_in_the_readmes_with_its_claim() -> None:
    readme = (ROOT / "README.md").read_text()
    for scenario in demos.scenarios():
        row = next((line for line in readme.splitlines() if line.startswith(f"| `{scenario.name}` |")), "")
        assert scenario.claim in row, f"README.md has no row with name and claim of {scenario.name}"
        assert scenario.name in (ROOT / scenario.demo / "README.md").read_text(), scenario.name


def test_every_check_has_histories_that_make_it_hold_broken_and_unknown() -> None:
    from tests.lab import histories

    for name in lab.checks.__all__:
        assert set(histories.CASES[name]) == {"HOLDS", "BROKEN", "UNKNOWN"}, name


def test_every_fault_has_a_test_that_it_mends_when_its_body_raises() -> None:
    assert set(FAULTS) >= {"killed", "stopped", "paused", "cut_off", "untouched"}
    assert covers_all_faults((ROOT / "tests/lab/test_faults.py").read_text())
    assert not covers_all_faults(f"@pytest.mark.parametrize('fault', [FAULTS['killed']])\ndef {MENDS}(fault): pass")


MENDS = "test_a_fault_mends_when_its_body_raises"


def covers_all_faults(text: str) -> bool:
    """Whether the test of that name runs for each entry of FAULTS."""
    functions = [node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef) and node.name == MENDS]
    decorators = [ast.unparse(decorator) for node in functions for decorator in node.decorator_list]
    return any(text.startswith("pytest.mark.parametrize('fault', FAULTS.values()") for text in decorators)


@pytest.mark.parametrize("name", REQUIREMENTS)
def test_requirements_are_pinned_with_hashes_and_name_no_address(name: str) -> None:
    assert requirement_faults((ROOT / name).read_text()) == []


def test_requirements_with_an_address_or_without_a_hash_are_found() -> None:
    sha = "--hash=sha256:" + "0" * 64
    assert requirement_faults(f"rich==14.0 \\\n    {sha}\n") == []
    assert requirement_faults("rich==14.0\n") == ["rich==14.0 has no hash"]
    assert requirement_faults(f"rich>=14.0 \\\n    {sha}\n") == ["rich>=14.0 is not pinned"]
    assert requirement_faults(f"--index-url somewhere\nrich==14.0 \\\n    {sha}\n") == [
        "--index-url somewhere is an option"
    ]
    assert requirement_faults(f"rich @ http://x/y.whl \\\n    {sha}\n")


def test_requirements_cover_what_pyproject_asks_for_and_the_tests_have_the_same_versions() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    run, test = (pins((ROOT / name).read_text()) for name in REQUIREMENTS)
    for wanted, there in ((project["dependencies"], run), (project["optional-dependencies"]["test"], test)):
        for requirement in map(Requirement, wanted):
            assert requirement.specifier.contains(there[requirement.name.lower()]), requirement
    assert {name: test.get(name) for name in run} == run


def test_no_file_names_a_package_host_or_a_place_on_somebodys_machine() -> None:
    forbidden = [*own_hosts(), *PLACES]
    assert [f"{path}: {wrong}" for path, text in texts() for wrong in named(text, forbidden)] == []


def test_a_named_host_and_a_place_are_found() -> None:
    home = "/".join(["", "home", "somebody", "lab"])
    assert named("see packages.example.org/simple", [r"packages\.example\.org"]) == ["packages.example.org"]
    assert named(f"cd {home}", PLACES) == [home.removesuffix("/lab")]
    assert named("a/home/page and /var/tmp/lab", PLACES) == []


def test_lines_end_with_lf_and_files_end_with_one() -> None:
    assert "* text=auto eol=lf" in (ROOT / ".gitattributes").read_text()
    ours = [(path, text) for path, text in texts() if "/vendor/" not in path]  # those are kept byte for byte
    assert [path for path, text in ours if "\r" in text or (text and not text.endswith("\n"))] == []


def test_what_begins_with_a_shebang_is_executable_and_nothing_else_is() -> None:
    wrong = []
    for path in files():
        shebang = path.read_bytes()[:2] == b"#!"
        if shebang != bool(path.stat().st_mode & 0o100):
            wrong.append(str(path.relative_to(ROOT)))
    assert wrong == []
    assert {ROOT / "bin/lab", ROOT / ".ci/run"} <= {path for path in files() if path.stat().st_mode & 0o100}


def test_the_committed_environment_changes_nothing_and_names_only_what_somebody_reads() -> None:
    lines = (ROOT / ".env").read_text().splitlines()
    assert [line for line in lines if line and not line.startswith("#")] == []
    known = (ROOT / "docker-compose.yml", ROOT / "Dockerfile", ROOT / "lab/settings.py")
    read = "".join(path.read_text() for path in known)
    names = re.findall(r"^# ([A-Z][A-Z0-9_]+)=", "\n".join(lines), re.MULTILINE)
    assert len(names) > 5
    assert [name for name in names if name not in read] == []


def test_every_published_port_can_be_chosen_in_the_committed_environment() -> None:
    ports = set(re.findall(r"LAB_\w+_PORT:-\d+", (ROOT / "docker-compose.yml").read_text()))
    environment = (ROOT / ".env").read_text()
    assert ports
    assert [port for port in sorted(ports) if f"# {port.replace(':-', '=')}" not in environment] == []


def test_each_target_of_the_makefile_is_one_line_over_bin_lab() -> None:
    lines = (ROOT / "Makefile").read_text().splitlines()
    targets = {line.partition(":")[0]: line for line in lines if re.match(r"[a-z]+:", line)}
    assert set(targets) == {"help", "demo", "up", "down", "doctor", "test", "lint"}
    assert [
        line for name, line in targets.items() if name != "help" and not line.startswith(f"{name}: ; @bin/lab ")
    ] == []


PLACES = [r"(?<![\w.])/(?:home|Users|work)/[\w.-]+"]


def own_hosts() -> list[str]:
    """Patterns of the hosts that this machine gets packages from: they may be somebody's private mirrors."""
    commands = ([sys.executable, "-m", "pip", "config", "list"], ["apt-get", "indextargets", "--format", "$(SITE)"])
    found = set()
    for command in commands:
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False)
        except FileNotFoundError:
            continue
        found |= set(re.findall(r"(?:https?://)([\w.-]+\.[a-z]+)", done.stdout))
    return [re.escape(host) for host in sorted(found)]


def named(text: str, patterns: list[str]) -> list[str]:
    """What in the text matches any of the patterns."""
    return [match[0] for pattern in patterns for match in re.finditer(pattern, text)]


def requirement_faults(text: str) -> list[str]:
    """What is wrong with a requirements file."""
    wrong = []
    for entry in text.replace("\\\n", " ").splitlines():
        what = entry.split("--hash")[0].strip()
        if not what or what.startswith("#"):
            continue
        if what.startswith("-"):
            wrong.append(f"{what} is an option")
        elif "://" in entry or " @ " in what:
            wrong.append(f"{what} names an address")
        elif not re.match(r"[\w.-]+(\[[\w,-]+\])?==[\w.!+]+( ;.*)?$", what):
            wrong.append(f"{what} is not pinned")
        elif "--hash=sha256:" not in entry:
            wrong.append(f"{what} has no hash")
    return wrong


def pins(text: str) -> dict[str, str]:
    """Name and version of each entry of a requirements file."""
    return {
        name.lower(): version for name, version in re.findall(r"^([\w.-]+)(?:\[.*?\])?==([\w.!+]+)", text, re.MULTILINE)
    }
