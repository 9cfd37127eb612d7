"""Checks of an outbox: does the broker get what the database has committed, and nothing else?

A "post" that ended ok is committed; one that ended with fail was rolled back. `receive` is a message that somebody took
from the broker, by the request that it tells of; `drained` says how many are "left" there, and how many wait "unsent".
"""

from collections import Counter

from lab.history import History
from lab.verdict import MOST_WITNESSES, Check, Finding, Verdict, named
from lab.words import _


def everything_committed_is_sent(at_least: int = 20) -> Check:
    """Every committed request has a message. One that has two is counted, and no offence: at least once is promised."""

    @named("everything_committed_is_sent")
    def check(history: History) -> Finding:
        name, messages = "everything_committed_is_sent", _messages(history)
        committed = [line.id for line in history.of("post", "ok")]
        lost = [id for id in committed if not messages[id]]
        counts = {
            "committed": len(committed), "lost": len(lost), "sent_twice": sum(messages[id] > 1 for id in committed),
            "messages": messages.total(),
        }  # fmt: skip
        says = _("{lost} of {committed} committed requests were never sent.").format(**counts)
        if why := _not_drained(history):
            return Finding(name, Verdict.UNKNOWN, counts, [], why)
        if lost:
            return Finding(name, Verdict.BROKEN, counts, [{"id": id} for id in lost[:MOST_WITNESSES]], says)
        if len(committed) < max(at_least, 1):
            says = _("Only {committed} requests were committed; at least {at_least} are needed for an answer.")
            return Finding(name, Verdict.UNKNOWN, counts, [], says.format(**counts, at_least=at_least))
        return Finding(name, Verdict.HOLDS, counts, [], says)

    return check


def nothing_uncommitted_is_sent(history: History) -> Finding:
    """No message tells of a request that was rolled back, or of one that nobody made."""
    name, messages = "nothing_uncommitted_is_sent", _messages(history)
    rolled_back = {line.id for line in history.of("post", "fail")}
    made = {line.id for line in history.of("post", "invoke")}
    wrong = [id for id in messages if id in rolled_back or id not in made]
    counts = {"rolled_back": len(rolled_back), "sent_nevertheless": len(wrong), "messages": messages.total()}
    says = _("{sent_nevertheless} of {rolled_back} requests that were rolled back were sent.").format(**counts)
    if wrong:
        return Finding(name, Verdict.BROKEN, counts, [{"id": id} for id in wrong[:MOST_WITNESSES]], says)
    if why := _not_drained(history):
        return Finding(name, Verdict.UNKNOWN, counts, [], why)
    return Finding(name, Verdict.HOLDS if rolled_back else Verdict.UNKNOWN, counts, [], says)


def _messages(history: History) -> Counter[str | None]:
    return Counter(line.id for line in history.of("receive", "ok"))


def _not_drained(history: History) -> str:
    """Why a missing message proves nothing, as a sentence; empty when no more can come."""
    drained = history.of("drained", "ok")
    if not drained:
        return _("The queue was not read to its end.")
    left = drained[-1].value["left"] + drained[-1].value.get("unsent", 0)
    return _("{left} messages are still to come.").format(left=left) if left else ""
