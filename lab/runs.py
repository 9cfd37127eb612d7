"""Run folders: `runs/<time>-<scenario>-<variant>`, each complete in itself, and what can be asked of all of them.

The runner makes one and fills it; `lab check`, `lab list --notes` and `lab report` read them.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from lab.cluster.target import LabError, Refused, Target
from lab.settings import Settings


def new_folder(settings: Settings, scenario: str, variant: str) -> Path:
    """A folder of its own, `latest` pointing at it. Raises LabError when the disk does not take it."""
    stamp = datetime.now().strftime("%Y%m%d-%H%M%S")
    try:
        for number in range(1, 1000):
            folder = settings.runs / (f"{stamp}-{scenario}-{variant}" + (f"-{number}" if number > 1 else ""))
            if not folder.exists():
                folder.mkdir(parents=True)
                latest = settings.runs / "latest"
                latest.unlink(missing_ok=True)
                latest.symlink_to(folder.name)
                return folder
    except OSError as error:
        raise LabError(
            f"Cannot write a run folder in {settings.runs}: {error.strerror}. Make room, or set LAB_RUNS."
        ) from error
    raise LabError(f"A thousand runs of {scenario} began in the same second in {settings.runs}.")


def keep_logs(target: Target, nodes: Sequence[str], folder: Path) -> None:
    """The nodes' last words beside the history, so that the folder explains itself later."""
    logs = folder / "logs"
    logs.mkdir(exist_ok=True)
    for node in nodes:
        try:
            (logs / f"{node}.log").write_text("\n".join(target.log_lines(node, 400)) + "\n")
        except LabError as error:
            (logs / f"{node}.log").write_text(f"not to be had: {error}\n")


def load_run(run: str, settings: Settings) -> Path:
    """The folder of a run by its path, its name, or "latest". Raises Refused when there is none."""
    for folder in (Path(run), settings.runs / run):
        if (folder / "history.jsonl").is_file():
            return folder.resolve()
    raise Refused(
        f"{run!r} is no run: neither it nor {settings.runs / run} holds a history.jsonl. "
        f"`ls {settings.runs}` shows them."
    )


def last_results(settings: Settings) -> dict[tuple[str, str], dict[str, Any]]:
    """The newest verdict.json of each (scenario, variant); folders that cannot be read are passed over."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for path in sorted(settings.runs.glob("*/verdict.json")):
        if path.parent.is_symlink():
            continue
        try:
            result = json.loads(path.read_text())
            found[result["scenario"], result["variant"]] = result
        except (OSError, ValueError, KeyError):
            continue
    return found
