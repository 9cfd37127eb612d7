"""Say what there is to say of a run, as one JSON object on stdout: `python -m lab.console.told FOLDER LANGUAGE`.

The console starts it as a process of its own (telling.py), since it imports the scenarios and with them the systems
under test. On a mistake of the asker it prints {"error": sentence} and leaves with another exit code than 0.
"""

import sys
from pathlib import Path
from typing import Any

import msgspec

from lab import demos
from lab import settings as environment
from lab.cluster.target import LabError, Refused
from lab.history import History
from lab.report import goes_on
from lab.runner import judged
from lab.told import contents
from lab.words import set_language


def told(folder: Path) -> dict[str, Any]:
    """lab/told.py's contents for a run folder. Raises LabError when it is no run that this lab knows."""
    history = History.load(folder / "history.jsonl")
    about = history.note("run")
    if not about:
        raise Refused(f"{folder / 'history.jsonl'} does not say which scenario it records.")
    scenario = demos.scenario_named(about["scenario"])
    going_on = goes_on(folder, environment.read().state)
    return contents(history, scenario, judged(history, scenario, folder), going_on=going_on)


def main(folder: str) -> int:
    """Print it; 0 when there was something to say."""
    try:
        answer = told(Path(folder))
    except LabError as error:
        print(msgspec.json.encode({"error": str(error)}).decode())
        return error.exit_code
    print(msgspec.json.encode(answer).decode())
    return 0


if __name__ == "__main__":
    set_language(sys.argv[2])
    sys.exit(main(sys.argv[1]))
