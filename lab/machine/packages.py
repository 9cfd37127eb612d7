"""Installs packages of Debian and Ubuntu. `choose.prepare` and `bin/lab` (for python3-venv) say which.

What will be installed is announced with its sizes, asked first on a terminal, and no service of it is started.
Standard library only: bin/lab runs this file with the bare Python, before there is a virtual environment.
    python3 -m lab.machine.packages [--yes] NAME...       in the checkout
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from lab.cluster.target import LabError, StackUnavailable, Tell
from lab.machine import apt, services

Ask = Callable[[str], bool]
"""Puts a yes-or-no question to the user."""

LISTS = Path("/var/lib/apt/lists")
LISTS_ARE_OLD_AFTER = 7 * 24 * 3600.0
"""Seconds. With older lists, apt-get asks for files that mirrors no longer have."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What apt-get would do: how many packages in all, and its own words for the sizes ("37.1 MB")."""

    count: int
    download: str
    disk: str


def missing(packages: Iterable[str]) -> list[str]:
    """Those that are not installed, asked of dpkg alone: running a program to see whether it is there may start it.

    (`rabbitmq-server --version` starts a server.) Where there is no dpkg, all of them.
    """
    names = sorted(set(packages))
    if not names or not shutil.which("dpkg-query"):
        return names
    done = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\n", *names],
        capture_output=True,
        text=True,
        check=False,
    )
    installed = {line.split()[0] for line in done.stdout.splitlines() if line.endswith(" installed")}
    return [name for name in names if name not in installed]


def install(packages: Iterable[str], *, assume_yes: bool, tell: Tell, ask: Ask) -> None:
    """Install those that are missing. Raises StackUnavailable, with what to do by hand, when that cannot be done."""
    wanted = missing(packages)
    if not wanted:
        return
    if not shutil.which("apt-get"):
        raise StackUnavailable(
            f"This system has no apt-get. The lab can install by itself on Debian and Ubuntu only: install what these "
            f"packages hold by your system's own means, or use Docker (--target compose): {', '.join(wanted)}."
        )
    if os.geteuid() != 0:
        _install_through_sudo(wanted, assume_yes=assume_yes)
        return
    plan = _plan_with_fresh_lists(wanted, tell)
    tell(
        f"To be installed from the distribution: {', '.join(wanted)} ({plan.count} packages with what they need, "
        f"{plan.download} to download, {plan.disk} on disk). None of their services is started."
    )
    if not assume_yes and not ask("Install them now?"):
        raise StackUnavailable(f"Not installed, as you wish. To do it later, {by_hand(wanted)}")
    apt.download(wanted, plan.count, tell)
    with apt.interrupts_held_back(), services.kept_from_starting():
        apt.unpack(wanted, plan.count, tell)
    if left := missing(wanted):
        raise StackUnavailable(f"apt-get ended well, and yet these are not installed: {', '.join(left)}.")


def by_hand(packages: Sequence[str]) -> str:
    """The command that somebody with root's rights can give instead, as the end of a sentence."""
    root = Path(__file__).resolve().parent.parent.parent
    return f"as root: cd {shlex.quote(str(root))} && python3 -m lab.machine.packages {' '.join(packages)}"


def on_a_terminal() -> bool:
    """Whether there is somebody to ask."""
    return sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()


def ask_on_terminal(question: str) -> bool:
    """Ask on stderr, read from stdin; just Enter means yes, no more input means no."""
    print(f"{question} [Y/n] ", end="", file=sys.stderr, flush=True)
    answer = sys.stdin.readline()
    return answer != "" and answer.strip().lower() in {"", "y", "yes"}


def _install_through_sudo(wanted: list[str], *, assume_yes: bool) -> None:
    """Run this very module as root: one password at most, and everything that needs root in one process."""
    if not can_install():
        raise StackUnavailable(
            f"To be installed, which needs root's rights: {', '.join(wanted)}. Please run {by_hand(wanted)}"
        )
    root = Path(__file__).resolve().parent.parent.parent
    command = ["sudo", "env", f"PYTHONPATH={root}", sys.executable, "-P", "-m", "lab.machine.packages"]
    done = subprocess.run([*command, *(["--yes"] if assume_yes else []), *wanted], check=False)
    if done.returncode != 0:
        raise StackUnavailable(
            f"Not installed (the reason is above): {', '.join(wanted)}. To do it yourself, {by_hand(wanted)}"
        )


def can_install() -> bool:
    """Whether `install` can get root's rights: we are root, or sudo works without a password, or it can ask for one."""
    if not shutil.which("apt-get"):
        return False
    if os.geteuid() == 0:
        return True
    without_password = ["sudo", "-n", "true"]
    return shutil.which("sudo") is not None and (
        on_a_terminal()
        or subprocess.run(without_password, capture_output=True, stdin=subprocess.DEVNULL, check=False).returncode == 0
    )


def _plan_with_fresh_lists(wanted: list[str], tell: Tell) -> Plan:
    """What apt-get would do; lists are fetched first when there are none, or old ones, or a package is not in them."""
    updated = False
    if _lists_age() > LISTS_ARE_OLD_AFTER:
        apt.update(tell)
        updated = True
    plan = plan_of(wanted)
    if plan is None and not updated:
        apt.update(tell)
        plan = plan_of(wanted)
    if plan is None:
        raise StackUnavailable(
            f"apt-get cannot install {' '.join(wanted)}: {apt.errors(apt.simulate(wanted))}. "
            f"Try `apt-get update` and `apt-get install --no-install-recommends {' '.join(wanted)}` to see more."
        )
    return plan


def plan_of(wanted: Sequence[str]) -> Plan | None:
    """None when apt-get would refuse."""
    lines = apt.simulate(wanted)
    text = "\n".join(lines)
    count = re.search(r"(\d+) newly installed", text)
    if not count:
        return None
    download = re.search(r"Need to get (?:\S+ \S+/)?(\S+ \S+) of archives", text)
    disk = re.search(r"After this operation, (\S+ \S+) of additional", text)
    return Plan(int(count[1]), download[1] if download else "nothing", disk[1] if disk else "little")


def _lists_age() -> float:
    """Seconds since apt-get last fetched its lists; files there bear the server's dates, so directories are asked."""
    if not any(LISTS.glob("*_dists_*")):
        return float("inf")
    return time.time() - max(path.stat().st_mtime for path in (LISTS, LISTS / "partial") if path.exists())


def main(arguments: Sequence[str]) -> int:
    """What bin/lab calls. Without a terminal nobody can be asked, so it goes ahead once it has said what it does."""
    names = [word for word in arguments if word != "--yes"]
    assume_yes = "--yes" in arguments or not on_a_terminal()

    def tell(sentence: str) -> None:
        print(sentence, file=sys.stderr, flush=True)

    try:
        install(names, assume_yes=assume_yes, tell=tell, ask=ask_on_terminal)
    except LabError as error:
        tell(str(error))
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
