"""Installing packages, with a fake apt-get: what is asked of it, what the user is told, and that no service starts."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from lab.cluster.target import StackUnavailable
from lab.machine import apt, packages, services

ROOT = Path(__file__).resolve().parents[2]

APT_GET = """#!/bin/sh
cd '{folder}'
echo "$* LAB_INSTALLS=$LAB_INSTALLS" >>calls
if [ -s locked ]; then
  sed -i '$d' locked
  echo "E: Could not get lock /var/lib/dpkg/lock. It is held by process 7 (x)"; exit 100
fi
case "$*" in
  *--assume-no*)
    [ -e known ] || {{ echo "E: Unable to locate package nginx"; exit 100; }}
    echo "0 upgraded, 3 newly installed, 0 to remove and 0 not upgraded."
    echo "Need to get 37.1 MB of archives."
    echo "After this operation, 66.0 MB of additional disk space will be used."; exit 1 ;;
  *update) touch known lists/x_dists_y ;;
  *--download-only*) [ ! -e stale ] || {{ rm stale; echo "E: 404 Not Found"; exit 100; }} ;;
  *--no-download*)
    ./policy-rc.d nginx start; echo "policy answers $?" >>calls
    [ ! -e broken ] || {{ echo "E: Sub-process dpkg returned an error code (1)"; exit 100; }}
    sleep "$(cat takes 2>/dev/null || echo 0)"
    echo nginx >>installed ;;
esac
"""
DPKG_QUERY = """#!/bin/sh
cd '{folder}'
case "$*" in
  *Status-Status*) sed 's/$/ installed/' installed; exit 1 ;;
  *-L*) echo /lib/systemd/system/nginx.service; echo /etc/nginx/nginx.conf ;;
  *) cat installed ;;
esac
"""
SYSTEMCTL = """#!/bin/sh
echo "systemctl $*" >>'{folder}/calls'
[ "$1" = is-enabled ] && echo enabled
exit 0
"""


class Machine:
    """A machine with a fake package manager; `calls` is what was asked of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.told: list[str] = []
        self.asked: list[str] = []
        self.answer = True

    @property
    def calls(self) -> list[str]:
        file = self.folder / "calls"
        return file.read_text().splitlines() if file.exists() else []

    def note(self, name: str, text: str = "") -> None:
        (self.folder / name).write_text(text)

    def install(self, *names: str, assume_yes: bool = True) -> None:
        packages.install(names, assume_yes=assume_yes, tell=self.told.append, ask=self.ask)

    def ask(self, question: str) -> bool:
        self.asked.append(question)
        return self.answer


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    for name, text in (("apt-get", APT_GET), ("dpkg-query", DPKG_QUERY), ("systemctl", SYSTEMCTL)):
        program = tmp_path / "bin" / name
        program.parent.mkdir(exist_ok=True)
        program.write_text(text.format(folder=tmp_path))
        program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:/usr/bin:/bin")
    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setattr(services, "POLICY", tmp_path / "policy-rc.d")
    monkeypatch.setattr(packages, "LISTS", tmp_path / "lists")
    monkeypatch.setattr(apt, "TELL_EVERY", 0.1)
    (tmp_path / "lists").mkdir()
    for name in ("installed", "known", "lists/x_dists_y"):
        (tmp_path / name).write_text("")
    return Machine(tmp_path)


def test_what_is_there_already_is_not_touched(machine: Machine) -> None:
    machine.note("installed", "nginx\n")
    machine.install("nginx")
    assert machine.calls == []
    assert machine.told == []


def test_names_and_sizes_are_announced_before_anything_is_installed(machine: Machine) -> None:
    machine.install("nginx")
    assert machine.told == [
        "To be installed from the distribution: nginx (3 packages with what they need, 37.1 MB to download, "
        "66.0 MB on disk). None of their services is started."
    ]
    assert [call.split()[-2] for call in machine.calls if "install" in call and "LAB" in call] == ["nginx"] * 3
    assert packages.missing(["nginx"]) == []


def test_no_service_is_started_and_none_is_enabled_for_the_next_boot(machine: Machine) -> None:
    machine.install("nginx")
    assert "policy answers 101" in machine.calls
    assert machine.calls[-1] == "systemctl --quiet disable nginx.service"
    assert not (machine.folder / "policy-rc.d").exists()


def test_a_policy_that_was_there_is_back_afterwards_and_answered_everybody_else_meanwhile(machine: Machine) -> None:
    policy = machine.folder / "policy-rc.d"
    policy.write_text("#!/bin/sh\nexit 104\n")
    policy.chmod(0o755)
    with services.kept_from_starting():
        assert subprocess.run([policy, "x", "start"], env={"LAB_INSTALLS": "1"}, check=False).returncode == 101
        assert subprocess.run([policy, "x", "start"], env={}, check=False).returncode == 104
    assert policy.read_text() == "#!/bin/sh\nexit 104\n"
    assert [path.name for path in machine.folder.glob("policy*")] == ["policy-rc.d"]


@pytest.mark.parametrize("before", ["#!/bin/sh\nexit 104\n", None])
def test_a_policy_that_a_crash_left_behind_is_taken_away(machine: Machine, before: str | None) -> None:
    policy = machine.folder / "policy-rc.d"
    if before:
        policy.write_text(before)
    left = services.kept_from_starting()
    left.__enter__()
    assert "LAB_INSTALLS" in policy.read_text()
    machine.install("nginx")
    assert (policy.read_text() if policy.exists() else None) == before
    assert len(list(machine.folder.glob("policy*"))) == bool(before)


def test_the_policy_is_put_back_when_the_installation_fails(machine: Machine) -> None:
    machine.note("broken")
    with pytest.raises(StackUnavailable, match="Sub-process dpkg returned an error code"):
        machine.install("nginx")
    assert not (machine.folder / "policy-rc.d").exists()


def test_somebody_who_is_asked_can_say_no_and_is_told_the_command(machine: Machine) -> None:
    machine.answer = False
    with pytest.raises(StackUnavailable, match=r"python3 -m lab\.machine\.packages nginx$"):
        machine.install("nginx", assume_yes=False)
    assert machine.asked == ["Install them now?"]
    assert not any("--no-download" in call for call in machine.calls)


def test_lists_are_fetched_where_there_are_none(machine: Machine) -> None:
    (machine.folder / "lists/x_dists_y").unlink()
    machine.install("nginx")
    assert machine.told[0] == "Fetching the package lists (apt-get update)."


def test_lists_are_fetched_when_they_do_not_know_a_package(machine: Machine) -> None:
    (machine.folder / "known").unlink()
    machine.install("nginx")
    assert sum(call.endswith("update LAB_INSTALLS=1") for call in machine.calls) == 1


def test_lists_are_fetched_when_the_mirror_has_moved_on(machine: Machine) -> None:
    machine.note("stale")
    machine.install("nginx")
    assert sum("--download-only" in call for call in machine.calls) == 2
    assert packages.missing(["nginx"]) == []


def test_another_package_manager_is_named_and_waited_for(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apt, "LOCK_EVERY", 0.01)
    machine.note("takes", "0")
    plan = packages.plan_of(["nginx"])
    machine.note("locked", "1\n1\n")
    assert plan
    apt.download(["nginx"], plan.count, machine.told.append)
    waits = [sentence for sentence in machine.told if "held by process 7" in sentence]
    assert waits == [
        "Another package manager is at work, waiting for it. "
        "(Could not get lock /var/lib/dpkg/lock. It is held by process 7 (x))"
    ]


def test_a_long_installation_says_how_far_it_is(machine: Machine) -> None:
    machine.note("takes", "0.4")
    machine.install("nginx")
    assert any(sentence.startswith("  ... installing, 0 of 3 packages set up") for sentence in machine.told)


def test_without_root_and_sudo_the_exact_command_is_said(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    monkeypatch.setenv("PATH", f"{machine.folder}/bin")
    with pytest.raises(StackUnavailable) as raised:
        machine.install("nginx")
    assert f"as root: cd {ROOT} && python3 -m lab.machine.packages nginx" in str(raised.value)
    assert machine.calls == []


def test_another_distribution_is_told_what_is_needed(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(machine.folder))
    with pytest.raises(StackUnavailable, match=r"no apt-get.*--target compose.*nginx"):
        machine.install("nginx")


def test_ctrl_c_lets_the_package_manager_finish_and_then_goes_on(machine: Machine) -> None:
    machine.note("takes", "1")
    script = (
        "import os, pathlib, sys; from lab.machine import apt, packages, services\n"
        "os.geteuid = lambda: 0\n"
        f"services.POLICY = pathlib.Path({str(machine.folder / 'policy-rc.d')!r})\n"
        f"packages.LISTS = pathlib.Path({str(machine.folder / 'lists')!r})\n"
        "sys.exit(packages.main(['nginx']))"
    )
    with subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stderr=subprocess.PIPE, text=True) as process:
        while not any("policy answers" in call for call in machine.calls):
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 130
    assert packages.missing(["nginx"]) == []
    assert not (machine.folder / "policy-rc.d").exists()


def test_it_needs_the_standard_library_only() -> None:
    script = "import lab.machine.packages, sys; print(sorted(m for m in sys.modules if m.startswith('lab')))"
    done = subprocess.run(
        [sys.executable, "-S", "-c", script], cwd=ROOT, env={}, capture_output=True, text=True, check=False
    )
    assert "lab.machine.packages" in done.stdout, done.stderr
