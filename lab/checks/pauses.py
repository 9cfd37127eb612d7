"""Checks of how long writes pause. What a silence is, and to which part of the run it belongs, says lab/silences.py.

A silence that was not over when the workload ended may have been longer: it is never enough for HOLDS, but BROKEN is
certain as soon as it has passed the upper bound.
"""

from collections.abc import Iterable, Mapping
from functools import reduce

from lab.history import History
from lab.observed import why_no_fault_was_felt
from lab.silences import Silence, Window, acknowledgements, longer, silences, windows
from lab.verdict import Check, Finding, Verdict, named
from lab.words import _, later

Counts = Mapping[str, int | float | str | None]

NO_TIMEOUT = later("The session timeout is not in the history.")
NO_WRITES = later("Too little was acknowledged for a pause to be seen.")
NOT_RESUMED = later("Writes had not resumed when the workload ended, so it is not known how long they paused.")


def writes_pause_for(
    session_timeouts: tuple[float, float] = (0.73, 1.25), control_at_most: float = 1 / 3, partition: int = 0
) -> Check:
    """The longest silence that a fault caused in a partition lies in this band, in session timeouts.

    In a control run no silence may be longer than `control_at_most` session timeouts. Why that band: the controller
    takes a broker for dead one session timeout after its last heartbeat, which was up to one heartbeat interval before
    the crash; the election comes on top (our own runs: 0.90 to 1.12).
    """

    @named("writes_pause_for")
    def check(history: History) -> Finding:
        timeout = history.note("session_timeout")
        cut = windows(history, partition)
        fault_gap = _longest(window.longest for window in cut if window.kind == "fault")
        counts = {
            "fault_gap": _seconds(fault_gap),
            "return_gap": _seconds(_longest(window.longest for window in cut if window.kind == "return")),
            "baseline_gap": _seconds(cut[0].longest),
            "session_timeout": timeout,
            "fault_gap_ratio": round(fault_gap.seconds / timeout, 3) if fault_gap and timeout else None,
        }
        if not timeout:
            return _unknown("writes_pause_for", counts, _(NO_TIMEOUT))
        if history.variant == "control":
            return _at_most(
                "writes_pause_for", counts, _longest(window.longest for window in cut), control_at_most * timeout
            )
        if why := _why_unmeasured(history, cut, partition):
            return _unknown("writes_pause_for", counts, why)
        if fault_gap is None:
            return _unknown("writes_pause_for", counts, _(NO_WRITES))
        return _in_band("writes_pause_for", counts, fault_gap, session_timeouts, timeout)

    return check


def writes_pause_at_most(*, seconds: float, partition: int | None = None) -> Check:
    """No silence of the whole run, of this partition or of any that was written to, is longer than this."""

    @named("writes_pause_at_most")
    def check(history: History) -> Finding:
        chosen = acknowledgements(history) if partition is None else [partition]
        longest = _longest(silence for number in chosen for silence in silences(history, number))
        counts = {"longest_gap": _seconds(longest), "at_most": seconds}
        return _at_most("writes_pause_at_most", counts, longest, seconds)

    return check


def clean_stop_pauses_less(
    than: str = "killed", at_most: float = 1 / 3, control_at_most: float = 1 / 3, partition: int = 0
) -> Check:
    """The longest silence that a clean stop causes is at most this part of the one that a crash causes in the same run.

    The crash is the last fault with the name `than`, the clean stop is the other one; where both have that name, as
    when the claim is broken on purpose, the first stands for the clean stop. In a control run no silence may be longer
    than `control_at_most` session timeouts.
    """

    @named("clean_stop_pauses_less")
    def check(history: History) -> Finding:
        name, timeout = "clean_stop_pauses_less", history.note("session_timeout")
        cut = windows(history, partition)
        if history.variant == "control":
            longest = _longest(window.longest for window in cut)
            counts = {"longest_gap": _seconds(longest), "session_timeout": timeout}
            if not timeout:
                return _unknown(name, counts, _(NO_TIMEOUT))
            return _at_most(name, counts, longest, control_at_most * timeout)
        names = [fault for window in cut for fault in window.fault_names]
        if len(cut) != 5 or len(names) != 2 or than not in names:
            says = _("It takes two faults, one after the other, one of them {than!r}; the history has {names}.")
            return _unknown(name, {}, says.format(than=than, names=names))
        if why := _why_unmeasured(history, cut, partition):
            return _unknown(name, {}, why)
        return _compare(cut[1:3], cut[3:5], at_most) if names[1] == than else _compare(cut[3:5], cut[1:3], at_most)

    return check


def _compare(stop: list[Window], crash: list[Window], at_most: float) -> Finding:
    """`stop` and `crash` are each a fault window and the return window after it."""
    name, stop_gap, crash_gap = "clean_stop_pauses_less", stop[0].longest, crash[0].longest
    if stop_gap is None or crash_gap is None:
        return _unknown(name, {}, _(NO_WRITES))
    counts = {
        "clean_gap": stop_gap.seconds,
        "crash_gap": crash_gap.seconds,
        "clean_return_gap": _seconds(stop[1].longest),
        "crash_return_gap": _seconds(crash[1].longest),
        "ratio": round(stop_gap.seconds / crash_gap.seconds, 3) if crash_gap.seconds else None,
    }
    says = _(
        "Writes paused {stop:.2f} s at the clean stop and {crash:.2f} s at the crash; at most {most:.2f} s is claimed."
    ).format(stop=stop_gap.seconds, crash=crash_gap.seconds, most=at_most * crash_gap.seconds)
    less = stop_gap.seconds <= at_most * crash_gap.seconds
    if stop_gap.is_open if less else crash_gap.is_open:
        return _unknown(name, counts, _(NOT_RESUMED))
    witnesses = [_witness(stop_gap), _witness(crash_gap)]
    return Finding(name, Verdict.HOLDS if less else Verdict.BROKEN, counts, witnesses, says)


def _in_band(name: str, counts: Counts, gap: Silence, band: tuple[float, float], timeout: float) -> Finding:
    least, most = band[0] * timeout, band[1] * timeout
    says = _(
        "Writes paused {how_long}, {start:.2f} s into the run; {least:.2f} to {most:.2f} s is claimed, "
        "with a session timeout of {timeout:g} s."
    ).format(how_long=_how_long(gap), start=gap.start, least=least, most=most, timeout=timeout)
    if gap.is_open and gap.seconds <= most:
        return _unknown(name, counts, _(NOT_RESUMED))
    verdict = Verdict.HOLDS if least <= gap.seconds <= most else Verdict.BROKEN
    return Finding(name, verdict, counts, [_witness(gap)], says)


def _at_most(name: str, counts: Counts, longest: Silence | None, bound: float) -> Finding:
    if longest is None:
        return _unknown(name, counts, _(NO_WRITES))
    says = _("Writes paused {how_long}, {start:.2f} s into the run; at most {most:.2f} s is claimed.")
    says = says.format(how_long=_how_long(longest), start=longest.start, most=bound)
    if longest.seconds > bound:
        return Finding(name, Verdict.BROKEN, counts, [_witness(longest)], says)
    if longest.is_open:
        return _unknown(name, counts, _(NOT_RESUMED))
    return Finding(name, Verdict.HOLDS, counts, [_witness(longest)], says)


def _why_unmeasured(history: History, cut: list[Window], partition: int) -> str | None:
    first = next((silence.start for silence in silences(history, partition)), None)
    if why := why_no_fault_was_felt(history):
        return why
    if first is None or first >= cut[1].start:
        return _("Nothing was acknowledged before the fault, so nothing could pause.")
    return None


def _longest(found: Iterable[Silence | None]) -> Silence | None:
    return reduce(longer, found, None)


def _seconds(silence: Silence | None) -> float | None:
    return silence.seconds if silence else None


def _how_long(silence: Silence) -> str:
    says = _("at least {seconds:.2f} s") if silence.is_open else _("{seconds:.2f} s")
    return says.format(seconds=silence.seconds)


def _witness(silence: Silence) -> dict[str, float]:
    return {"from": silence.start, "to": silence.end, "seconds": silence.seconds}


def _unknown(name: str, counts: Counts, says: str) -> Finding:
    return Finding(name, Verdict.UNKNOWN, counts, [], says)
