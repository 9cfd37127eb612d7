"""Kill one of three instances while clients read and write through the balancer.

    clients --GET, POST--> nginx --> rest-1
                                 --> rest-2   killed here, with requests in its hands
                                 --> rest-3

Whoever comes after the kill notices nothing: the connection is refused, so nginx asks the next instance, for a POST as
well, since nothing was sent yet. A GET that was in the dead instance's hands is asked of another one too. A POST that
was is not: it may have been done, and nginx does not do it twice. Its client is told 502, and does not know.

So no setting of the balancer makes a POST safe. The client does: it asks again, with the same Idempotency-Key. Nothing
acknowledged is lost, nothing is done twice, and no client is left with an error. `--breaks` does not ask again.

To make it certain that some POSTs are in hand, the scenario holds the lock of their table for the moment of the kill.
"""

from contextlib import ExitStack

from lab.checks import (
    every_request_succeeds,
    no_request_is_stored_twice,
    the_fault_was_felt,
    what_was_acknowledged_is_stored,
)
from lab.faults import killed
from lab.scenario import Prediction, count_in, scenario
from lab.script import Lab
from lab.waiting import wait_for
from rest_demo import settings
from rest_demo.scenarios.balancer import await_all_trusted, silent
from rest_demo.scenarios.client import Caller, answers_of
from rest_demo.scenarios.database import Database, Table

IN_HAND = 4
POSTS: Table = "notifications_notification"
no_errors = every_request_succeeds(ops=["get", "post"], at_least=60)
nothing_lost = what_was_acknowledged_is_stored("post", at_least=20)


@scenario(
    "rest-instance-dies",
    claim="An instance dies under load: who asks again with a key ends without an error, and nothing is done twice.",
    question="One of three instances is killed with POSTs in its hands. What do their clients hear at first?",
    predictions=[
        Prediction(
            "nothing",
            "Nothing: the balancer asks another instance.",
            lambda f: count_in(f, "every_request_succeeds", "asked_again") == 0,
        ),
        Prediction(
            "error",
            "An error, and they have to ask again.",
            lambda f: count_in(f, "every_request_succeeds", "asked_again") > 0,
        ),
    ],
    notes={"N4": no_errors},
    nodes=["rest-1", "rest-2", "rest-3", "nginx", "postgres"],
    needs=["kill"],
    seconds=20,
    checks=[the_fault_was_felt, no_errors, nothing_lost, no_request_is_stored_twice],
    breaks_with={"again": 0},
    breaks=[no_errors],
)
def instance_dies(lab: Lab, again: int = 3) -> None:
    url, database = settings.read().url, lab.uses(Database(lab))
    getters = [Caller(f"reader-{n}", lab.run, url, path="/api/bottleneck/slot/?ms=100", again=0) for n in range(4)]
    order = {"kind": "web", "region": "north", "contact": "lab"}
    posters = [
        Caller(f"writer-{n}", lab.run, url, path="/api/notifications/", body=order, keyed=True, again=again)
        for n in range(6)
    ]
    callers = [*getters, *posters]

    await_all_trusted()
    with lab.workload("get", getters, per_second=12), lab.workload("post", posters, per_second=12):
        lab.observe("three instances", seconds=4)
        with ExitStack() as broken:
            with database.locked(POSTS):
                victim = wait_for("POSTs in hand", lambda: most(database, IN_HAND), within=10, every=0.02)
                broken.enter_context(lab.fault(killed, victim))
            lab.await_effect(f"only the others answer, not {victim}", silent(callers, victim), within=15)
            lab.observe("two instances", seconds=4)
        before = answers_of(callers)[victim]
        lab.await_recovery(f"{victim} answers again", lambda: answers_of(callers)[victim] > before, within=30)
        lab.observe("three instances again", seconds=2)
    database.record_rows()


def most(database: Database, at_least: int) -> str | None:
    """The instance with the most POSTs in hand, once there are so many in all."""
    waiting = database.waiting(POSTS)
    return waiting.most_common(1)[0][0] if waiting.total() >= at_least else None
