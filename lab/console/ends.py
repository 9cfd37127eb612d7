"""How children of the console end, in sentences: what `lab` itself said, or which signal ended it, and what to do.

jobs.py and power.py ask it when a child did not do what it was started for.
"""

import signal
from pathlib import Path

from lab.console.refusals import Refusal
from lab.journal import journal_of
from lab.settings import Settings
from lab.words import _

REFUSED, NOT_AVAILABLE = 64, 69
"""Exit codes of `lab`."""
SAYS = "lab: "
"""What its last sentence begins with."""


def last_sentence(text: str) -> str:
    """What `lab` said last when it gave up; it may be several lines."""
    lines = text.splitlines()
    begins = [number for number, line in enumerate(lines) if line.startswith(SAYS)]
    if not begins:
        return lines[-1].strip() if lines else ""
    return "\n".join(lines[begins[-1] :]).removeprefix(SAYS).strip()


def how_it_ended(code: int | None, err: Path) -> str:
    """A sentence about a child that ended with this code (None: not our child), given what it wrote to stderr."""
    if code is not None and code < 0:
        name = signal.Signals(-code).name
        return _("The process that ran it was ended by {signal}.").format(signal=name)
    try:
        said = err.read_text(errors="replace")
    except OSError:
        return ""
    return last_sentence(said) if code or any(line.startswith(SAYS) for line in said.splitlines()) else ""


def refusal_of(code: int, err: Path, busy: bool) -> Refusal:
    """For a child that ended before it began what it was asked to do."""
    return refusal_with(code, how_it_ended(code, err), busy)


def refusal_with(code: int, sentence: str, busy: bool) -> Refusal:
    """The same with its sentence."""
    sentence = sentence or _("`lab` ended with exit code {code} and said nothing.").format(code=code)
    match code:
        case 64 if busy:
            return Refusal(409, sentence, _("Wait for it to end, or stop it."))
        case 64:
            return Refusal(422, sentence)
        case 69:
            return Refusal(503, sentence, "bin/lab status")
    return Refusal(500, sentence, "bin/lab heal")


def why_not_judged(how: str, run: str, settings: Settings) -> str:
    """Why a run has no verdict, and what to do about it."""
    sentences = [how or _("The process that recorded this run has ended before it was judged.")]
    if journal_of(settings).open_faults():
        sentences.append(_("What it broke is still broken: `lab heal` mends it."))
    sentences.append(_("`lab check {run}` judges what was recorded.").format(run=run))
    return " ".join(sentences)
