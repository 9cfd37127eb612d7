"""The sentences that the scripts show. A page hands them over as one JSON object; static/shapes.js fills them in.

A name in braces is filled in by the script. Each is a whole sentence or label, so that a language may order it as it
likes.
"""

from collections.abc import Iterable

from lab.words import _


def timeline_words() -> dict[str, str]:
    """What static/timeline.js and static/replay.js say, by key."""
    return _outcomes() | _picture() | _faults() | _replay()


def phase_words(names: Iterable[str]) -> dict[str, str]:
    """The names of a run's phases as the picture shows them, by key."""
    return {f"phase {name}": _(name) for name in names if name}


def _outcomes() -> dict[str, str]:
    return {
        "op": _("operation"),
        "ok": _("acknowledged"),
        "info": _("unknown"),
        "fail": _("failed"),
        "open": _("no answer"),
        "predicted_ok": _("as predicted"),
        "predicted_fail": _("not as predicted"),
        "counts_at": _("After {seconds} s"),
        "counts_with_predicted_at": _("After {seconds} s (of observations: as predicted, and not as predicted)"),
    }


def _picture() -> dict[str, str]:
    return {
        "rate": _("{op}, per second"),
        "observed_rate": _("{op}, observations per second"),
        "rate_picture": _("{op} over time: {ok} acknowledged, {info} unknown, {fail} failed."),
        "picture": _(
            "Run up to {seconds} s: {faults} faults, {phases} phases, {partitions} partitions, {silences} silences; "
            "the story tells the same in words."
        ),
        "moment_on_axis": _("{seconds} s"),
        "phases": _("phases"),
        "partition": _("partition {partition}"),
        "leads": _("{node} leads"),
        "no_leader": _("no leader"),
        "in_sync": _("in sync: {nodes}"),
        "in_sync_short": _("only {count} of {of} in sync: {nodes}"),
        "more_partitions": _("and {count} more partitions"),
        "silences": _("silences of half a second or longer"),
        "silence": _("{seconds} s of silence"),
        "silence_short": _("{seconds} s"),
        "silence_in_partition": _("partition {partition}: {seconds} s of silence"),
        "silence_in_partition_short": _("{partition}: {seconds} s"),
        "single_operations": _("{op}: each one"),
        "single_observations": _("{op}: each observation"),
        "depth": _("queue {queue}: waiting, at most {most}"),
        "not_drawn": _("The picture cannot be drawn here: {error}. The story below says the same in words."),
    }


def _faults() -> dict[str, str]:
    return {
        "fault": _("{node}: {fault}"),
        "named_killed": _("killed"),
        "named_stopped": _("stopped"),
        "named_paused": _("paused"),
        "named_cut_off": _("cut off"),
        "named_untouched": _("untouched"),
        "fault_killed": _("{node} killed"),
        "fault_stopped": _("{node} stopped"),
        "fault_paused": _("{node} paused"),
        "fault_cut_off": _("{node} cut off"),
        "fault_untouched": _("{node} left untouched (control)"),
        "fault_and_steps": _("{fault}: {steps}"),
        "step_applied": _("{fault} {seconds} s"),
        "step_not_applied": _("did not take hold {seconds} s"),
        "step_felt": _("felt {seconds} s"),
        "step_not_felt": _("not felt {seconds} s"),
        "step_mending": _("mending {seconds} s"),
        "step_mended": _("mended {seconds} s"),
        "more_faults": _("and {count} more faults"),
    }


def _replay() -> dict[str, str]:
    return {
        "play": _("Play"),
        "pause": _("Pause"),
        "moment": _("Moment of the run"),
        "moment_of": _("{seconds} of {all} s"),
    }


def run_words() -> dict[str, str]:
    """What the page of a run and the comparison of two say, by key."""
    return {
        "running": _("The run goes on: {phase}"),
        "over": _("The run is over; it took {seconds} s."),
        "connection_lost": _("The connection to the console is lost. It is tried again."),
        "no_history": _("The history of this run cannot be had."),
        "stop": _("Stop the run"),
        "stopping": _("The run is being stopped; what it broke is mended first."),
        "as_expected": _("as expected"),
        "not_as_expected": _("not as expected: {expected} was"),
        "no_verdict": _("There is no verdict in the folder of this run."),
        "judging": _("The history is being judged."),
        "not_told": _("More cannot be said of this run: {error}"),
        "judged_otherwise": _("Judged anew from its history this run is {now}; its folder says {before}."),
        "came_true": _("You predicted: {says} This came true."),
        "did_not_come_true": _("You predicted: {says} This did not come true."),
        "came": _("This came true."),
        "did_not_come": _("This did not."),
        "left_out": _("{count} more lines are left out here; the history holds them."),
        "verdict_of": _("verdict"),
        "check": _("check"),
        "found": _("what it found"),
        "offenders": _("The first offenders, and what the history says of them"),
        "statements": _("Statements of the study notes"),
        "times": _("times"),
        "outcome": _("outcome"),
        "error": _("error"),
        "parameters": _("Parameters"),
        "versions": _("Versions"),
        "none": _("none"),
        "noted": _("Noted by the script"),
        "show_picture": _("Show its picture here, in the scale of both"),
    }


def scenario_words() -> dict[str, str]:
    """What the page of a scenario says, by key."""
    return {
        "starting": _("The run is being started."),
        "copied": _("The command is copied."),
        "not_copied": _("The command could not be copied: select it and copy it by hand."),
    }
