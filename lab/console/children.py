"""Starts what the console lets others do: a child in a session of its own, so that it outlives the console's Ctrl-C.

jobs.py starts runs with it, power.py breaks and heals, detached.py the console that `lab demo` leaves behind.
"""

import subprocess
from collections.abc import Sequence
from typing import IO, Any

from lab.settings import Settings


def spawn(settings: Settings, command: Sequence[str], out: IO[Any], err: IO[Any]) -> subprocess.Popen[bytes]:
    """The command, told these same settings, with its words in files: a pipe would end with its reader.

    Raises OSError when it cannot be started.
    """
    return subprocess.Popen(
        command,
        cwd=settings.root,
        env=settings.environment,
        stdin=subprocess.DEVNULL,
        stdout=out,
        stderr=err,
        start_new_session=True,
    )
