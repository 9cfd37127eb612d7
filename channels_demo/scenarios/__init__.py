"""The scenarios of the Channels demo; `lab.demos` reads them from here."""

from channels_demo.scenarios.slow_consumer import slow_consumer
from lab.scenario import Scenario

SCENARIOS: list[Scenario] = [slow_consumer]
