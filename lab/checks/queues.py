"""Checks of messages that go through a queue: confirmed to their publisher, handled by a consumer, held by a dead one.

`publish` begins with invoke and ends with ok (confirmed), fail (returned, or never sent) or info (nobody knows).
`receive` ok is a message that was handled to its end; its value holds "queue" and "redelivered". `drained` ok says that
a queue was read until the broker had no more; its value holds "queue" and "left". `held` notes, when a consumer dies,
the ids that it had been sent and had not finished.
"""

from lab.history import History, Op
from lab.verdict import MOST_WITNESSES, Check, Finding, Verdict, named


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
        of_all = f"{len(lost)} of {len(confirmed)} messages that were taken for safe"
        witnesses = [{"id": line.id, "confirmed_at": line.t} for line in lost[:MOST_WITNESSES]]
        if lost and not (why := _not_drained(history)):
            return Finding(name, Verdict.BROKEN, counts, witnesses, f"{of_all} are lost, {lost[0].id} the first.")
        if lost:
            return Finding(name, Verdict.UNKNOWN, counts | {"lost": None}, witnesses, f"{of_all} were not seen; {why}")
        if len(confirmed) < at_least:
            says = f"Only {len(confirmed)} messages were confirmed; at least {at_least} are needed for an answer."
            return Finding(name, Verdict.UNKNOWN, counts, [], says)
        return Finding(name, Verdict.HOLDS, counts, [], f"{of_all} are lost.")

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
        says = f"{len(missing)} of {len(held)} messages that the dead consumer had in hand never came back."
        return Finding(name, Verdict.BROKEN, counts, [{"id": id} for id in missing[:MOST_WITNESSES]], says)
    if history.variant == "control" and not held and received:
        verdict = Verdict.BROKEN if twice else Verdict.HOLDS
        return Finding(name, verdict, counts, [], f"No consumer died, and {twice} messages were handled twice.")
    if missing or not held:
        return Finding(
            name, Verdict.UNKNOWN, counts, [], "No consumer died with a message in hand, or we did not look."
        )
    says = f"All {len(held)} messages that the dead consumer had in hand came back; {twice} were handled twice."
    return Finding(name, Verdict.HOLDS, counts, [], says)


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
        says = f"{len(unmarked)} messages came again without the mark, {unmarked[0].id} the first."
        return Finding(name, Verdict.BROKEN, counts, witnesses, says)
    if not received:
        return Finding(name, Verdict.UNKNOWN, counts, [], "Nothing was received.")
    return Finding(name, Verdict.HOLDS, counts, [], f"{marked} of {len(received)} messages were marked as redelivered.")


def _not_drained(history: History) -> str:
    """Why an absence proves nothing, as a sentence; empty when the queues were read to their end."""
    drained = history.of("drained", "ok")
    if not drained:
        return "the queue was not read to its end."
    left = sum(line.value["left"] for line in drained)
    return f"{left} messages are still in the queue." if left else ""
