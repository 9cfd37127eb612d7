"""The same clients against one, two and three instances, at two endpoints that take time for different reasons.

    18 clients --> nginx --> rest-1            4 slots (threads) each        row
                         --> rest-2  joins      |                             |
                         --> rest-3  joins   /slot/ holds a slot          /lock/ holds the row's lock

"For more load put more servers" is right as long as the servers are what is short. At /api/bottleneck/slot/ the slots
are: each instance brings four, and so many times more is answered. At /api/bottleneck/lock/ one row in the database is:
a second instance brings more who wait for it. More servers then cost connections, and serve nobody sooner.

Past its slots a service does not break at once: requests queue, and everybody waits longer. So at first only the waits
grow. Those whose turn does not come before the balancer's patience is over get 502 or 504. How many that are follows
from slots, time and patience; it is tried with 48 clients at once on the first instance.

The endpoints wait and burn no processor time, so this holds on a small machine too. `--breaks` puts the lock under the
claim that instances help. In the control run nobody is stopped: three times the same three instances.
"""

import statistics
import time
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Literal

from lab.checks import (
    load_past_capacity_waits_and_then_fails,
    the_fault_was_felt,
    throughput_does_not_grow,
    throughput_grows_with_instances,
)
from lab.faults import stopped
from lab.scenario import Prediction, count_in, scenario
from lab.script import Lab
from rest_demo import settings
from rest_demo.scenarios.balancer import INSTANCES, SLOTS, await_all_trusted, serves
from rest_demo.scenarios.client import Answer, ask, at_once
from rest_demo.scenarios.database import Database

Endpoint = Literal["slot", "lock"]
SECONDS = 3.0
"""How long each is measured, at any pace: less than that counts too few."""
CLIENTS, HOLD = 18, 0.5
"""At /slot/: more than three instances have slots."""
WAITING, LOCKED = 8, 0.2
"""At /lock/: as long as nobody waits longer than the endpoint lets them."""
CROWD, PATIENCE = 48, 5.0
"""Who comes at once, and how long nginx waits for an instance (nginx.conf)."""

grows = throughput_grows_with_instances("slot", bound_by=f"each brings {SLOTS} slots")
stays = throughput_does_not_grow("lock", bound_by="all of them share one row and its lock")


@scenario(
    "rest-scale-out",
    claim="More instances bear more where slots are short, and not where a database lock is; past that, requests wait.",
    question="Three instances instead of one, at an endpoint that holds the lock of one row. It answers ...",
    predictions=[
        Prediction(
            "three-times", "... three times as many.", lambda f: count_in(f, "throughput_does_not_grow", "times") > 2
        ),
        Prediction("as-many", "... as many.", lambda f: count_in(f, "throughput_does_not_grow", "times") <= 2),
    ],
    notes={"N1": grows, "N2": load_past_capacity_waits_and_then_fails},
    nodes=["rest-1", "rest-2", "rest-3", "nginx", "postgres"],
    needs=["stop"],
    seconds=45,
    checks=[the_fault_was_felt, grows, stays, load_past_capacity_waits_and_then_fails],
    breaks_with={"short": "lock"},
    breaks=[grows],
)
def scale_out(lab: Lab, short: Endpoint = "slot") -> None:
    database = lab.uses(Database(lab))
    await_all_trusted()
    with ExitStack() as absent:
        faults = {node: absent.enter_context(lab.fault(stopped, node)) for node in INSTANCES[1:]}
        lab.await_effect("only one instance answers", lambda: serves(INSTANCES[:1]), within=30)
        measure_both(lab, database, INSTANCES[:1], short)
        crowd(lab, INSTANCES if lab.variant == "control" else INSTANCES[:1])
        for number, (node, fault) in enumerate(faults.items(), 2):
            fault.mend()
            there = INSTANCES if lab.variant == "control" else INSTANCES[:number]
            lab.await_recovery(f"{node} answers as well", lambda there=there: serves(there), within=60)
            measure_both(lab, database, there, short)


def measure_both(lab: Lab, database: Database, there: Sequence[str], short: Endpoint) -> None:
    there = INSTANCES if lab.variant == "control" else there
    lab.note("phase", f"{len(there)} instances")
    measure(lab, "slot", short, len(there))
    if there in (INSTANCES[:1], INSTANCES):
        measure(lab, "lock", "lock", len(there))
    lab.note("connections", {"instances": len(there), "held": database.connections()})


def measure(lab: Lab, of: str, endpoint: Endpoint, instances: int) -> None:
    """Let clients ask, each again as soon as it was answered, and write down what came back in that time."""
    clients = CLIENTS if endpoint == "slot" else WAITING
    began = time.monotonic()
    answers: list[Answer] = []
    failed = 0

    def work(number: int) -> None:
        nonlocal failed
        while time.monotonic() - began < SECONDS:
            answer = hold(endpoint)
            if time.monotonic() - began > SECONDS:
                return
            if answer and answer.ok:
                answers.append(answer)
            else:
                failed += 1

    at_once(work, clients)
    waits = [answer.seconds for answer in answers]
    value = {
        "of": of, "endpoint": endpoint, "instances": instances, "clients": clients, "seconds": SECONDS,
        "answered": len(answers), "failed": failed, "per_second": round(len(answers) / SECONDS, 2), **quantiles(waits),
    }  # fmt: skip
    lab.record("lab", "observe", "measured", value=value)


def crowd(lab: Lab, there: Sequence[str]) -> None:
    """Many more than there are slots come at once; then wait until nobody's work is left over."""
    lab.note("phase", f"{CROWD} clients at once")
    found = at_once(lambda number: hold("slot"), CROWD)
    waits = [answer.seconds for answer in found if answer and answer.ok]
    statuses = sorted({str(answer.status if answer else 0) for answer in found})
    value = {
        "clients": CROWD, "slots": SLOTS * len(there), "hold": HOLD, "patience": PATIENCE, "answered": len(waits),
        "failed": len(found) - len(waits), "longest": round(max(waits, default=0.0), 3), "statuses": statuses,
    }  # fmt: skip
    lab.record("lab", "observe", "burst", value=value)
    lab.await_recovery("who comes later is served again", lambda: serves(there), within=30)


def hold(endpoint: Endpoint) -> Answer | None:
    """One request; None when nobody answered."""
    method, seconds = ("GET", HOLD) if endpoint == "slot" else ("POST", LOCKED)
    try:
        return ask(settings.read().url, method, f"/api/bottleneck/{endpoint}/?ms={seconds * 1000:.0f}")
    except ConnectionError:
        return None


def quantiles(waits: Sequence[float]) -> dict[str, float | None]:
    if len(waits) < 2:
        return {"p50": None, "p95": None}
    ranks = statistics.quantiles(waits, n=20, method="inclusive")
    return {"p50": round(ranks[9], 3), "p95": round(ranks[18], 3)}
