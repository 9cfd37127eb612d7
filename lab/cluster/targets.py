"""Open a target by its name. The command line asks here; nothing else needs to know which target it talks to."""

from lab.cluster.compose import ComposeTarget
from lab.cluster.external import ExternalTarget
from lab.cluster.local import LocalTarget
from lab.cluster.target import Refused, StackUnavailable, Target
from lab.settings import Settings

NAMES = ("compose", "local", "external")


def open_target(name: str, settings: Settings, preset: str | None = None) -> Target:
    """The target of that name. `preset` None keeps the one in force. Raises Refused for a name that there is not."""
    match name:
        case "compose":
            return ComposeTarget(settings, preset)
        case "local":
            return LocalTarget(settings, preset)
        case "external":
            return ExternalTarget(settings)
    raise Refused(f"There is no target {name!r}. It is one of {', '.join(NAMES)}.")


def target_in_force(settings: Settings) -> str | None:
    """The name of the target that `lab up` chose for this stack, or None when none is up."""
    file = settings.state / "target"
    return file.read_text().strip() if file.exists() else None


def remember_target(settings: Settings, name: str) -> None:
    """Note which target this stack runs on, before it starts: what a crash leaves behind must be found again.

    Raises StackUnavailable when the state folder cannot be written.
    """
    try:
        settings.state.mkdir(parents=True, exist_ok=True)
        (settings.state / "target").write_text(name + "\n")
    except OSError as error:
        raise StackUnavailable(
            f"Cannot write the state folder {settings.state}: {error.strerror}. Make room, or set LAB_STATE_ROOT."
        ) from error


def forget_target(settings: Settings) -> None:
    """Note that no stack is up."""
    (settings.state / "target").unlink(missing_ok=True)
