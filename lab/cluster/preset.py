"""Which preset the stack was last started with: `up` notes it in the state folder, later commands keep to it."""

from lab.cluster.target import StackUnavailable
from lab.settings import PRESETS, Settings


def preset_in_force(settings: Settings) -> str:
    """The name that `up` noted; "default" before the first `up`, and when it noted none that there is."""
    try:
        found = (settings.state / "preset").read_text().strip()
    except OSError:
        return "default"
    return found if found in PRESETS else "default"


def remember_preset(settings: Settings, preset: str) -> None:
    """Note it. Raises StackUnavailable when the state folder cannot be written."""
    try:
        settings.state.mkdir(parents=True, exist_ok=True)
        (settings.state / "preset").write_text(preset + "\n")
    except OSError as error:
        raise StackUnavailable(
            f"Cannot write the state folder {settings.state}: {error.strerror}. Make room, or set LAB_STATE_ROOT."
        ) from error


def forget_preset(settings: Settings) -> None:
    """Note that the next stack is a new one."""
    (settings.state / "preset").unlink(missing_ok=True)
