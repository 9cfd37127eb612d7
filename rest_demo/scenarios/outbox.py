"""The broker is down when notifications are committed. Who sends them when it is back?

    POST --one transaction--> [notification] [outbox] --commit--> 201
                                                 `-- relay --confirmed--> hub.inbox --> our own queue
                                                        ^ while the broker is down the rows wait here

An instance that sends by itself after its commit (on_commit) has nowhere to keep what the broker does not take: the
client was told 201, the row is there, and the message never comes. The outbox is written with the row, in one
transaction, and a relay sends what stands there until the broker has confirmed it.

The other way round is as bad: a message about something that was rolled back. Ten of the requests are: each has written
its key and its notification when the scenario, which holds a lock for a moment, makes its transaction fail. They are
told so (409), leave no row, and nobody is told of them.

`--breaks` posts to an instance that sends by on_commit. In the control run the broker is never stopped.
"""

from typing import Literal

from lab.checks import (
    everything_committed_is_sent,
    no_request_is_stored_twice,
    nothing_uncommitted_is_sent,
    the_fault_was_felt,
    what_was_acknowledged_is_stored,
)
from lab.faults import stopped
from lab.processes import Processes
from lab.scenario import Prediction, count_in, scenario
from lab.script import Lab
from lab.waiting import NotReached, wait_for
from rest_demo import settings
from rest_demo.scenarios import own_instance
from rest_demo.scenarios.balancer import await_all_trusted
from rest_demo.scenarios.client import Caller, ask, at_once
from rest_demo.scenarios.database import Database
from rest_demo.scenarios.queue import Watched

BEFORE, MEANWHILE, ROLLED_BACK = 10, 20, 10
sent = everything_committed_is_sent(at_least=BEFORE + MEANWHILE)


@scenario(
    "rest-outbox",
    claim="What is committed while the broker is down is sent when it is back; what is rolled back is never sent.",
    question="The broker is down while 20 notifications are committed. An instance that sends after its commit ...",
    predictions=[
        Prediction(
            "sent-later",
            "... has to keep them first: with an outbox all of them come.",
            lambda f: count_in(f, "everything_committed_is_sent", "lost") == 0,
        ),
        Prediction(
            "lost",
            "... loses them, outbox or not.",
            lambda f: count_in(f, "everything_committed_is_sent", "lost") > 0,
        ),
    ],
    nodes=["rabbitmq", "postgres", "rest-relay", "rest-1", "rest-2", "rest-3", "nginx"],
    needs=["stop"],
    seconds=30,
    checks=[
        the_fault_was_felt,
        sent,
        nothing_uncommitted_is_sent,
        what_was_acknowledged_is_stored("post", at_least=BEFORE + MEANWHILE),
        no_request_is_stored_twice,
    ],
    breaks_with={"way": "on_commit"},
    breaks=[sent],
)
def outbox(lab: Lab, way: Literal["outbox", "on_commit"] = "outbox") -> None:
    await_all_trusted()
    database, queue = lab.uses(Database(lab)), lab.uses(Watched(lab))
    url = settings.read().url
    if way == "on_commit":
        url = own_instance.start(lab.uses(Processes(own_instance.ROOT)), "on-commit", {"outbox": False})
    clients = Clients(lab, url)

    clients.post("before", BEFORE)
    with lab.fault(stopped, "rabbitmq"):
        lab.await_effect("an instance misses the broker", lambda: not is_ready(url), within=30)
        clients.post("meanwhile", MEANWHILE)
        with database.locked("notifications_outbox" if way == "outbox" else "notifications_notification"):
            clients.post("rolled-back", ROLLED_BACK)
    lab.await_recovery("an instance has its broker again", lambda: is_ready(url), within=60)
    try:
        wait_for("an empty outbox", lambda: database.unsent() == 0, within=60)
    except NotReached:
        lab.note("phase", "the outbox is not empty")  # which the check says
    queue.record(unsent=database.unsent())
    database.record_rows()


def is_ready(url: str) -> bool:
    return ask(url, "GET", "/readyz").ok


class Clients:
    """Post at the same time, and each once: nobody asks again."""

    def __init__(self, lab: Lab, url: str) -> None:
        self._lab, self._url = lab, url

    def post(self, name: str, count: int) -> None:
        self._lab.note("phase", name)
        at_once(lambda number: self._post(f"{name}-{number}"), count, at_most=10)

    def _post(self, id: str) -> None:
        order = {"kind": "web", "region": "north", "contact": "lab"}
        caller = Caller(id, self._lab.run, self._url, path="/api/notifications/", body=order, keyed=True)
        self._lab.record(id, "invoke", "post", id)
        caller.post(id, lambda outcome, value, error: self._lab.record(id, outcome, "post", id, value, error))
