"""The scenarios of the REST demo."""

from lab.scenario import Scenario

SCENARIOS: list[Scenario] = []
