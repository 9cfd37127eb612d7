"""Checks of messages that go through a queue: confirmed to their publisher, handled by a consumer, held by a dead one.

`publish` begins with invoke and ends with ok (confirmed), fail (returned, or never sent) or info (nobody knows).
`receive` ok is a message that was handled to its end; its value holds "queue" and "redelivered". `drained` ok says that
a queue was read until the broker had no more; its value holds "queue" and "left". `held` notes, when a consumer dies,
the ids that it had been sent and had not finished.
"""

from lab.history import History, Op
from lab.verdict import MOST_WITNESSES, Check, Finding, Verdict, named
from lab.words import _


def nothing_confirmed_is_lost(at_least: int = 100) -> Check:
    """Every message whose publisher was told "ok" was handled. UNKNOWN when fewer than `at_least` were confirmed."""

    @named("nothing_confirmed_is_lost")
    def check(history: History) -> Finding:
        name = "nothing_confirmed_is_lost"
        confirmed = history.of("publish", "ok")
        received = {line.id for line in history.of("receive", "ok")}
        lost = [line for line in confirmed if line.id not in received]
        unknown = history.of("publish", "info")
        counts: dict[str, int | None] = {
            "confirmed": len(confirmed),
            "lost": len(lost),
            "unknown": len(unknown),
            "unknown_received": sum(line.id in received for line in unknown),
        }
        witnesses = [{"id": line.id, "confirmed_at": line.t} for line in lost[:MOST_WITNESSES]]
        if lost and not (why := _not_drained(history)):
            says = _("{lost} of {confirmed} messages that were taken for safe are lost, {first} the first.")
            return Finding(name, Verdict.BROKEN, counts, witnesses, says.format(**counts, first=lost[0].id))
        if lost:
            says = _("{lost} of {confirmed} messages that were taken for safe were not seen; {why}")
            says = says.format(**counts, why=why)
            return Finding(name, Verdict.UNKNOWN, counts | {"lost": None}, witnesses, says)
        if len(confirmed) < at_least:
            says = _("Only {confirmed} messages were confirmed; at least {at_least} are needed for an answer.")
            return Finding(name, Verdict.UNKNOWN, counts, [], says.format(**counts, at_least=at_least))
        says = _("{lost} of {confirmed} messages that were taken for safe are lost.").format(**counts)
        return Finding(name, Verdict.HOLDS, counts, [], says)

    return check


def unacknowledged_messages_come_back(history: History) -> Finding:
    """HOLDS when what a dead consumer had in hand was handled by another; when nobody died, if nothing came twice."""
    name = "unacknowledged_messages_come_back"
    held = {id for note in history.of("held", "note") for id in note.value}
    received = history.of("receive", "ok")
    handled = {line.id for line in received}
    twice = len(received) - len(handled)
    missing = sorted(held - handled)
    counts = {"held": len(held), "come_back": len(held) - len(missing), "handled_twice": twice}
    if missing and not _not_drained(history):
        says = _("{missing} of {held} messages that the dead consumer had in hand never came back.")
        says = says.format(**counts, missing=len(missing))
        return Finding(name, Verdict.BROKEN, counts, [{"id": id} for id in missing[:MOST_WITNESSES]], says)
    if history.variant == "control" and not held and received:
        verdict = Verdict.BROKEN if twice else Verdict.HOLDS
        says = _("No consumer died, and {handled_twice} messages were handled twice.").format(**counts)
        return Finding(name, verdict, counts, [], says)
    if missing or not held:
        says = _("No consumer died with a message in hand, or we did not look.")
        return Finding(name, Verdict.UNKNOWN, counts, [], says)
    says = _("All {held} messages that the dead consumer had in hand came back; {handled_twice} were handled twice.")
    return Finding(name, Verdict.HOLDS, counts, [], says.format(**counts))


def a_second_time_is_marked(history: History) -> Finding:
    """HOLDS when a message that is handled once more carries the broker's mark "redelivered"."""
    name = "a_second_time_is_marked"
    seen: set[str | None] = set()
    unmarked: list[Op] = []
    marked = 0
    received = history.of("receive", "ok")
    for line in received:
        marked += bool(line.value["redelivered"])
        if line.id in seen and not line.value["redelivered"]:
            unmarked.append(line)
        seen.add(line.id)
    counts = {"received": len(received), "marked": marked, "unmarked": len(unmarked)}
    witnesses = [{"id": line.id} | line.value for line in unmarked[:MOST_WITNESSES]]
    if unmarked:
        says = _("{unmarked} messages came again without the mark, {first} the first.")
        says = says.format(**counts, first=unmarked[0].id)
        return Finding(name, Verdict.BROKEN, counts, witnesses, says)
    if not received:
        return Finding(name, Verdict.UNKNOWN, counts, [], _("Nothing was received."))
    says = _("{marked} of {received} messages were marked as redelivered.").format(**counts)
    return Finding(name, Verdict.HOLDS, counts, [], says)


def _not_drained(history: History) -> str:
    """Why an absence proves nothing, as a sentence; empty when the queues were read to their end."""
    drained = history.of("drained", "ok")
    if not drained:
        return _("the queue was not read to its end.")
    left = sum(line.value["left"] for line in drained)
    return _("{left} messages are still in the queue.").format(left=left) if left else ""
