"""Change the rule on the server, one instance after the other, under clients that nobody touches, and change it back.

    clients --"priority?"--> nginx --> rest-1   v1      v2      v2      v2
    (never changed)                --> rest-2   v1      v1      v2      v2
                                   --> rest-3   v1      v1      v1      v2
                                                |----- mixed window ----|

An instance that stops lets nobody in, finishes what it has, and ends; the balancer asks the others meanwhile. When it
starts it takes up the version that was released for it. So no client is left with an error. But between the first new
answer and the last old one both rules are in force, and two requests one after the other may be decided differently:
how long that lasts is in the finding. All that is needed of the clients is that the answer keeps its form: each one is
held against the schema that the service published before the change.

`--breaks` stops all instances at once: the same change, and nobody who answers meanwhile.
"""

from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial
from typing import Literal

from lab.checks import (
    a_release_reaches_every_answer,
    answers_keep_the_contract,
    every_request_succeeds,
    no_request_is_stored_twice,
    the_fault_was_felt,
    what_was_acknowledged_is_stored,
)
from lab.faults import stopped
from lab.scenario import Prediction, count_in, scenario
from lab.script import Lab
from lab.waiting import wait_for
from rest_demo import settings
from rest_demo.scenarios.balancer import INSTANCES, await_all_serving, await_all_trusted, serving, silent
from rest_demo.scenarios.client import Caller, answers_of
from rest_demo.scenarios.contract import Contract
from rest_demo.scenarios.database import Database

How = Literal["rolling", "all_at_once"]
PRIORITY, NOTIFICATIONS = "/api/priority/", "/api/notifications/"
BOTH = ["get", "post"]
ENOUGH = 100
no_errors = every_request_succeeds(ops=BOTH, at_least=ENOUGH)
contract_kept = answers_keep_the_contract(ops=BOTH, at_least=ENOUGH)


@scenario(
    "rest-server-change",
    claim="The rule is changed on three instances in turn: clients that nobody touches see no error and no other form.",
    question="The rule changes on one instance after the other. What do clients that nobody changes see meanwhile?",
    predictions=[
        Prediction(
            "clean-cut",
            "The old rule until the change, the new one from then on.",
            lambda f: count_in(f, "a_release_reaches_every_answer", "mixed_seconds") == 0,
        ),
        Prediction(
            "both",
            "Both rules for a while, in turn, and no error.",
            lambda f: (
                count_in(f, "a_release_reaches_every_answer", "mixed_seconds") > 0
                and count_in(f, "every_request_succeeds", "errors") == 0
            ),
        ),
        Prediction("errors", "Errors.", lambda f: count_in(f, "every_request_succeeds", "errors") > 0),
    ],
    notes={"N3": contract_kept},
    nodes=["rest-1", "rest-2", "rest-3", "nginx", "postgres"],
    needs=["stop"],
    seconds=60,
    checks=[
        the_fault_was_felt,
        no_errors,
        contract_kept,
        a_release_reaches_every_answer("get"),
        what_was_acknowledged_is_stored("post", at_least=20),
        no_request_is_stored_twice,
    ],
    breaks_with={"how": "all_at_once"},
    breaks=[no_errors],
)
def server_change(lab: Lab, how: How = "rolling") -> None:
    await_all_trusted()
    url, database = settings.read().url, lab.uses(Database(lab))
    contract = Contract.of(url)
    question = f"{PRIORITY}?kind=gateway&region=north&recipients=100"
    decided = partial(contract.breach, "GET", PRIORITY)
    made = partial(contract.breach, "POST", NOTIFICATIONS)
    order = {"kind": "gateway", "region": "north", "contact": "lab"}
    readers = [Caller(f"reader-{n}", lab.run, url, path=question, breach=decided) for n in range(3)]
    writers = [
        Caller(f"writer-{n}", lab.run, url, path=NOTIFICATIONS, body=order, keyed=True, again=3, breach=made)
        for n in range(3)
    ]
    callers = [*readers, *writers]

    with lab.workload("get", readers, per_second=12), lab.workload("post", writers, per_second=6):
        lab.observe("version 1", seconds=4)
        change(lab, database, callers, 2, how)
        lab.observe("version 2", seconds=4)
        change(lab, database, callers, 1, how)
        lab.observe("version 1 again", seconds=2)
        # Where nobody is stopped and the pace is quick it is all over before there is enough to judge.
        wait_for("enough answers for a verdict", lambda: answers_of(callers).total() > ENOUGH, within=60)
    database.record_rows()


def change(lab: Lab, database: Database, callers: Sequence[Caller], version: int, how: How) -> None:
    """Release it for every instance, and let each take it up. In a control run nothing is released."""
    if lab.variant != "control":
        lab.note("release", {"version": version, "step": "began"})
        for node in INSTANCES:
            database.release(node, version)
    if how == "all_at_once":
        with ExitStack() as away:
            for node in INSTANCES:
                away.enter_context(lab.fault(stopped, node))
            lab.await_effect("nobody answers", lambda: not serving(), within=30)
    else:
        for node in INSTANCES:
            with lab.fault(stopped, node):
                lab.await_effect(f"only the others answer, not {node}", silent(callers, node), within=30)
            before = answers_of(callers)[node]
            lab.await_recovery(
                f"{node} answers again", lambda node=node, n=before: answers_of(callers)[node] > n, within=60
            )
    await_all_serving(lab)
    if lab.variant != "control":
        lab.note("release", {"version": version, "step": "done"})
