"""Checks of requests to a service: how they ended for the client, and what the database holds of them afterwards.

A request is an operation of its own kind ("get", "post"). When it ends its value says "status" (of the last answer,
null when none came), "instance" (who gave it), "attempts" and "seconds". `row` is one row of the final read, by the
request that made it; `rows_read` says that the read came to its end.
"""

from collections import Counter
from collections.abc import Sequence

from lab.checks.predictions import as_predicted
from lab.history import History, Op
from lab.verdict import MOST_WITNESSES, Check, Finding, Verdict, named
from lab.words import _, later


def every_request_succeeds(ops: Sequence[str], at_least: int = 100) -> Check:
    """No client was told of an error. One that asked again and was answered well had none, and is counted."""

    @named("every_request_succeeds")
    def check(history: History) -> Finding:
        name, ended = "every_request_succeeds", _ended(history, ops)
        bad = [line for line in ended if line.kind != "ok"]
        counts: dict[str, int | float | str | None] = {
            "requests": len(ended),
            "errors": len(bad),
            "asked_again": sum((line.value or {}).get("attempts", 1) > 1 for line in ended),
            "longest": max((line.value["seconds"] for line in ended if line.value), default=None),
            **_by_status(ended),
        }
        says = _("{errors} of {requests} requests ended with an error.")
        if counts["asked_again"]:
            says = _("{errors} of {requests} requests ended with an error; {asked_again} were asked again.")
        says = says.format(**counts)
        if bad:
            error = (bad[0].error or _("without a word")).rstrip(".")
            says = f"{says} {_('The first: {id}, {error}.').format(id=bad[0].id, error=error)}"
            return Finding(name, Verdict.BROKEN, counts, [_story(line) for line in bad[:MOST_WITNESSES]], says)
        if len(ended) < max(at_least, 1):
            says = _("Only {requests} requests were answered; at least {at_least} are needed for an answer.")
            return Finding(name, Verdict.UNKNOWN, counts, [], says.format(**counts, at_least=at_least))
        return Finding(name, Verdict.HOLDS, counts, [], says)

    return check


def what_was_acknowledged_is_stored(op: str = "post", at_least: int = 10) -> Check:
    """Every request that was answered well has a row. Of those without a certain answer some may have one."""

    @named("what_was_acknowledged_is_stored")
    def check(history: History) -> Finding:
        name, rows = "what_was_acknowledged_is_stored", _rows(history)
        acknowledged = [line for line in _ended(history, [op]) if line.kind == "ok"]
        unknown = [line for line in _ended(history, [op]) if line.kind == "info"]
        lost = [line for line in acknowledged if not rows[line.id]]
        counts = {
            "acknowledged": len(acknowledged), "lost": len(lost), "unknown": len(unknown),
            "unknown_stored": sum(rows[line.id] > 0 for line in unknown),
        }  # fmt: skip
        says = _("{lost} of {acknowledged} acknowledged requests have no row.").format(**counts)
        if why := _not_read(history):
            return Finding(name, Verdict.UNKNOWN, counts, [], why)
        if lost:
            return Finding(name, Verdict.BROKEN, counts, [_story(line) for line in lost[:MOST_WITNESSES]], says)
        if len(acknowledged) < max(at_least, 1):
            says = _("Only {acknowledged} were acknowledged; at least {at_least} are needed for an answer.")
            return Finding(name, Verdict.UNKNOWN, counts, [], says.format(**counts, at_least=at_least))
        if unknown:
            some = _("Of {unknown} without a certain answer {unknown_stored} have one.").format(**counts)
            says = f"{says} {some}"
        return Finding(name, Verdict.HOLDS, counts, [], says)

    return check


def no_request_is_stored_twice(history: History) -> Finding:
    """No request made two rows, however often it was sent, and none that was refused for certain made one."""
    name, rows = "no_request_is_stored_twice", _rows(history)
    twice = [id for id, count in rows.items() if count > 1]
    refused = [line.id for line in history if line.kind == "fail" and rows[line.id]]
    counts = {"requests_with_rows": len(rows), "doubled": len(twice), "refused_but_stored": len(refused)}
    witnesses = [{"id": id, "rows": rows[id]} for id in [*twice, *refused][:MOST_WITNESSES]]
    if twice or refused:
        says = _("{doubled} of {requests_with_rows} requests have more than one row; the first is {first}.")
        if refused:
            says = _(
                "{doubled} of {requests_with_rows} requests have more than one row, "
                "{refused_but_stored} were refused and have one; the first is {first}."
            )
        return Finding(name, Verdict.BROKEN, counts, witnesses, says.format(**counts, first=witnesses[0]["id"]))
    if why := _not_read(history):
        return Finding(name, Verdict.UNKNOWN, counts, [], why)
    if not rows:
        return Finding(name, Verdict.UNKNOWN, counts, [], _("No request made a row."))
    says = _("{doubled} of {requests_with_rows} requests have more than one row.").format(**counts)
    return Finding(name, Verdict.HOLDS, counts, [], says)


def requests_to_a_hung_instance_end_as_predicted(ways: Sequence[str]) -> Check:
    """Over `hung`: what the client was told, and how many rows there are. `ways`: of asking, and of asking again."""
    name = "requests_to_a_hung_instance_end_as_predicted"
    return as_predicted(name, "hung", ways, later("requests ended as predicted"))


def endpoints_fail_as_predicted(ways: Sequence[str]) -> Check:
    """Over `endpoint`: whether it answered while something that all instances share was down. `ways`: what was."""
    says = later("endpoints answered or failed as predicted")
    return as_predicted("endpoints_fail_as_predicted", "endpoint", ways, says)


def _ended(history: History, ops: Sequence[str]) -> list[Op]:
    """The ends of these operations; one that never ended is told as one whose end nobody knows."""
    found = [line for op in ops for line in history.of(op, "ok", "fail", "info")]
    over = {line.id for line in found}
    never = _("it never ended")
    return found + [
        Op(line.t, line.wall, line.process, "info", line.op, line.id, None, never)
        for op in ops
        for line in history.of(op, "invoke")
        if line.id not in over
    ]


def _rows(history: History) -> Counter[str | None]:
    return history.derived(_count_rows)


def _count_rows(history: History) -> Counter[str | None]:
    return Counter(line.id for line in history.of("row", "ok"))


def _not_read(history: History) -> str:
    """Why a missing row proves nothing, as a sentence; empty when the read came to its end."""
    return "" if history.of("rows_read", "ok") else _("The database was not read to the end.")


def _by_status(ended: Sequence[Op]) -> dict[str, int]:
    """How often a client was told which status at last; 0 stands for no answer."""
    statuses = Counter(str((line.value or {}).get("status") or 0) for line in ended)
    return {f"status {status}": statuses[status] for status in sorted(statuses)}


def _story(line: Op) -> dict[str, object]:
    return {"id": line.id, "ended": line.kind, "error": line.error, **(line.value or {})}
