"""The command's root: the application object that the verbs register with, and what they all need."""

import json
import sys
from dataclasses import replace
from typing import Annotated, Any

import typer
from rich.console import Console

from lab import settings as environment
from lab.cluster.target import Refused, StackUnavailable, Target
from lab.cluster.targets import NAMES, open_target, target_in_force
from lab.settings import Settings
from lab.words import LANGUAGES, set_language

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Start a small stack of real services, break it on purpose, and get a verdict from a recorded history.",
    epilog="First time: `lab demo`. Then: `lab list`, `lab explain NAME`, `lab run NAME`, `lab down`.",
)

PIPED_WIDTH = 200
"""Columns where nobody sees a terminal: wide enough that a sentence is not cut."""

progress = Console(stderr=True, highlight=False, soft_wrap=True, width=None if sys.stderr.isatty() else PIPED_WIDTH)
"""Progress: for people, on stderr."""
result = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else PIPED_WIDTH)
"""The answer, on stdout."""

AsJson = Annotated[bool, typer.Option("--json", help="Print the answer as JSON, one object a line.")]
TargetName = Annotated[str | None, typer.Option("--target", help=f"Where the stack runs: {', '.join(NAMES)}.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Install what is missing without asking.")]

_debug = False


def _speak(wanted: str | None) -> str | None:
    """Before anything else is read, so that a mistake in the rest is explained in this language."""
    set_language(LANGUAGES[0])  # in which it is refused, if it is
    try:
        set_language(wanted if wanted is not None else read_settings().language)
    except ValueError as error:
        raise Refused(f"{error}.") from error
    return wanted


_SPEAKS = f"The language to answer in: {', '.join(LANGUAGES)}. Without it LAB_LANG says so."
Lang = Annotated[str | None, typer.Option("--lang", callback=_speak, is_eager=True, help=_SPEAKS)]


@app.callback()
def root(
    debug: Annotated[bool, typer.Option("--debug", help="Print where an error came from.")] = False, lang: Lang = None
) -> None:
    """Options that stand before the verb."""
    global _debug
    _debug = debug


def wants_debug() -> bool:
    """Whether tracebacks may be shown."""
    return _debug


def read_settings(target: str | None = None) -> Settings:
    """The settings of this call; the demos' clients are pointed at the same stack. Raises Refused on nonsense."""
    try:
        found = environment.read()
    except ValueError as error:
        raise Refused(f"{error}.") from error
    if target is not None:
        found = replace(found, target=target)
    if found.target and found.target not in NAMES:
        raise Refused(f"There is no target {found.target!r}. It is one of {', '.join(NAMES)}.")
    environment.share_with_demos(found)
    return found


def running_target(settings: Settings) -> Target:
    """The target of the stack that is up. Raises StackUnavailable when none is."""
    name = settings.target or target_in_force(settings)
    if not name:
        raise StackUnavailable("No stack is up. Start one with `lab up`.")
    return open_target(name, settings)


def tell(sentence: str) -> None:
    """One sentence of progress."""
    progress.print(sentence, markup=False)


def ask(question: str) -> bool:
    """A yes/no question on a terminal; yes where nobody can answer, since it was announced."""
    if not sys.stdin.isatty():
        return True
    return typer.confirm(question, default=True, err=True)


def print_json(value: Any) -> None:
    """One JSON object a line on stdout."""
    print(json.dumps(value, ensure_ascii=False), flush=True)
