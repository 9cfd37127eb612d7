"""The scenarios of the Channels demo; `lab.demos` reads them from here."""

from channels_demo.scenarios.hub_end_to_end import hub_end_to_end
from channels_demo.scenarios.redis_restart import redis_restart
from channels_demo.scenarios.server_stop import server_stop
from channels_demo.scenarios.slow_consumer import slow_consumer
from lab.scenario import Scenario

SCENARIOS: list[Scenario] = [hub_end_to_end, redis_restart, server_stop, slow_consumer]
