"""Freeze one of three instances: it still takes connections, and answers nobody.

    clients --> nginx --> rest-1
                      --> rest-2   frozen here: the kernel takes the connection, nobody reads it
                      --> rest-3

nginx waits for some seconds. Then a GET is asked of another instance: late, but well. A POST may be at work in there,
so nginx does not send it twice: 504. The client does not know whether it was done, and asks again, which another
instance answers. Later the frozen one thaws, reads what lies in its socket, and does it as well.

    as asked                          the client hears      rows
    get                               200, late             -
    post, no key                      504, then 201         2
    post, with an Idempotency-Key     504, then 201         1
    post to /retried/, no key         201, late             2     nginx sends it twice itself (non_idempotent)
    post to /retried/, with a key     201, late             1

The rows are counted in the database, by the id that the client gave its request. `--breaks` leaves the keys out, and
the table is not told. In the control run nobody hangs, and every POST makes one row at once.
"""

import itertools
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Literal

from lab.checks import requests_to_a_hung_instance_end_as_predicted, the_fault_was_felt
from lab.faults import paused
from lab.scenario import Prediction, count_in, scenario
from lab.script import Lab
from lab.waiting import NotReached, wait_for
from rest_demo import settings
from rest_demo.scenarios.balancer import await_all_serving, await_all_trusted
from rest_demo.scenarios.client import Answer, ask, tag
from rest_demo.scenarios.database import Database

VICTIM = "rest-2"
EACH, AGAIN = 4, 3
"""Requests of each way, of which the balancer gives one or two to the frozen one: few, so that nobody else is slow.
How often a client asks again."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way of asking. `hung`: what is told and how many rows there are when the first try went to the frozen one."""

    method: Literal["GET", "POST"]
    path: str
    keyed: bool
    hung: str


WAYS: Mapping[str, Way] = {
    "get": Way("GET", "/api/bottleneck/slot/?ms=0", False, "200, late"),
    "post, no key": Way("POST", "/api/notifications/", False, "504, 201; 2 rows"),
    "post, key": Way("POST", "/api/notifications/", True, "504, 201; 1 row"),
    "retried, no key": Way("POST", "/retried/api/notifications/", False, "201, late; 2 rows"),
    "retried, key": Way("POST", "/retried/api/notifications/", True, "201, late; 1 row"),
}
AT_ONCE = {"GET": "200", "POST": "201; 1 row"}
as_predicted = requests_to_a_hung_instance_end_as_predicted(ways=list(WAYS))


@dataclass(slots=True)
class Told:
    """What the client of one request heard, one word for each answer."""

    way: str
    words: str = ""
    hung: bool = False


@scenario(
    "rest-instance-hangs",
    claim="A POST to an instance that hangs ends in 504, and whoever asks again does it twice, unless it has a key.",
    question="An instance hangs. A client sent it a POST, waited, and asked again with success. How often is it done?",
    predictions=[
        Prediction(
            "once",
            "Once: the one that hung never did it.",
            lambda f: not count_in(f, "requests_to_a_hung_instance_end_as_predicted", "ended: 504, 201; 2 rows") > 0,
        ),
        Prediction(
            "twice",
            "Twice: the one that hung does it later, unless a key says that both are one.",
            lambda f: count_in(f, "requests_to_a_hung_instance_end_as_predicted", "ended: 504, 201; 2 rows") > 0,
        ),
    ],
    nodes=["rest-1", "rest-2", "rest-3", "nginx", "postgres"],
    needs=["pause"],
    seconds=15,
    checks=[the_fault_was_felt, as_predicted],
    breaks_with={"keys": "left_out"},
    breaks=[as_predicted],
)
def instance_hangs(lab: Lab, keys: Literal["sent", "left_out"] = "sent") -> None:
    database = lab.uses(Database(lab))
    told: dict[str, Told] = {}
    turns = itertools.count(1)
    await_all_trusted()
    with lab.fault(paused, VICTIM):

        def each_way_was_hung() -> bool:
            if missing := [way for way in WAYS if not any(one.hung and one.way == way for one in told.values())]:
                ask_in_ways(lab, told, next(turns), missing, keys == "sent")
            return not missing

        if lab.variant == "control":
            each_way_was_hung()
        lab.await_effect("a request of each way waits for it in vain", each_way_was_hung, within=15)
    await_all_serving(lab)
    count = rows_expected(told, keys == "sent")
    with suppress(NotReached):  # then the table is not as predicted, and the check says so
        wait_for(f"{count} rows", lambda: len(database.rows()) >= count, within=20)
    lab.observe("nothing more should come", 1.5, at_any_pace=True)
    rows = [request for request, _ in database.rows()]
    database.record_rows()
    for id, one in told.items():
        way = WAYS[one.way]
        made = rows.count(id)
        seen = one.words if way.method == "GET" else f"{one.words}; {made} row{'s' * (made != 1)}"
        predicted = way.hung if one.hung else AT_ONCE[way.method]
        value = {"way": one.way, "hung": one.hung, "predicted": predicted, "seen": seen}
        lab.record("lab", "observe", "hung", id, value)


def ask_in_ways(lab: Lab, told: dict[str, Told], turn: int, ways: Collection[str], with_keys: bool) -> None:
    """One way after the other, so that the balancer goes round in each; all of them before the first one has hung."""
    asked: list[Future[None]] = []
    with ThreadPoolExecutor(len(ways) * EACH) as pool:
        for way in ways:
            ids = [f"{way}-{turn}.{number}".replace(",", "").replace(" ", "-") for number in range(EACH)]
            told.update((id, Told(way)) for id in ids)
            group = [pool.submit(ask_until_answered, lab, id, told[id], with_keys) for id in ids]
            wait_for(f"half of the answers: {way}", partial(half_done, group), within=30, every=0.01)
            asked += group
    for one in asked:
        one.result()


def half_done(group: Sequence[Future[None]]) -> bool:
    return sum(one.done() for one in group) >= len(group) / 2


def ask_until_answered(lab: Lab, id: str, told: Told, with_keys: bool) -> None:
    """Ask, and again after a 504, as a client does that wants its notification out."""
    way, name, words = WAYS[told.way], tag(lab.run, id), []
    headers = {"X-Client-Request": name} | ({"Idempotency-Key": name} if way.keyed and with_keys else {})
    body = {"kind": "web", "region": "north", "contact": "lab", "text": name} if way.method == "POST" else None
    lab.record("client", "invoke", way.method.lower(), id, {"way": told.way})
    answer: Answer | None = None
    for _ in range(1 + AGAIN):
        answer = ask(settings.read().url, way.method, way.path, body, headers)
        waited = "504" in answer.headers.get("x-tried", "")  # what nginx heard, or did not, of each instance
        told.hung = told.hung or waited
        words.append(f"{answer.status}, late" if waited and answer.ok else str(answer.status))
        if answer.status != 504:
            break
    told.words = ", ".join(words)
    value = {"words": told.words, "instance": answer.instance if answer else None, "attempts": len(words)}
    lab.record("client", "ok" if answer and answer.ok else "info", way.method.lower(), id, value)


def rows_expected(told: Mapping[str, Told], with_keys: bool) -> int:
    """As many as there will be once the frozen one has done what lay in its socket."""
    posts = [(one, WAYS[one.way]) for one in told.values() if WAYS[one.way].method == "POST"]
    return sum(2 if one.hung and not (way.keyed and with_keys) else 1 for one, way in posts)
