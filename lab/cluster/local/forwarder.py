"""One nginx forwards every published port to its service, so that all URLs are the same as under Docker.

It accepts and then closes a connection when the service behind it is dead, where Docker refuses: nothing may take
"connected" on a published port for "alive".
"""

import os

from lab.cluster.images.nginx import CONNECTIONS
from lab.cluster.images.place import Program
from lab.cluster.local.layout import FORWARDER, Layout
from lab.cluster.local.requirements import nginx, stream_module


def forwarder(layout: Layout) -> Program:
    """nginx with one `server` for each entry of `ports:` in the file."""
    folder = layout.folder(FORWARDER)
    servers = "".join(
        f"  server {{ listen {port.host_ip}:{port.host}; proxy_pass {layout.address(name)}:{port.container}; }}\n"
        for name, service in layout.stack.services.items()
        for port in service.ports
    )
    module = stream_module()
    config = (
        (f"load_module {module};\n" if module else "")
        + ("user root;\n" if os.geteuid() == 0 else "")
        + f"worker_processes 1;\ndaemon off;\npid {folder}/pid;\nerror_log stderr notice;\n{CONNECTIONS}\n"
        # nginx closes connections that are idle for 10 minutes unless it is told otherwise; a client may well be.
        + f"stream {{\n  proxy_timeout 1d;\n  proxy_connect_timeout 5s;\n{servers}}}\n"
    )
    path = folder / "nginx.conf"
    program = nginx(layout.settings.variables.get("PATH", "")) or "nginx"
    return Program([program, "-p", str(folder), "-e", "stderr", "-c", str(path)], {}, {path: config}, stop_all=False)
