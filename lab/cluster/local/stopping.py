"""`down`: stop the programs in waves, then the supervisor, then whatever a killed supervisor left behind."""

import shutil
import signal
import time
from collections.abc import Collection
from functools import partial

from lab.cluster.local.keeper import DOWN_WITHIN, Keeper
from lab.cluster.local.layout import FORWARDER, Layout
from lab.cluster.local.processes import ended, signal_all, sweep
from lab.cluster.target import StackUnavailable, Tell
from lab.waiting import NotReached, pause, wait_for

_KILLED_WITHIN = 10.0
_STOPPED = ("STOPPED", "EXITED", "FATAL", "UNKNOWN")


def stop_in_waves(layout: Layout, keeper: Keeper, names: Collection[str], tell: Tell) -> None:
    """Stop programs cleanly, those that others depend on last. Supervisor kills what outlives its grace period."""
    kept = keeper.processes()
    names = [name for name in names if name in kept]
    gone_from_file = [[name for name in names if name not in layout.stack.services]]
    for wave in [*gone_from_file, *layout.stack.stop_order(names)]:
        for name in wave:
            if (pid := kept[name].pid) and name != FORWARDER:
                signal_all(pid, signal.SIGCONT)
            keeper.stop(name)
        graces = [layout.stack.services[name].stop_grace_period for name in wave if name in layout.stack.services]
        within = max(graces, default=5.0) + _KILLED_WITHIN
        try:
            wait_for(f"{', '.join(wave)} to stop", partial(_all_stopped, keeper, wave), within)
        except NotReached as error:
            tell(f"{error}; going on")


def _all_stopped(keeper: Keeper, names: list[str]) -> bool:
    kept = keeper.processes()
    return all(kept[name].state in _STOPPED for name in names if name in kept)


def take_down(layout: Layout, keeper: Keeper, tell: Tell) -> None:
    """Stop everything that belongs to the stack, also when the supervisor is dead or dies meanwhile."""
    pid = keeper.pid()
    if pid:
        try:
            stop_in_waves(layout, keeper, keeper.processes(), tell)
        except StackUnavailable:
            tell("the supervisor has ended meanwhile")
        keeper.end()
        began = time.monotonic()
        while not ended(pid) and time.monotonic() - began < DOWN_WITHIN:
            pause(0.02)
    left = sweep(layout)
    if left and not pid:  # after a clean end it is only what a program does not end itself, as in a container
        tell(f"ended what was left behind: {', '.join(left)}")


def remove_state(layout: Layout) -> None:
    """Remove all that the stack has written. StackUnavailable when it is somebody else's."""
    try:
        if layout.state.exists():
            shutil.rmtree(layout.state)
    except OSError as error:
        raise StackUnavailable(
            f"{error.filename} cannot be removed: {error.strerror}. Remove it as its owner."
        ) from error
