"""Checks of a grid: for each case the script wrote down what a model predicted and what was seen.

The line is an `observe`; its value holds "way" (which part of the grid), "predicted" and "seen", and whatever else
tells a person what was tried. Equal as JSON is right. A way that was never tried makes the answer UNKNOWN, never HOLDS.
"""

from collections import Counter
from collections.abc import Sequence

from lab.history import History, Op
from lab.verdict import MOST_WITNESSES, Check, Finding, Verdict, named
from lab.words import _, later


def messages_reach_the_predicted_queues(ways: Sequence[str]) -> Check:
    """Over `routed`: the queues that got a message are those that the model names. `ways`: the kinds of exchange."""
    return as_predicted(
        "messages_reach_the_predicted_queues", "routed", ways, later("messages went where the model says")
    )


def unroutable_messages_end_as_predicted(ways: Sequence[str]) -> Check:
    """Over `unroutable`: how a message ended, as far as publisher and queues can tell. `ways`: of publishing."""
    return as_predicted(
        "unroutable_messages_end_as_predicted", "unroutable", ways, later("messages ended as predicted")
    )


def dead_letters_say_why(ways: Sequence[str]) -> Check:
    """Over `dead_letter`: the reason and count of a message's first x-death entry. `ways`: of dying."""
    return as_predicted("dead_letters_say_why", "dead_letter", ways, later("messages died for the predicted reason"))


def a_poison_message_stops_at_its_limit(history: History) -> Finding:
    """Over `poison`: how often a message that is always given back was delivered, and where it ended."""
    name, says = "a_poison_message_stops_at_its_limit", later("poison messages were delivered as often as predicted")
    return as_predicted(name, "poison", (), says)(history)


def urgent_messages_come_at_the_predicted_place(ways: Sequence[str]) -> Check:
    """Over `urgent`: at which place an urgent message was handled. `ways`: how many the consumer may fetch ahead."""
    name, says = "urgent_messages_come_at_the_predicted_place", later("urgent messages came at the predicted place")
    return as_predicted(name, "urgent", ways, says)


def transports_differ_only_as_listed(ways: Sequence[str]) -> Check:
    """Over `compared`: whether a transport routes a key as RabbitMQ does. `ways`: the transports."""
    return as_predicted("transports_differ_only_as_listed", "compared", ways, later("keys are routed as the list says"))


def as_predicted(name: str, op: str, ways: Sequence[str], says: str) -> Check:
    """A check called `name`: in every observation `op`, what was seen equals what was predicted, and each way occurs.

    An observation's value is {"way", "predicted", "seen", ...}. `says` ends the sentence "N of M ..."; it is marked by
    `later`.
    """

    @named(name)
    def check(history: History) -> Finding:
        cases = history.of(op, "observe")
        wrong = [case for case in cases if case.value["predicted"] != case.value["seen"]]
        tried = Counter(case.value["way"] for case in cases)
        untried = [way for way in ways if not tried[way]]
        counts = {"cases": len(cases), "wrong": len(wrong), **{f"cases: {way}": tried[way] for way in sorted(tried)}}
        counts |= Counter(f"ended: {case.value['seen']}" for case in cases if isinstance(case.value["seen"], str))
        witnesses = [{"id": case.id} | case.value for case in wrong[:MOST_WITNESSES]]
        if wrong:
            return Finding(name, Verdict.BROKEN, counts, witnesses, some_of(cases, wrong, says))
        if untried:
            said = _("Nothing was tried of {ways}.").format(ways=", ".join(untried))
            return Finding(name, Verdict.UNKNOWN, counts, [], said)
        if not cases:
            return Finding(name, Verdict.UNKNOWN, counts, [], _("Nothing was tried."))
        return Finding(name, Verdict.HOLDS, counts, [], all_of(cases, says))

    return check


def some_of(cases: Sequence[Op], wrong: Sequence[Op], says: str) -> str:
    """The sentence that says of how many cases `says` is true, and which is the first of which it is not."""
    told = _("{right} of {cases} {what}; the first other one is {first}.")
    return told.format(right=len(cases) - len(wrong), cases=len(cases), what=_(says), first=wrong[0].id)


def all_of(cases: Sequence[Op], says: str) -> str:
    """The sentence that says that `says` is true of all cases."""
    return _("All of {cases} {what}.").format(cases=len(cases), what=_(says))
