"""Whoever is interrupted or killed, and when: the next `up` is whole, and the next `down` leaves nothing."""

import os
import signal

import pytest

from lab.settings import Settings
from lab.waiting import pause
from tests.services.local.small_stack import (
    answers,
    in_a_process_of_its_own,
    told,
    up_and_whole,
    what_is_left,
)


def test_ctrl_c_stops_what_was_started(settings: Settings) -> None:
    launcher = in_a_process_of_its_own(settings, "up")
    try:
        assert launcher.stdout is not None
        for line in launcher.stdout:
            if line.startswith("set-up has completed"):
                break
        launcher.send_signal(signal.SIGINT)
        assert "interrupted: stopping what was started" in launcher.communicate(timeout=90)[0]
    finally:
        launcher.kill()
        launcher.communicate()
    assert launcher.returncode == -signal.SIGINT
    assert [path for path in what_is_left(settings) if not path.startswith("/")] == []


@pytest.mark.parametrize("seconds", [0.2, 0.6, 1.2])
def test_the_launcher_may_be_killed_at_any_moment(settings: Settings, seconds: float) -> None:
    for verb in ("up", "down"):
        launcher = in_a_process_of_its_own(settings, verb)
        pause(seconds)
        launcher.kill()
        launcher.communicate()
        up_and_whole(settings)
    assert answers(settings)


def test_what_a_killed_supervisor_leaves_behind_is_ended(settings: Settings) -> None:
    for end in ("up", "down"):
        target = up_and_whole(settings)
        target.pause("slow")
        os.kill(int((settings.state / "supervisord.pid").read_text()), signal.SIGKILL)
        told.clear()
        if end == "up":
            up_and_whole(settings)
        else:
            target.down(told.append, volumes=False)
            assert [path for path in what_is_left(settings) if not path.startswith("/")] == []
        assert not [sentence for sentence in told if "sleep" in sentence] or told[0].startswith("ended what")
