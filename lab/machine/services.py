"""Keeps services of packages that we install from starting, now and at the next boot. `packages` installs inside it.

Debian starts a package's service while it is installed, on its default port, unless /usr/sbin/policy-rc.d answers 101
(invoke-rc.d(8), deb-systemd-invoke(1p)); and it enables the service for the next boot whatever that file answers (seen
with rabbitmq-server on Debian 12). So both are undone here, for packages that were not there before.
"""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

POLICY = Path("/usr/sbin/policy-rc.d")
MARK = "LAB_INSTALLS"
"""This variable stands in the environment of our own installations only; the policy says no to nobody else."""

SCRIPT = """#!/bin/sh
# Messaging Lab put this here while it installs packages. It says "do not start" to that installation only, and gives
# everybody else the answer that was here before. Harmless after a crash; the next installation removes it.
if [ -n "${{{mark}:-}}" ]; then exit 101; fi
if [ -x '{saved}' ]; then exec '{saved}' "$@"; fi
exit 0
"""


@contextmanager
def kept_from_starting() -> Iterator[None]:
    """While this is open, an installation with LAB_INSTALLS in its environment starts no service; root is needed.

    On the way out, also after an error, the policy is as it was, and the units of packages that came are not enabled.
    """
    policy = POLICY
    put_back(policy)
    before = _installed()
    saved = _saved(policy)
    if policy.exists() or policy.is_symlink():
        shutil.copy2(policy, saved, follow_symlinks=False)
    new = policy.with_name(policy.name + ".lab-new")
    new.write_text(SCRIPT.format(mark=MARK, saved=saved))
    new.chmod(0o755)
    new.replace(policy)
    try:
        yield
    finally:
        put_back(policy)
        disable(enabled_units_of(_installed() - before))


def put_back(policy: Path) -> None:
    """Take our policy away and bring back what was there before; harmless when nothing of ours is there."""
    saved = _saved(policy)
    ours = policy.is_file() and MARK in policy.read_text(errors="replace")
    if saved.exists() and (ours or not policy.exists()):
        saved.replace(policy)
    elif ours:
        policy.unlink()
    else:
        saved.unlink(missing_ok=True)


def enabled_units_of(packages: set[str]) -> list[str]:
    """The systemd units of these packages that the next boot would start; none where there is no systemctl."""
    if not packages or not shutil.which("systemctl"):
        return []
    paths = [Path(line) for line in _lines("dpkg-query", "-L", *sorted(packages))]
    units = sorted(
        {
            path.name
            for path in paths
            if path.parent.match("systemd/system") and path.suffix in {".service", ".socket", ".timer", ".path"}
        }
    )
    return [unit for unit in units if _lines("systemctl", "is-enabled", unit) == ["enabled"]]


def disable(units: list[str]) -> None:
    """Let none of these units start at boot."""
    if units:
        subprocess.run(["systemctl", "--quiet", "disable", *units], capture_output=True, check=False)


def _saved(policy: Path) -> Path:
    return policy.with_name(policy.name + ".before-lab")


def _installed() -> set[str]:
    return set(_lines("dpkg-query", "-W", "-f", "${Package}\n"))


def _lines(*command: str) -> list[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.splitlines()
