"""Checks of a log's content: what was acknowledged, what was read, where, and in which order.

Records are matched by id. A read is complete when it reached the high watermark of every partition: before that an
absence proves nothing, so these checks answer UNKNOWN where they would have said HOLDS, and never BROKEN for something
missing. An offence that was seen stays an offence.
"""

from typing import Any

from lab.checks.reading import finally_read, first_reads, unread_partitions
from lab.history import History, Op
from lab.verdict import MOST_WITNESSES, Finding, Verdict
from lab.words import _


def nothing_acknowledged_is_lost(history: History) -> Finding:
    """HOLDS when every acknowledged append is in the final read; UNKNOWN when none was acknowledged."""
    name = "nothing_acknowledged_is_lost"
    found = finally_read(history)
    acknowledged = history.of("append", "ok")
    missing = [ack for ack in acknowledged if ack.id not in found]
    witnesses = [_place(ack) | {"acknowledged_at": ack.t} for ack in missing[:MOST_WITNESSES]]
    counts: dict[str, int | None] = {"acknowledged": len(acknowledged), "lost": len(missing)}
    if not acknowledged:
        return Finding(name, Verdict.UNKNOWN, counts, [], _("No append was acknowledged, so none could be lost."))
    if not missing:
        says = _("Lost: {lost} of {acknowledged} acknowledged records.").format(**counts)
        return Finding(name, Verdict.HOLDS, counts, [], says)
    if short := unread_partitions(history):
        says = _("Not seen: {lost} of {acknowledged} acknowledged records; but {why}")
        says = says.format(**counts, why=_lower(short[0]["why"]))
        return Finding(name, Verdict.UNKNOWN, counts | {"lost": None}, witnesses, says)
    says = _("Lost: {lost} of {acknowledged} acknowledged records, {first} the first.")
    return Finding(name, Verdict.BROKEN, counts, witnesses, says.format(**counts, first=missing[0].id))


def nothing_is_read_twice(history: History) -> Finding:
    """HOLDS when no record stands at two places of the log. The same place read again is no offence."""
    first = first_reads(history)
    offenders = []
    for read in history.of("read", "ok"):
        if read.id is not None and (known := first[read.id]) is not read and not _same_place(known, read):
            offenders.append(_place(known) | {"again": _where(read)})
    counts = {"read": len(first), "doubled": len({offender["id"] for offender in offenders})}
    says = _("More than once in the log: {doubled} of {read} records.").format(**counts)
    return _of_the_read(history, "nothing_is_read_twice", counts, offenders, bad=says, good=says)


def order_within_a_partition(history: History) -> Finding:
    """HOLDS when the records of one process stand in each partition in the order in which it appended them.

    Counts only a record's first place: one that stands there twice is the business of `nothing_is_read_twice`.
    """
    invokes = history.of("append", "invoke")
    position = {invoke.id: number for number, invoke in enumerate(invokes)}
    latest: dict[tuple[int, str], int] = {}
    offenders = []
    first = first_reads(history)
    for read in first.values():
        number = position.get(read.id)
        if number is None:
            continue
        key = (read.value["partition"], invokes[number].process)
        if number < latest.get(key, -1):
            behind = invokes[latest[key]].id
            offenders.append(_place(read) | {"process": key[1], "stands_behind": behind})
        else:
            latest[key] = number
    counts = {"read": len(first), "sequences": len(latest), "out_of_order": len(offenders)}
    bad = _("Behind a record that the same process appended later: {out_of_order} of {read} records.")
    good = _("Out of order: 0 of {read} records, in {sequences} sequences of one process in one partition.")
    return _of_the_read(
        history,
        "order_within_a_partition",
        counts,
        offenders,
        bad=bad.format(**counts),
        good=good.format(**counts),
    )


def an_offset_holds_one_value(history: History) -> Finding:
    """HOLDS when no offset of a partition is known to hold two records, by what was read and what was acknowledged.

    A record that was acknowledged for one offset and is read at another counts where it is read:
    `acknowledged_offset_is_where_it_is_read` judges that.
    """
    held: dict[int, dict[int, str | None]] = {}
    first = first_reads(history)
    offenders = []
    acknowledged_only = [ack for ack in history.of("append", "ok") if ack.id not in first]
    for line in (*history.of("read", "ok"), *acknowledged_only):
        offset = line.value["offset"]
        if offset is None:
            continue
        holder = held.setdefault(line.value["partition"], {}).setdefault(offset, line.id)
        if holder != line.id:
            offenders.append(_where(line) | {"id": line.id, "other": holder})
    counts = {"offsets": sum(len(offsets) for offsets in held.values()), "contradictions": len(offenders)}
    says = _("Given to two different records: {contradictions} of {offsets} offsets.").format(**counts)
    return _of_the_read(history, "an_offset_holds_one_value", counts, offenders, bad=says, good=says)


def what_certainly_failed_is_not_read(history: History) -> Finding:
    """HOLDS when every record that is read was appended by this run, and by no append that certainly failed."""
    invoked = {invoke.id for invoke in history.of("append", "invoke")}
    failed = {fail.id for fail in history.of("append", "fail")}
    it_failed, nobody = _("its append had failed"), _("nobody appended it")
    offenders = [
        _place(read) | {"why": it_failed if read.id in failed else nobody}
        for read in history.of("read", "ok")
        if read.id in failed or read.id not in invoked
    ]
    failures = sum(offender["id"] in failed for offender in offenders)
    phantoms = len(offenders) - failures
    counts = {"failed": len(failed), "failed_but_read": failures, "never_appended": phantoms}
    bad = _("In the log: {failed_but_read} of {failed} failed appends, and {never_appended} that nobody made.")
    good = _("In the log: 0 of {failed} failed appends, and nothing that nobody appended.")
    return _of_the_read(
        history,
        "what_certainly_failed_is_not_read",
        counts,
        offenders,
        bad=bad.format(**counts),
        good=good.format(**counts),
    )


def unknown_outcomes_may_appear(history: History) -> Finding:
    """HOLDS when every append whose outcome is unknown is in the log once or not at all; either is right.

    Twice is BROKEN: "it may have happened" never means "it may have happened twice". Counts tell how many appeared.
    """
    known = {end.id for end in history.of("append", "ok", "fail")}
    unknown = {invoke.id for invoke in history.of("append", "invoke") if invoke.id not in known}
    first = first_reads(history)
    appeared = sum(id in first for id in unknown)
    offenders = [
        _place(first[read.id]) | {"again": _where(read)}
        for read in (history.of("read", "ok") if unknown else [])
        if read.id is not None and read.id in unknown and not _same_place(first[read.id], read)
    ]
    counts = {"unknown": len(unknown), "appeared": appeared, "not_appeared": len(unknown) - appeared}
    bad = _("More than once in the log: {doubled} of {unknown} appends with unknown outcome.")
    good = _("In the log: {appeared} of {unknown} appends with unknown outcome; either is right.")
    return _of_the_read(
        history,
        "unknown_outcomes_may_appear",
        counts,
        offenders,
        bad=bad.format(**counts, doubled=len(offenders)),
        good=good.format(**counts),
    )


def what_is_read_is_what_was_written(history: History) -> Finding:
    """HOLDS when every record's checksum is the same at the append and at the read; UNKNOWN when none is known."""
    name = "what_is_read_is_what_was_written"
    written = {
        end.id: end.value["crc"]
        for end in history.of("append", "ok", "info")
        if end.value and end.value.get("crc") is not None
    }
    compared, offenders = 0, []
    for read in history.of("read", "ok"):
        before, after = written.get(read.id), read.value.get("crc")
        if before is None or after is None:
            continue
        compared += 1
        if before != after:
            offenders.append(_place(read) | {"written": before, "read": after})
    counts = {"compared": compared, "changed": len(offenders)}
    if not compared:
        return Finding(name, Verdict.UNKNOWN, counts, [], _("No record's checksum is known on both sides."))
    says = _("Read with another value than was written: {changed} of {compared} records.").format(**counts)
    return _of_the_read(history, name, counts, offenders, bad=says, good=says)


def acknowledged_offset_is_where_it_is_read(history: History) -> Finding:
    """HOLDS when every acknowledged record that is read stands where its acknowledgement said.

    An idempotent retry may be acknowledged without an offset (null); such a one is not compared.
    """
    first = first_reads(history)
    compared, offenders = 0, []
    for ack in history.of("append", "ok"):
        read = first.get(ack.id or "")
        if read is None or ack.value["offset"] is None:
            continue
        compared += 1
        if not _same_place(ack, read):
            offenders.append({"id": ack.id, "acknowledged": _where(ack), "read": _where(read)})
    counts = {"compared": compared, "elsewhere": len(offenders)}
    says = _("At another offset than was acknowledged: {elsewhere} of {compared} records.").format(**counts)
    return _of_the_read(history, "acknowledged_offset_is_where_it_is_read", counts, offenders, bad=says, good=says)


def _of_the_read(
    history: History, name: str, counts: dict[str, Any], offenders: list[Any], *, bad: str, good: str
) -> Finding:
    """BROKEN with offenders; without, HOLDS only when the whole log was read and something was in it."""
    if offenders:
        return Finding(name, Verdict.BROKEN, counts, offenders[:MOST_WITNESSES], bad)
    if not history.of("read", "ok"):
        return Finding(name, Verdict.UNKNOWN, counts, [], _("Nothing was read."))
    if short := unread_partitions(history):
        says = _("Nothing wrong was seen, but {why}").format(why=_lower(short[0]["why"]))
        return Finding(name, Verdict.UNKNOWN, counts, [], says)
    return Finding(name, Verdict.HOLDS, counts, [], good)


def _where(line: Op) -> dict[str, Any]:
    return {"partition": line.value["partition"], "offset": line.value["offset"]}


def _place(line: Op) -> dict[str, Any]:
    return {"id": line.id} | _where(line)


def _same_place(one: Op, other: Op) -> bool:
    return (one.value["offset"], one.value["partition"]) == (other.value["offset"], other.value["partition"])


def _lower(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]
