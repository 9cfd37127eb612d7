"""Checks of what sockets get: which frames of a feed came, where they have gaps, and how sockets and servers end.

`event` ok is an event that was published; its value holds "way" (which set-up of the run), "region" and "seq", its
number within the region. `socket_open` ok says that a socket stands, again after each reconnect; its process is the
socket, its value holds "way", "region" and "after", the last number that it does not want. `frame` ok is an event that
came on a socket, which has one region; its id is the event's. `settled` notes that the script waited until nothing more
could come. `socket_end`, `server_end` and `lost` are `observe` lines of a grid: see `predictions.py`.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from itertools import pairwise

from lab.checks.predictions import as_predicted
from lab.history import History, Op
from lab.verdict import MOST_WITNESSES, Check, Finding, Verdict, named
from lab.words import _, later


def no_frame_is_missed(ways: Sequence[str] = ()) -> Check:
    """Every socket got every event of its region that was published after the number with which it first came.

    Missing frames are counted in gaps, a gap being missing numbers in a row; frames that came again are no offence.
    `ways`: the set-ups of which there must be a socket, and something to get.
    """

    @named("no_frame_is_missed")
    def check(history: History) -> Finding:
        name = "no_frame_is_missed"
        sockets, came = _sockets(history), _came(history)
        missing = {socket: _missing(first, came[socket], history) for socket, first in sockets.items()}
        by_way, expected = Counter[str](), Counter[str]()
        for socket, first in sockets.items():
            by_way[first.value["way"]] += len(missing[socket])
            expected[first.value["way"]] += len(_wanted(first, history))
        gaps = {socket: _runs(numbers) for socket, numbers in missing.items()}
        counts = {
            "sockets": len(sockets), "expected": expected.total(), "missed": by_way.total(),
            "gaps": sum(map(len, gaps.values())), "again": sum(_again(came[socket]) for socket in sockets),
            **{f"missed: {way}": by_way[way] for way in sorted(expected)},
        }  # fmt: skip
        witnesses = [{"socket": socket, "missing": found} for socket, found in gaps.items() if found]
        if by_way.total():
            one = str(witnesses[0]["socket"])
            says = _(
                "{missed} of {expected} frames were missed by {some} of {sockets} sockets, {first} the first: {gaps}."
            )
            told = counts | {"some": len(witnesses), "first": one, "gaps": ", ".join(gaps[one][:3])}
            says = says.format(**told)
            if history.note("settled") is None:
                says += " " + _("The script did not wait until nothing more could come.")
                return Finding(name, Verdict.UNKNOWN, counts, witnesses[:MOST_WITNESSES], says)
            return Finding(name, Verdict.BROKEN, counts, witnesses[:MOST_WITNESSES], says)
        if not expected or (untried := [way for way in ways if not expected[way]]):
            says = _("No socket had anything to get of any way.")
            if expected:
                says = _("No socket had anything to get of {ways}.").format(ways=", ".join(untried))
            return Finding(name, Verdict.UNKNOWN, counts, [], says)
        says = _("{missed} of {expected} frames were missed by {some} of {sockets} sockets.")
        return Finding(name, Verdict.HOLDS, counts, [], says.format(**counts, some=0))

    return check


def frames_come_in_order(history: History) -> Finding:
    """HOLDS when between two connects the numbers of each socket only grew, and all frames were published ones.

    What a socket asked for again (`resume`, from "after" to "before") comes behind what is newer, and may.
    """
    name = "frames_come_in_order"
    published = {line.id for line in history.of("event", "ok", "info")}
    last: dict[str, int] = {}
    asked: dict[str, list[tuple[int, int]]] = defaultdict(list)
    wrong: list[dict[str, object]] = []
    frames = history.of("frame", "ok")
    others = (*history.of("socket_open", "ok"), *history.of("resume", "invoke"))
    for line in sorted((*others, *frames), key=lambda line: line.t):
        socket, value = line.process, line.value
        if line.op == "socket_open":
            last.pop(socket, None)
        elif line.op == "resume":
            asked[socket].append((value["after"], value["before"]))
        elif line.id not in published:
            wrong.append({"id": line.id, "socket": socket, "what": _("was never published")})
        elif value["seq"] > last.get(socket, value["seq"] - 1):
            last[socket] = value["seq"]
        elif not any(after < value["seq"] < before for after, before in asked[socket]):
            wrong.append(
                {"id": line.id, "socket": socket, "what": _("came after number {number}").format(number=last[socket])}
            )
    counts = {"frames": len(frames), "sockets": len({line.process for line in frames}), "wrong": len(wrong)}
    if wrong:
        says = _("{number} of {frames} frames: {id} {what} on {socket}.")
        says = says.format(number=len(wrong), frames=len(frames), **wrong[0])
        return Finding(name, Verdict.BROKEN, counts, [*wrong[:MOST_WITNESSES]], says)
    if not frames:
        return Finding(name, Verdict.UNKNOWN, counts, [], _("No frame came."))
    says = _("All {frames} frames came in order, on each socket.").format(**counts)
    return Finding(name, Verdict.HOLDS, counts, [], says)


def frames_are_lost_as_predicted(ways: Sequence[str]) -> Check:
    """Over `lost`: what of a burst, or of an outage, a socket never got by itself. `ways`: the set-ups."""
    return as_predicted("frames_are_lost_as_predicted", "lost", ways, later("losses, or none, were as predicted"))


def sockets_end_as_predicted(ways: Sequence[str]) -> Check:
    """Over `socket_end`: whether sockets were closed, and with which code. `ways`: what was done to them."""
    return as_predicted("sockets_end_as_predicted", "socket_end", ways, later("sockets ended as predicted"))


def servers_stop_as_predicted(ways: Sequence[str]) -> Check:
    """Over `server_end`: close codes, calls of disconnect(), members left in the group. `ways`: server and signal.

    "predicted" and "seen" are {"codes": {code: how many clients saw it}, "disconnect", "ghosts"}.
    """
    name = "servers_stop_as_predicted"
    compare = as_predicted(name, "server_end", ways, later("servers left behind what was predicted"))

    @named(name)
    def check(history: History) -> Finding:
        finding, told = compare(history), list[str]()
        counts = dict[str, int]()
        for case in history.of("server_end", "observe"):
            way, seen = case.value["way"], case.value["seen"]
            counts |= {f"{way}: {what}": seen[what] for what in ("disconnect", "ghosts")}
            codes = ", ".join(f"{count} x {code}" for code, count in sorted(seen["codes"].items()))
            one = _("{way}: {codes}, disconnect() {disconnect}, ghosts {ghosts}.")
            told.append(one.format(way=way, codes=codes, disconnect=seen["disconnect"], ghosts=seen["ghosts"]))
        says = " ".join([finding.says, *told])
        return Finding(name, finding.verdict, {**finding.counts, **counts}, finding.witnesses, says)

    return check


def _sockets(history: History) -> Mapping[str, Op]:
    """Each socket, and the line with which it first came."""
    found: dict[str, Op] = {}
    for line in history.of("socket_open", "ok"):
        found.setdefault(line.process, line)
    return found


def _came(history: History) -> Mapping[str, list[Op]]:
    found: dict[str, list[Op]] = defaultdict(list)
    for line in history.of("frame", "ok"):
        found[line.process].append(line)
    return found


def _wanted(first: Op, history: History) -> dict[str, int]:
    """The ids that a socket should get, each with its number."""
    way, region, after = (first.value[key] for key in ("way", "region", "after"))
    events = history.derived(_events).get((way, region), ())
    return {str(line.id): line.value["seq"] for line in events if line.value["seq"] > after}


def _events(history: History) -> Mapping[tuple[str, str], list[Op]]:
    found: dict[tuple[str, str], list[Op]] = defaultdict(list)
    for line in history.of("event", "ok"):
        found[line.value["way"], line.value["region"]].append(line)
    return found


def _missing(first: Op, came: Sequence[Op], history: History) -> list[int]:
    seen = {line.id for line in came}
    return sorted(number for id, number in _wanted(first, history).items() if id not in seen)


def _again(came: Sequence[Op]) -> int:
    return len(came) - len({line.id for line in came})


def _runs(numbers: Sequence[int]) -> list[str]:
    """Numbers in a row, each run as "first-last"."""
    if not numbers:
        return []
    breaks = [(before, after) for before, after in pairwise(numbers) if after > before + 1]
    firsts = [numbers[0], *(after for before, after in breaks)]
    lasts = [*(before for before, after in breaks), numbers[-1]]
    return [f"{a}-{b}" if a != b else str(a) for a, b in zip(firsts, lasts, strict=True)]
