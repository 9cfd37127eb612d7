"""The only place that sleeps: wait for a condition, with a deadline and a sentence that says what for.

Targets wait here for health, faults and scenarios for effect and recovery; workload and watchers pace themselves.
"""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

TELL_EVERY = 5.0
"""Seconds between two sentences about the same wait."""


class NotReached(Exception):
    """A condition was not met in time. `last` is what it last returned, or the error that it last raised."""

    def __init__(self, what: str, within: float, last: object = None) -> None:
        super().__init__(f"waited {within:g} s for {what}")
        self.what = what
        self.within = within
        self.last = last


def wait_for(
    what: str,
    condition: Callable[[], T],
    within: float,
    every: float = 0.1,
    tell: Callable[[str], None] | None = None,
    passing: tuple[type[Exception], ...] = (),
) -> T:
    """Ask `condition` every `every` seconds and return its first truthy answer.

    It is asked at once and, if need be, a last time when `within` seconds are over; then NotReached is raised. Errors
    that `passing` lists mean "not yet", any other goes through. `tell` hears what is waited for, if there is a wait.
    """
    began = time.monotonic()
    tell_next = began
    while True:
        answer, last = _ask(condition, passing)
        if answer:
            return answer
        now = time.monotonic()
        left = began + within - now
        if left <= 0:
            raise NotReached(what, within, last)
        if tell and now >= tell_next:
            tell(f"waiting for {what}" + (f" ({now - began:.0f} of {within:g} s)" if tell_next > began else ""))
            tell_next = now + TELL_EVERY
        pause(min(every, left))


def pause(seconds: float) -> None:
    """Let time pass. For loops that pace themselves, never for hoping that something is done by then."""
    if seconds > 0:
        time.sleep(seconds)


async def pause_here(seconds: float) -> None:
    """`pause` for a task: the others go on."""
    import asyncio  # only what serves pages needs it

    await asyncio.sleep(max(seconds, 0))


def _ask(condition: Callable[[], T], passing: tuple[type[Exception], ...]) -> tuple[T | None, object]:
    try:
        answer = condition()
    except passing as error:
        return None, error
    return answer, answer
