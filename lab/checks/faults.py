"""Checks of the experiment itself: did the fault happen and was it felt, was there load, did the system come back.

Most of them are never BROKEN: a poor experiment proves nothing, for or against the claim.
"""

from collections.abc import Mapping

from lab.history import History
from lab.observed import UNTOUCHED, FaultSeen, faults, why_cut_short, why_no_fault_was_felt
from lab.verdict import MOST_WITNESSES, Check, Finding, Verdict, named
from lab.words import _


def the_fault_was_felt(history: History) -> Finding:
    """HOLDS when every fault took hold and was felt; in a control run, when nothing was touched. Never BROKEN."""
    name = "the_fault_was_felt"
    seen = faults(history)
    counts: dict[str, int] = {
        "faults": len(seen),
        "applied": sum("applied" in fault.steps for fault in seen),
        "felt": sum("felt" in fault.steps for fault in seen),
    }
    witnesses = [{"fault": fault.name, "node": fault.node, **fault.steps} for fault in seen[:MOST_WITNESSES]]
    if history.variant == "control":
        touched = [fault for fault in seen if fault.name != UNTOUCHED]
        if touched:
            says = _("The control run was none: {node} was {fault}.")
            says = says.format(node=touched[0].node, fault=_(touched[0].name))
            return Finding(name, Verdict.UNKNOWN, counts, witnesses, says)
        says = _("Nothing was touched, as it should be in a control run.")
        return Finding(name, Verdict.HOLDS, counts, witnesses, says)
    if why := why_no_fault_was_felt(history):
        return Finding(name, Verdict.UNKNOWN, counts, witnesses, why)
    return Finding(name, Verdict.HOLDS, counts, witnesses, " ".join(_tell(fault) for fault in seen))


def enough_was_written(acknowledged: int = 100) -> Check:
    """At least this many appends were acknowledged. Never BROKEN: with less the other findings say too little."""

    @named("enough_was_written")
    def check(history: History) -> Finding:
        found = len(history.of("append", "ok"))
        verdict = Verdict.HOLDS if found >= acknowledged else Verdict.UNKNOWN
        counts = {"acknowledged": found, "needed": acknowledged}
        says = _("{acknowledged} appends were acknowledged; at least {needed} are needed for an answer.")
        return Finding("enough_was_written", verdict, counts, [], says.format(**counts))

    return check


def the_script_ran_to_its_end(history: History) -> Finding:
    """HOLDS when the script came to its last line and mended what it broke. Never BROKEN: the failure is ours."""
    name = "the_script_ran_to_its_end"
    reasons = [why] if (why := why_cut_short(history)) else []
    reasons += [
        _("{node} was {fault} and never mended.").format(node=fault.node, fault=_(fault.name))
        for fault in faults(history)
        if not _is_over(fault)
    ]
    if reasons:
        return Finding(name, Verdict.UNKNOWN, {"lines": len(history)}, [*reasons[:MOST_WITNESSES]], reasons[0])
    return Finding(name, Verdict.HOLDS, {"lines": len(history)}, [], _("The script ran to its end."))


def the_system_recovered(history: History) -> Finding:
    """BROKEN when a recovery that the script waited for did not come; UNKNOWN when a broken node was never mended."""
    name = "the_system_recovered"
    recovered, missed = history.of("recovered", "note"), history.of("not_recovered", "note")
    open_faults = [fault for fault in faults(history) if not _is_over(fault)]
    slowest = max((note.value["seconds"] for note in recovered), default=None)
    counts: Mapping[str, int | float | None] = {
        "recovered": len(recovered),
        "not_recovered": len(missed),
        "slowest": slowest,
    }
    if missed:
        value = missed[0].value
        says = _("Not within {seconds:g} s: {what}.").format(seconds=value["within"], what=_(value["what"]))
        return Finding(name, Verdict.BROKEN, counts, [note.value for note in missed[:MOST_WITNESSES]], says)
    if open_faults:
        says = _("{node} was {fault} and never mended, so nothing could recover.")
        says = says.format(node=open_faults[0].node, fault=_(open_faults[0].name))
        return Finding(name, Verdict.UNKNOWN, counts, [], says)
    if not recovered:
        says = _("Every node that was broken is mended.") if faults(history) else _("Nothing was broken.")
        return Finding(name, Verdict.HOLDS, counts, [], says)
    took = _("{what} ({seconds:.1f} s)")
    came = [took.format(what=_(note.value["what"]), seconds=note.value["seconds"]) for note in recovered]
    witnesses = [note.value for note in recovered[:MOST_WITNESSES]]
    says = _("Recovered: {what}.").format(what="; ".join(came))
    return Finding(name, Verdict.HOLDS, counts, witnesses, says)


def _is_over(fault: FaultSeen) -> bool:
    return "mended" in fault.steps


def _tell(fault: FaultSeen) -> str:
    if "felt" not in fault.steps:
        return _("{node} was {fault}.").format(node=fault.node, fault=_(fault.name))
    says = _("{node} was {fault} and felt {seconds:.2f} s later.")
    return says.format(node=fault.node, fault=_(fault.name), seconds=fault.steps["felt"] - fault.began)
