"""Which target runs the stack, and making this machine ready for it. `lab up` and `lab demo` call both, in this order.

Somebody's word comes first (--target, LAB_TARGET), then the target of a stack that is up, then compose where an engine
answers and every image can be had, else local.
"""

from lab.cluster import local
from lab.cluster.docker import engine_answers
from lab.cluster.images import Image, images_of
from lab.cluster.pulling import images_available
from lab.cluster.stack import read_stack
from lab.cluster.target import StackUnavailable, Tell
from lab.cluster.targets import NAMES, target_in_force
from lab.machine import packages
from lab.machine.packages import Ask
from lab.settings import Settings

AS_PROCESSES = "so the stack runs as plain processes (the local target)."


def choose_target(settings: Settings, tell: Tell) -> tuple[str, str]:
    """The target's name, and a sentence that says why. May pull images, and then says so through `tell`."""
    if decided := decided_target(settings):
        return decided
    answers, why = engine_answers(settings)
    if not answers:
        return "local", no_engine(why)
    available, why_not = images_available(settings, tell)
    if not available:
        return "local", f"A Docker engine answers, but {_first_sentence(why_not)}, {AS_PROCESSES}"
    return "compose", f"{why[:1].upper()}{why[1:]} and every image is here, so the stack runs as containers."


def no_engine(why: str) -> str:
    """The sentence for a machine without an engine; of `why` the reason only, not the advice."""
    return f"No Docker engine can be used ({_first_sentence(why)}), {AS_PROCESSES}"


def decided_target(settings: Settings) -> tuple[str, str] | None:
    """As `choose_target`, where no question to the machine is needed; else None."""
    if settings.target:
        return settings.target, f"The stack runs on the {settings.target} target, as you asked."
    in_force = target_in_force(settings)
    if in_force and in_force in NAMES:
        return in_force, f"The stack is on the {in_force} target since the last `lab up`."
    return None


def images_of_the_stack(settings: Settings) -> list[Image]:
    """The modules of all images that docker-compose.yml names, each once. Raises StackError."""
    stack = read_stack(settings.compose_file, settings.variables)
    return images_of(stack.services.values())


def needed_packages(settings: Settings) -> list[str]:
    """The distribution's packages that the local target lacks on this machine."""
    images = images_of_the_stack(settings)
    return sorted({*local.needed_packages(settings), *(name for i in images for name in i.needed_packages(settings))})


def _first_sentence(text: str) -> str:
    return text.partition(". ")[0].rstrip(".")


def prepare(settings: Settings, target_name: str, *, assume_yes: bool, tell: Tell, ask: Ask) -> None:
    """Have everything that the target needs on this machine. Idempotent; without network once it is done.

    Only the local target needs anything: docker brings what containers need. Raises LabError.
    """
    if target_name != "local":
        return
    if needed := needed_packages(settings):
        packages.install(needed, assume_yes=assume_yes, tell=tell, ask=ask)
        if left := needed_packages(settings):
            raise StackUnavailable(
                f"Installed, and yet not found where they should be: {', '.join(left)}. "
                "Do JAVA_HOME or PATH lead to other programs of these names? `bin/lab doctor` says more."
            )
    for image in images_of_the_stack(settings):
        image.prepare(settings, tell)
        if gaps := image.missing(settings):
            raise StackUnavailable(" ".join(gaps))
