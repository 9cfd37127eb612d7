"""What a scenario is: a claim, the script that puts it to the test, and the checks that judge the record.

A demo's `scenarios/__init__.py` lists its scenarios; the runner takes one and runs it in one of three variants:
"main" as written, "control" without the fault, "breaks" with the parameters that must break the claim.
"""

import inspect
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from lab.cluster.target import Ability, Refused
from lab.verdict import Check, Finding, name_of

Variant = Literal["main", "control", "breaks"]


@dataclass(frozen=True, slots=True)
class Prediction:
    """One answer to the scenario's question that a person can choose before the run."""

    choice: str
    says: str
    came_true: Callable[[Sequence[Finding]], bool]
    """Computed from the findings of the run, never fixed beforehand."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """One claim and how it is tried. Made by the decorator `scenario`; see there for the fields."""

    name: str
    demo: str
    claim: str
    question: str
    predictions: tuple[Prediction, ...]
    notes: Mapping[str, Check]
    nodes: tuple[str, ...]
    needs: frozenset[Ability]
    seconds: int
    checks: tuple[Check, ...]
    breaks_with: Mapping[str, Any]
    breaks: tuple[str, ...]
    script: Callable[..., None]
    lacks: Callable[[Mapping[str, Any]], str | None]

    @property
    def lesson(self) -> str:
        """The text of the scenario's module: a picture and the story."""
        return inspect.getdoc(inspect.getmodule(self.script)) or ""

    @property
    def parameters(self) -> dict[str, Any]:
        """The script's parameters and their defaults, without `lab`."""
        return {p.name: p.default for p in list(inspect.signature(self.script).parameters.values())[1:]}

    def with_parameters(self, variant: Variant, chosen: Mapping[str, Any]) -> dict[str, Any]:
        """The parameters of one run: defaults, then the breaking ones, then what the user chose.

        Raises Refused for a parameter that the script does not have, a value that it does not take, or parameters that
        want something that is not here.
        """
        known = self.parameters
        if unknown := sorted(set(chosen) - set(known)):
            has = ", ".join(sorted(known)) or "none"
            raise Refused(f"{self.name} has no parameter {unknown[0]!r}. Its parameters: {has}.")
        hints = typing.get_type_hints(self.script)
        for name, value in chosen.items():
            allowed = typing.get_args(hints.get(name)) if typing.get_origin(hints.get(name)) is Literal else ()
            if allowed and value not in allowed:
                raise Refused(f"{self.name}: {name} cannot be {value!r}. It takes {', '.join(map(str, allowed))}.")
        parameters = known | (dict(self.breaks_with) if variant == "breaks" else {}) | dict(chosen)
        if why := self.lacks(parameters):
            raise Refused(f"{self.name}: {why}")
        return parameters


def scenario(
    name: str,
    *,
    claim: str,
    question: str,
    predictions: Sequence[Prediction],
    nodes: Sequence[str],
    checks: Sequence[Check],
    breaks_with: Mapping[str, Any],
    breaks: Sequence[Check],
    needs: Sequence[Ability] = (),
    seconds: int = 60,
    notes: Mapping[str, Check] | None = None,
    lacks: Callable[[Mapping[str, Any]], str | None] = lambda parameters: None,
) -> Callable[[Callable[..., None]], Scenario]:
    """Make a Scenario of a script.

    claim: one sentence that a run can show false. checks: judge the record; the worst verdict is the run's.
    breaks_with: parameters that must break the claim; breaks: the checks (part of `checks`) that must then be BROKEN.
    needs: what the target must be able to do, or the run is refused. seconds: about how long at pace "full".
    notes: statements of the notes that it shows, each with the check that speaks about it.
    lacks: what a run with these parameters wants that is not on this machine, as a sentence; None when all is there.
    """

    def decorate(script: Callable[..., None]) -> Scenario:
        return Scenario(
            name=name,
            demo=script.__module__.partition(".")[0],
            claim=claim,
            question=question,
            predictions=tuple(predictions),
            notes=dict(notes or {}),
            nodes=tuple(nodes),
            needs=frozenset(needs),
            seconds=seconds,
            checks=tuple(checks),
            breaks_with=dict(breaks_with),
            breaks=tuple(name_of(check) for check in breaks),
            script=script,
            lacks=lacks,
        )

    return decorate


def count_in(findings: Sequence[Finding], check: str, count: str) -> float:
    """A number that a check counted; not-a-number, which compares false with everything, when it counted none."""
    for finding in findings:
        if finding.check == check and isinstance(value := finding.counts.get(count), int | float):
            return value
    return float("nan")
