"""Where everything of a local stack is: addresses, folders, and the texts of the file made local.

Only values; of the disk it asks whether a mounted path is a folder. `programs.py` writes what is said here, the other
modules of this package look it up.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from lab.cluster.fields import Mount
from lab.cluster.stack import Stack
from lab.settings import Settings

FORWARDER = "published-ports"
"""The program that forwards the published ports; it stands beside the services in supervisor's list."""

_FIRST_ADDRESS = 11
_ALL_INTERFACES = re.compile(r"\b0\.0\.0\.0(?=:\d)|(?<=://)(?=:\d)")
_OWN_PORT = re.compile(r"(?:\b0\.0\.0\.0|://):(\d+)")


@dataclass(frozen=True)
class Layout:
    """One stack on this machine. Service names are those of `stack`."""

    settings: Settings
    stack: Stack

    @property
    def state(self) -> Path:
        """Everything that the stack writes; short, since the path of a unix socket ends at 107 bytes."""
        return self.settings.state

    @property
    def lock(self) -> Path:
        return self.state.with_name(f"{self.state.name}.lock")

    @property
    def hosts(self) -> Path:
        """The names of the services for libnss-wrapper, in the form of /etc/hosts."""
        return self.state / "hosts"

    @property
    def preset(self) -> Path:
        return self.state / "preset"

    def folder(self, name: str) -> Path:
        return self.state / name

    def log(self, name: str) -> Path:
        return self.state / "logs" / f"{name}.log"

    def script(self, name: str) -> Path:
        """Starts the program; a reader can run it by hand."""
        return self.state / "bin" / name

    def health_script(self, name: str) -> Path:
        return self.state / "bin" / f"{name}.health"

    def address(self, name: str) -> str:
        """The loopback address of a service. Linux answers on all of 127.0.0.0/8 without any set-up."""
        return f"127.77.{self.settings.block}.{_FIRST_ADDRESS + list(self.stack.services).index(name)}"

    def hosts_text(self) -> str:
        names = "".join(f"{self.address(name)} {name}\n" for name in self.stack.services)
        return f"127.0.0.1 localhost\n{names}"

    def mounts(self, name: str) -> dict[str, Path]:
        """Where each mounted path of a service is here."""
        return {mount.target: self._place_of(name, mount) for mount in self.stack.services[name].volumes}

    def _place_of(self, name: str, mount: Mount) -> Path:
        """Volumes are shared by name; a folder stays where it is, since it goes on changing; a file is a copy."""
        if mount.kind == "volume":
            return self.state / "volumes" / mount.source
        source = (self.settings.root / mount.source).resolve()
        return source if source.is_dir() else self.folder(name) / "mounted" / mount.target.lstrip("/")

    def made_local(self, name: str, text: str) -> str:
        """`text` of a service with "all interfaces" as its own address and mounted paths as they are here."""
        text = _ALL_INTERFACES.sub(self.address(name), text)
        for target, path in sorted(self.mounts(name).items(), reverse=True):
            text = re.sub(rf"(?<![\w./-]){re.escape(target)}(?![\w.-])", str(path), text)
        return text

    def own_ports(self, name: str) -> list[int]:
        """The ports that a service opens on its own address, as far as the file says them."""
        service = self.stack.services[name]
        texts = [*service.command, *service.environment.values()]
        said = {int(port) for text in texts for port in _OWN_PORT.findall(text)}
        return sorted(said | {port.container for port in service.ports})
