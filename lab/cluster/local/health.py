"""Health checks, run here as Docker would run them in the container: the same test, with the same names.

One limit: a bash that has put /dev/tcp/NAME/PORT on a descriptor of its own choice cannot look up a second name, since
libnss-wrapper kept its hosts file on that descriptor. One probe in each bash, then.
"""

import os
import re
import signal
import subprocess

from lab.cluster.local.layout import Layout
from lab.cluster.stack import Service

_PROBED_PORT = re.compile(r"/dev/tcp/[\w.-]+/(\d+)")


def passes(layout: Layout, service: Service) -> bool:
    """Run the health check of a service once. At most its own timeout, in seconds."""
    check = service.healthcheck
    assert check is not None, f"{service.name} has no health check"
    process = subprocess.Popen(
        [layout.health_script(service.name)],
        cwd=layout.folder(service.name),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        process_group=0,
    )
    try:
        return process.wait(check.timeout) == 0
    except subprocess.TimeoutExpired:
        return False
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def what_is_missing(service: Service) -> str:
    """Why a service that runs is not healthy yet, as a clause for the user."""
    if service.one_shot:
        return "it is still at work"
    found = _PROBED_PORT.search(" ".join(service.healthcheck.test)) if service.healthcheck else None
    return f"its port {found[1]} does not answer yet" if found else "its health check does not pass yet"
