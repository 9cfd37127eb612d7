"""The only reader of the environment in the kernel. Read once, by the command line; all others are handed a Settings.

`LAB_BLOCK=1` gives a second stack beside the first: other loopback addresses (127.77.1.x), another project name, and
published ports moved by 100 for each block, unless a LAB_..._PORT variable names one itself. No block's ports are among
those that the system takes for outgoing connections: one of these would now and then be in the way.
"""

import hashlib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

PRESETS: Mapping[str, Mapping[str, str]] = {
    "default": {"LAB_SESSION_TIMEOUT_MS": "9000", "LAB_HEARTBEAT_INTERVAL_MS": "2000"},
    "fast": {"LAB_SESSION_TIMEOUT_MS": "3000", "LAB_HEARTBEAT_INTERVAL_MS": "500"},
}
"""How soon the controller takes a silent broker for dead, in milliseconds. "default" is Kafka's own default."""

_OUTGOING, _BACK = 32768, 10_007
"""Where Linux' ports for outgoing connections begin; how far back a block's port goes that would be one of them. No
other port of ours ends on the two digits that it then ends on."""
_PORT = re.compile(r"\$\{(LAB_\w+_PORT):-(\d+)\}")


@dataclass(frozen=True, slots=True)
class Settings:
    """What the lab was told by its environment and its place on disk."""

    root: Path
    """The checkout: docker-compose.yml and the demos stand here."""
    block: int
    """0, or the number of a stack beside the first (1 to 99)."""
    state: Path
    """Everything that a running stack writes, for whichever target: short, and enterable for PostgreSQL's user."""
    downloads: Path
    """What was downloaded or derived from it (Kafka's jars, the class-data archive). Kept by `down --volumes`."""
    runs: Path
    """One folder a run."""
    target: str
    """"compose", "local", "external", or "" when the lab may choose."""
    variables: Mapping[str, str]
    """What ${NAME} in docker-compose.yml is read from: the environment, then `.env`, then this block's ports."""

    @property
    def compose_file(self) -> Path:
        return self.root / "docker-compose.yml"

    @property
    def desk_port(self) -> int:
        """Where the console that drives this stack is served."""
        return _desk_port(self.variables, self.block)

    @property
    def environment(self) -> dict[str, str]:
        """What a child is given so that it reads these same settings."""
        told = {"LAB_BLOCK": str(self.block), "LAB_RUNS": str(self.runs), "LAB_TARGET": self.target}
        return {**self.variables, **told, "LAB_STATE_ROOT": str(self.state.parent)}

    @property
    def language(self) -> str:
        """What commands answer in, where --lang does not say it."""
        return self.variables.get("LAB_LANG") or "en"

    @property
    def stack_id(self) -> str:
        """Marks every process of this stack (LAB_STACK in its environment)."""
        return self.state.name.removeprefix("lab-")

    @property
    def project(self) -> str:
        """The compose project's name."""
        return self.variables.get("COMPOSE_PROJECT_NAME") or ("lab" if self.block == 0 else f"lab-{self.block}")


def read(root: Path | None = None) -> Settings:
    """Read the environment and `.env`. Raises ValueError, in one sentence, when a variable makes no sense."""
    root = (root or Path(__file__).resolve().parent.parent).resolve()
    text = os.environ.get("LAB_BLOCK", "0")
    if not (text.isdigit() and int(text) < 100):
        raise ValueError(f"LAB_BLOCK is {text!r}; it must be a number from 0 to 99")
    block = int(text)
    digest = hashlib.sha1(str(root).encode(), usedforsecurity=False).hexdigest()[:8]
    compose_file = root / "docker-compose.yml"
    variables = (
        _block_ports(compose_file.read_text() if compose_file.exists() else "", block)
        | _dotenv(root / ".env")
        | dict(os.environ)
    )
    _desk_port(variables, block)  # said at once, not when somebody starts a console
    return Settings(
        root=root,
        block=block,
        state=Path(variables.get("LAB_STATE_ROOT", "/var/tmp")) / f"lab-{digest}-{block}",
        downloads=root / ".lab",
        runs=Path(variables.get("LAB_RUNS", root / "runs")),
        target=variables.get("LAB_TARGET", ""),
        variables=variables,
    )


def share_with_demos(settings: Settings) -> None:
    """Give the demos' own settings modules this block's published ports, so that their clients find this stack."""
    for name, value in settings.variables.items():
        if re.fullmatch(r"LAB_\w+_PORT", name):
            os.environ[name] = value


def _desk_port(variables: Mapping[str, str], block: int) -> int:
    text = variables.get("LAB_DESK_PORT") or str(8479 + 100 * block)
    if not (text.isdecimal() and 0 < int(text) < 65536):
        raise ValueError(f"LAB_DESK_PORT is {text!r}; it must be a number from 1 to 65535")
    return int(text)


def _block_ports(compose_text: str, block: int) -> dict[str, str]:
    if not block:
        return {}
    moved = {name: int(port) + 100 * block for name, port in _PORT.findall(compose_text)}
    return {name: str(port if port < _OUTGOING else port - _BACK) for name, port in moved.items()}


def _dotenv(path: Path) -> dict[str, str]:
    """NAME=value lines as docker compose reads them; quotes around a value are dropped, `#` lines are comments."""
    pairs = {}
    for line in path.read_text().splitlines() if path.exists() else []:
        name, sign, value = line.strip().partition("=")
        if sign and not name.startswith("#"):
            pairs[name.strip()] = value.strip().strip("'\"")
    return pairs
