"""`up`: starts all that is wanted, changes nothing that is right, and says in one sentence what is wrong."""

import os
import socket

import pytest

from lab import settings as environment
from lab.cluster.local import LocalTarget
from lab.cluster.target import StackUnavailable
from lab.settings import Settings
from tests.services.local.small_stack import (
    answers,
    in_a_process_of_its_own,
    let_slow_be_healthy,
    told,
    up_and_whole,
    what_is_left,
)


def test_up_starts_all_says_so_and_forwards_the_published_ports(settings: Settings) -> None:
    target = up_and_whole(settings)
    assert answers(settings)
    assert any(sentence.startswith("web is healthy after ") for sentence in told)
    assert any(sentence.startswith("set-up has completed after ") for sentence in told)
    assert target.log_lines("slow") == ["slow is up"]
    assert target.urls() == {"web": f"127.0.0.1:{18091 + 100 * settings.block}"}


def test_a_second_up_changes_nothing(settings: Settings) -> None:
    target = up_and_whole(settings)
    before = {status.name: status.pid for status in target.status()}
    told.clear()
    target = up_and_whole(settings)
    assert {status.name: status.pid for status in target.status()} == before
    assert told == []
    assert (settings.state / "set-up" / "ran").read_text() == "x"


def test_up_of_some_starts_what_they_need_and_no_more(settings: Settings) -> None:
    target = LocalTarget(settings)
    target.up(["set-up"], told.append)
    states = {status.name: status.state for status in target.status()}
    assert states == {"web": "running", "set-up": "exited", "slow": "absent"}


def test_only_what_has_changed_is_started_anew(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    target = up_and_whole(settings)
    before = {status.name: status.pid for status in target.status()}
    monkeypatch.setenv("GREETING", "good evening")
    target = up_and_whole(environment.read(settings.root))
    after = {status.name: status.pid for status in target.status()}
    assert after["web"] != before["web"]
    assert after["slow"] == before["slow"]
    assert "starting anew, since the definition has changed: web" in told
    monkeypatch.setenv("LAB_WEB_PORT", str(18090 + 100 * settings.block))
    up_and_whole(environment.read(settings.root))
    assert answers(environment.read(settings.root))


def test_a_service_that_is_gone_from_the_file_is_stopped(settings: Settings) -> None:
    up_and_whole(settings)
    file = settings.root / "docker-compose.yml"
    file.write_text(file.read_text().partition("  slow:")[0])
    target = LocalTarget(settings)
    target.up([], told.append)
    assert [status.name for status in target.status()] == ["web", "set-up"]
    assert not [process for process in what_is_left(settings) if process.endswith(" sleep")]


def test_the_preset_in_force_is_kept(settings: Settings) -> None:
    assert LocalTarget(settings).preset == "default"
    up_and_whole(settings, "fast")
    assert up_and_whole(settings).preset == "fast"
    LocalTarget(settings).down(told.append, volumes=True)
    assert LocalTarget(settings).preset == "default"


def test_a_service_that_ends_while_it_is_waited_for_is_shown_with_its_last_words(settings: Settings) -> None:
    file = settings.root / "docker-compose.yml"
    file.write_text(file.read_text().replace("--bind web", "--bind nowhere"))
    with pytest.raises(
        StackUnavailable, match=r"(?s)web ended with exit code 1 while.*printed last:.*gaierror"
    ) as error:
        LocalTarget(settings).up([], told.append)
    assert f"The whole log is {settings.state}/logs/web.log" in str(error.value)


def test_an_app_that_crashes_again_and_again_is_given_up(settings: Settings) -> None:
    file = settings.root / "docker-compose.yml"
    file.write_text(file.read_text().replace("echo slow is up;", "echo bad luck; exit 3;"))
    with pytest.raises(StackUnavailable, match=r"(?s)slow ended.* again and again.*bad luck"):
        LocalTarget(settings).up([], told.append)


def test_a_published_port_that_is_taken_is_refused_before_anything_starts(settings: Settings) -> None:
    port = int(settings.variables["LAB_WEB_PORT"])
    with socket.create_server(("127.0.0.1", port)), pytest.raises(StackUnavailable) as error:
        LocalTarget(settings).up([], told.append)
    assert f"(pid {os.getpid()})" in str(error.value)
    assert f"web cannot publish 127.0.0.1:{port}: the port is taken by" in str(error.value)
    assert f"choose another port: LAB_WEB_PORT={port + 1}" in str(error.value)
    assert [path for path in what_is_left(settings) if not path.startswith("/")] == []


def test_a_port_that_somebody_takes_on_every_address_is_refused_too(settings: Settings) -> None:
    file, port = settings.root / "docker-compose.yml", 31000 + settings.block
    file.write_text(file.read_text().replace("8000", str(port)))
    with socket.create_server(("0.0.0.0", port)), pytest.raises(StackUnavailable, match="web cannot listen on"):
        LocalTarget(settings).up([], told.append)


def test_a_state_folder_that_cannot_be_made_is_one_sentence(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAB_STATE_ROOT", "/proc/nowhere")
    with pytest.raises(StackUnavailable, match=r"/proc/nowhere\S* cannot be .*LAB_STATE_ROOT"):
        LocalTarget(environment.read(settings.root)).up([], told.append)


def test_two_at_once_wait_for_each_other(settings: Settings) -> None:
    first = in_a_process_of_its_own(settings, "up")
    try:
        assert first.stdout is not None
        assert first.stdout.readline()
        second = in_a_process_of_its_own(settings, "up")
        try:
            assert second.stdout is not None
            assert second.stdout.readline().startswith("waiting for another `lab up` or `lab down` to end")
            let_slow_be_healthy(settings)
            assert first.wait(90) == second.wait(90) == 0
        finally:
            second.kill()
            second.communicate()
    finally:
        first.kill()
        first.communicate()
    up_and_whole(settings)
