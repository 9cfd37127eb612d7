"""Print a pip.conf that carries this machine's pip settings into an image: the project's Dockerfile needs none then.

Called by `prepare`. Settings from files and from PIP_... variables count; those that name a place on this machine are
left out. The result may hold a mirror's password: the stand-in images stay on this machine.
"""

import ast
import subprocess
import sys

OF_THIS_MACHINE = {"find-links", "cert", "require-virtualenv", "user", "target", "prefix", "cache-dir", "log"}


def settings() -> dict[str, str]:
    """pip's settings by their bare name; a PIP_... variable comes last in pip's listing and wins, as in pip."""
    listing = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=True
    ).stdout
    found = {}
    for line in listing.splitlines():
        key, _, value = line.partition("=")
        found[key.rpartition(".")[2]] = str(ast.literal_eval(value))
    return {name: value for name, value in found.items() if name not in OF_THIS_MACHINE}


if __name__ == "__main__":
    print("[global]\ncert = /etc/ssl/certs/ca-certificates.crt\nroot-user-action = ignore")
    for name, value in sorted(settings().items()):
        print(f"{name} = " + value.replace("\n", "\n    "))
