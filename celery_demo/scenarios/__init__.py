"""The scenarios of the Celery demo."""

from lab.scenario import Scenario

SCENARIOS: list[Scenario] = []
