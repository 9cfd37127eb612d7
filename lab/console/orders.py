"""What a page may ask to be run, held against the catalogue before a process is started for it."""

from typing import Any, Literal

import msgspec

from lab.console.catalogue import Catalogue, Known
from lab.console.refusals import Refusal
from lab.words import _

_VARIANTS = {"main": [], "control": ["--control"], "breaks": ["--breaks"]}


class Order(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of POST /api/jobs."""

    scenario: str
    variant: Literal["main", "control", "breaks"] = "main"
    pace: Literal["quick", "full"] = "full"
    seed: int = 0
    parameters: dict[str, Any] = {}
    prediction: str | None = None

    def arguments(self) -> list[str]:
        """For `lab run`. Every value stands behind its option's `=`, so none can be taken for an option."""
        words = [self.scenario, *_VARIANTS[self.variant], f"--pace={self.pace}", f"--seed={self.seed}"]
        words += [f"--set={name}={_told(value)}" for name, value in self.parameters.items()]
        return words + ([f"--predict={self.prediction}"] if self.prediction else [])

    def command(self) -> str:
        """What to type instead, on a terminal."""
        words = [word for word in self.arguments() if word not in ("--seed=0", "--pace=full")]
        return " ".join(["bin/lab", "run", *words])


async def check(order: Order, catalogue: Catalogue) -> Known:
    """The scenario that is meant. Raises Refusal (422) for what it does not have."""
    known = await catalogue.scenario(order.scenario)
    if not known:
        raise Refusal(422, _("There is no scenario {name}.").format(name=order.scenario), "lab list")
    for name, value in order.parameters.items():
        if name not in known.parameters:
            raise Refusal(422, _("{scenario} has no parameter {name}.").format(scenario=known.name, name=name))
        choices = known.parameters[name].choices
        if not isinstance(value, str | int | float | bool) or (choices and _told(value) not in map(_told, choices)):
            sentence = _("{scenario}: {name} cannot be {value}.")
            raise Refusal(422, sentence.format(scenario=known.name, name=name, value=value))
    if order.prediction is not None and order.prediction not in {one.choice for one in known.predictions}:
        sentence = _("{scenario} has no prediction {choice}.")
        raise Refusal(422, sentence.format(scenario=known.name, choice=order.prediction))
    return known


def _told(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
