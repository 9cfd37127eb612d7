"""Run one scenario in one variant and judge it.

1.  Refuse what the target cannot do, and a second run on the same stack.
2.  Make the run folder and write the first line: which scenario, variant, parameters, seed.
3.  Let the script run: it starts its workload, breaks a node, waits, reads back. Each line is written as it happens.
4.  However the script ends (its last line, an error, Ctrl-C), end the workload, mend the fault, give back resources.
5.  Load the history from the file and ask every check. The worst finding is the verdict.
6.  Write `verdict.json` beside the history, and the last log lines of each node.

`lab check` does step 5 again, from the file alone.
"""

import fcntl
import os
import platform
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec

from lab.checks import the_script_ran_to_its_end, the_system_recovered
from lab.cluster.target import Refused, Target
from lab.faults import FaultDidNotHold
from lab.history import History, Op, Recorder
from lab.journal import journal_of
from lab.runs import keep_logs, new_folder
from lab.scenario import Scenario, Variant
from lab.script import Lab, NotFelt, NotRecovered
from lab.settings import Settings
from lab.verdict import Finding, Verdict, judge
from lab.words import language, speak

ALWAYS_CHECKED = (the_script_ran_to_its_end, the_system_recovered)
"""Asked in every run, beside the scenario's own checks."""


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody wants to be run."""

    scenario: Scenario
    variant: Variant = "main"
    parameters: Mapping[str, Any] = field(default_factory=dict)
    pace: str = "full"
    seed: int = 0
    predicted: str | None = None
    """The choice of a prediction that somebody made before; only noted."""


class Result(msgspec.Struct, frozen=True):
    """One run and its verdict; the object of `lab run --json` and of `verdict.json` (DESIGN, section 6)."""

    scenario: str
    variant: str
    verdict: Verdict
    expected: Verdict
    as_expected: bool
    claim: str
    findings: list[Finding]
    faults: list[dict[str, Any]]
    target: str
    pace: str
    seed: int
    versions: dict[str, str]
    seconds: float
    run: str


def run(
    request: Request,
    target: Target,
    settings: Settings,
    listeners: Sequence[Callable[[Op], None]] = (),
    began: Callable[[Path], None] = lambda folder: None,
) -> tuple[Result, History]:
    """Run it, judge it, write the run folder. `began` hears of the folder as soon as it is there.

    The folder holds English, whoever started the run; the result that is returned speaks the reader's language.

    Raises Refused before anything is touched, LabError when the record cannot be written, and KeyboardInterrupt after
    everything was mended and the folder written.
    """
    scenario, variant = request.scenario, request.variant
    parameters = scenario.with_parameters(variant, request.parameters)
    if variant != "control":
        refuse_what_the_target_cannot(scenario, target)
    with only_run(settings):
        folder = new_folder(settings, scenario.name, variant)
        began(folder)
        with speak("en"):
            interrupted = _run_script(request, parameters, target, settings, folder, listeners)
            history = History.load(folder / "history.jsonl")
            result = judged(history, scenario, folder)
        (folder / "verdict.json").write_bytes(msgspec.json.format(msgspec.json.encode(result), indent=2) + b"\n")
        keep_logs(target, scenario.nodes, folder)
    if interrupted:
        raise KeyboardInterrupt
    return (result if language() == "en" else judged(history, scenario, folder)), history


def judged(history: History, scenario: Scenario, folder: Path) -> Result:
    """The verdict of a recorded run, from its history alone."""
    verdict, findings = judge(history, (*ALWAYS_CHECKED, *scenario.checks))
    about = history.note("run", {})
    variant = about.get("variant", "main")
    expected = Verdict.BROKEN if variant == "breaks" else Verdict.HOLDS
    return Result(
        scenario=scenario.name,
        variant=variant,
        verdict=verdict,
        expected=expected,
        as_expected=verdict is expected and (variant != "breaks" or _broke_as_meant(scenario, findings)),
        claim=scenario.claim,
        findings=findings,
        faults=_faults(history),
        target=about.get("target", ""),
        pace=about.get("pace", ""),
        seed=about.get("seed", 0),
        versions=about.get("versions", {}) | history.note("versions", {}),
        seconds=round(history[-1].t, 1) if len(history) else 0.0,
        run=str(folder),
    )


def _broke_as_meant(scenario: Scenario, findings: Sequence[Finding]) -> bool:
    """A breaking run must break what it was made to break, and its script must have run to its end."""
    broken = {finding.check for finding in findings if finding.verdict is Verdict.BROKEN}
    told_all = all(f.verdict is Verdict.HOLDS for f in findings if f.check == the_script_ran_to_its_end.__name__)
    return told_all and set(scenario.breaks) <= broken


def refuse_what_the_target_cannot(scenario: Scenario, target: Target) -> None:
    """Raises Refused, with the reason, when the scenario needs more than the target can do."""
    for ability in sorted(scenario.needs - target.abilities):
        raise Refused(
            f"{scenario.name} needs {ability!r}, which the {target.name} target cannot do, "
            f"because {target.why_not(ability)}. `lab run {scenario.name} --control` runs it without the fault."
        )


@contextmanager
def only_run(settings: Settings) -> Iterator[None]:
    """Hold the stack for one run. Raises Refused, naming the process, when another run holds it."""
    settings.state.mkdir(parents=True, exist_ok=True)
    with (settings.state / "run.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise Refused(
                f"Another run (process {lock.read().strip() or 'unknown'}) is using this stack. "
                "Wait until it has ended, or end it with Ctrl-C."
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def refuse_during_a_run(settings: Settings) -> None:
    """Raises Refused while a run holds the stack: it would not see its own fault any more, or lose its nodes."""
    with only_run(settings):
        pass


def _run_script(
    request: Request,
    parameters: Mapping[str, Any],
    target: Target,
    settings: Settings,
    folder: Path,
    listeners: Sequence[Callable[[Op], None]],
) -> bool:
    """Steps 2 to 4. Says whether Ctrl-C ended it. An error of the script is part of the record."""
    with Recorder(folder / "history.jsonl") as recorder:
        for listener in listeners:
            recorder.listen(listener)
        recorder.add("lab", "note", "run", value=_about(request, parameters, target))
        lab = Lab(target, recorder, journal_of(settings), request.variant, request.pace, request.seed, folder.name)
        try:
            try:
                request.scenario.script(lab, **parameters)
            finally:
                lab.give_back()
        except KeyboardInterrupt:
            recorder.add("lab", "note", "interrupted")
            return True
        except (NotFelt, NotRecovered, FaultDidNotHold) as error:
            recorder.add("lab", "note", "ended_early", value=str(error))
        except Exception as error:  # noqa: BLE001 - a script may fail in any way; the record must say so and be judged
            recorder.add("lab", "note", "crash", value=f"{type(error).__name__}: {error}")
        recorder.add("lab", "note", "end")
    return False


def _about(request: Request, parameters: Mapping[str, Any], target: Target) -> dict[str, Any]:
    lab = {"python": platform.python_version(), "confluent-kafka": version("confluent-kafka")}
    return {
        "scenario": request.scenario.name,
        "demo": request.scenario.demo,
        "variant": request.variant,
        "target": target.name,
        "pace": request.pace,
        "seed": request.seed,
        "parameters": dict(parameters),
        "predicted": request.predicted,
        "versions": lab | target.versions(request.scenario.nodes),
    }


def _faults(history: History) -> list[dict[str, Any]]:
    """Each fault with the seconds of its steps; `felt` and `mended` stay None when they did not come."""
    found: dict[str, dict[str, Any]] = {}
    for line in history:
        if line.kind == "fault" and line.id:
            entry = found.setdefault(
                line.id, {"fault": line.op, "node": line.value["node"], "began": None, "felt": None, "mended": None}
            )
            if line.value["step"] in entry:
                entry[line.value["step"]] = line.t
    return list(found.values())
