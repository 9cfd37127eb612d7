"""The scenarios of the Channels demo; `lab.demos` reads them from here."""

from channels_demo.scenarios.bench import bench_feed
from channels_demo.scenarios.blocking_consumer import blocking_consumer
from channels_demo.scenarios.hub_end_to_end import hub_end_to_end
from channels_demo.scenarios.origin_hijack import origin_hijack
from channels_demo.scenarios.redis_restart import redis_restart
from channels_demo.scenarios.scope import scope
from channels_demo.scenarios.scope_auth import scope_auth
from channels_demo.scenarios.server_stop import server_stop
from channels_demo.scenarios.slow_consumer import slow_consumer
from lab.scenario import Scenario

SCENARIOS: list[Scenario] = [
    scope,
    scope_auth,
    origin_hijack,
    blocking_consumer,
    slow_consumer,
    redis_restart,
    server_stop,
    hub_end_to_end,
]
BENCHES = {"channels-feed": bench_feed}
