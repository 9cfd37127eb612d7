"""The `lab` command. `main` turns every error into one sentence and the right exit code; the verbs are thin.

    stack.py      doctor, up, status, down, break, heal, watch, demo, test
    scenarios.py  list, explain, run, check
    bench.py      bench
    report.py     report
    console.py    console
    show.py       how results look on a terminal

Exit codes: 0 as expected, 1 not as expected, 2 UNKNOWN, 64 wrong usage or refused, 69 stack not available, 70 a crash
of our own, 130 interrupted. Progress goes to stderr, the result to stdout.
"""

import os
import signal
import sys
import traceback
from types import FrameType

from typer.exceptions import TyperException

from lab.cli import bench, console, report, scenarios, stack
from lab.cli.app import app, wants_debug
from lab.cluster.target import LabError
from lab.words import _

__all__ = ["app", "bench", "console", "main", "report", "scenarios", "stack"]


INTERRUPTED = 130


def main() -> None:
    """Run the command line and leave with its exit code."""
    signal.signal(signal.SIGTERM, _interrupt)
    sys.exit(_run())


def _run() -> int:
    try:
        code = app(prog_name="lab", standalone_mode=False)
        sys.stdout.flush()
    except LabError as error:
        return _fail(str(error), error.exit_code)
    except TyperException as error:
        says = _("{mistake} `lab --help` and `lab VERB --help` show what there is.")
        return _fail(says.format(mistake=error.format_message()), 64)
    except KeyboardInterrupt:
        code = INTERRUPTED
    except BrokenPipeError:
        # The reader went away (`lab list | head`): not an error, and nothing more can be said.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:  # noqa: BLE001 - the one place where an error of our own is turned into a sentence
        if wants_debug():
            traceback.print_exc()
        says = _(
            "the lab itself failed: {kind}: {error}\n"
            "This is a mistake in the lab. `lab --debug ...` prints where it happened."
        )
        return _fail(says.format(kind=type(error).__name__, error=error), 70)
    if code == INTERRUPTED:  # typer turns Ctrl-C into this code as well
        says = _("interrupted; what was started by this command or broken by it is mended or stopped.")
        return _fail(says, code)
    return code if isinstance(code, int) else 0


def _fail(sentence: str, code: int) -> int:
    print(f"lab: {sentence}", file=sys.stderr)
    return code


def _interrupt(number: int, frame: FrameType | None) -> None:
    """A polite end is an end: whatever handles Ctrl-C handles SIGTERM too."""
    raise KeyboardInterrupt
