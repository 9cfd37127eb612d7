"""What the pages show of the scenarios, as one JSON object: `python -m lab.console.lessons` prints it.

To know the scenarios the demos must be imported, and with them the clients of every system. The console never does
that: it runs this as a child (catalogue.py) and keeps the answer.
"""

import sys
import typing
from typing import Any

import msgspec

from lab import demos
from lab.console.catalogue import Choice, Known, Lessons, Parameter
from lab.scenario import Scenario
from lab.verdict import name_of


def known(scenario: Scenario) -> Known:
    """A scenario without its script and checks."""
    return Known(
        name=scenario.name,
        demo=scenario.demo,
        claim=scenario.claim,
        question=scenario.question,
        lesson=scenario.lesson,
        predictions=[Choice(one.choice, one.says) for one in scenario.predictions],
        notes=list(scenario.notes),
        nodes=list(scenario.nodes),
        needs=sorted(scenario.needs),
        seconds=scenario.seconds,
        parameters=_parameters(scenario),
        breaks_with=dict(scenario.breaks_with),
        breaks=list(scenario.breaks),
        spoken_by={id: name_of(check) for id, check in scenario.notes.items()},
    )


def _parameters(scenario: Scenario) -> dict[str, Parameter]:
    hints = typing.get_type_hints(scenario.script)
    found = {}
    for name, default in scenario.parameters.items():
        choices: list[Any] | None = None
        if typing.get_origin(hints.get(name)) is typing.Literal:
            choices = list(typing.get_args(hints[name]))
        found[name] = Parameter(default, choices)
    return found


def main() -> None:
    """Print what there is."""
    lessons = Lessons([known(scenario) for scenario in demos.scenarios()], demos.roles())
    sys.stdout.buffer.write(msgspec.json.encode(lessons) + b"\n")


if __name__ == "__main__":
    main()
