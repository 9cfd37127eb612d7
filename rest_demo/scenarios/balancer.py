"""What the scenarios see of the balancer: whom it gives requests to.

nginx leaves an instance alone for a while that refused or hung once, and then tries it with one request. So before a
scenario breaks something it waits until the balancer trusts everybody, whatever happened before.
"""

from collections import Counter
from collections.abc import Callable, Collection, Sequence

from lab.script import Lab
from lab.waiting import wait_for
from rest_demo import settings
from rest_demo.scenarios.client import Caller, answers_of, ask

INSTANCES = ("rest-1", "rest-2", "rest-3")
SLOTS = 4
"""Requests that an instance serves at once: its threads (gunicorn_conf.py)."""
LOOKS = 2 * len(INSTANCES)


def serving() -> Counter[str]:
    """Who answers, of a few requests one after the other; the balancer goes round among those that it trusts."""
    found: Counter[str] = Counter()
    for _ in range(LOOKS):
        try:
            answer = ask(settings.read().url, "GET", "/livez", patience=10)
        except ConnectionError:
            continue
        if answer.ok and answer.instance:
            found[answer.instance] += 1
    return found


def serves(instances: Collection[str] = INSTANCES) -> bool:
    """Whether these answer, all of them and nobody else, and every request is answered."""
    found = serving()
    return set(found) == set(instances) and found.total() == LOOKS


def await_all_trusted(within: float = 60.0) -> None:
    """Before a scenario begins. Raises NotReached."""
    wait_for("the balancer to give requests to all instances", serves, within, every=0.2)


def await_all_serving(lab: Lab, within: float = 60.0) -> None:
    """After something was mended: part of the recovery that the run is judged by."""
    lab.await_recovery("the balancer gives requests to all instances", serves, within)


def silent(callers: Sequence[Caller], instance: str, others: int = 12) -> Callable[[], bool]:
    """A condition: since the instance's last good answer the others have given so many."""
    last, base = -1, 0

    def condition() -> bool:
        nonlocal last, base
        answers = answers_of(callers)
        if answers[instance] != last:
            last, base = answers[instance], sum(answers.values())
        return sum(answers.values()) - base >= others

    return condition
