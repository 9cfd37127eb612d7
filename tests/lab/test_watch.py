"""`lab watch`: what it draws and tells of looks at the hub, and how the view ends."""

import io
import json
import sys
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import psutil
import pytest
from rich.console import Console

from lab import settings as environment
from lab.cluster.target import LabError
from lab.look import EMPTY
from lab.looking.news import STATES, news, state_of
from lab.looking.picture import condition, picture
from lab.watch import Watch, looks, show
from lab.words import speak

BOTH = ["kafka-1", "kafka-2"]


def partition(number: int, leader: str | None = "kafka-1", in_sync: list[str] | None = None) -> dict[str, Any]:
    in_sync = BOTH if in_sync is None else in_sync
    return {
        "number": number, "leader": leader, "preferred": "kafka-1", "replicas": BOTH, "in_sync": in_sync, "end": 7
    }  # fmt: skip


def service(name: str, state: str = "running", health: str = "healthy", broken: str | None = None) -> dict[str, Any]:
    return {"name": name, "state": state, "health": health, "broken": broken}


def look(clock: float = 1.0, **parts: Any) -> dict[str, Any]:
    """A whole hub, with these parts changed."""
    whole = {name: {**part, "age": 0.1, "error": ""} for name, part in deepcopy(dict(EMPTY)).items()}
    del whole["services"]
    whole["kafka"] |= {
        "brokers": [{"name": name, "alive": True} for name in BOTH],
        "partitions": [partition(0), partition(1)],
    }
    whole["rabbitmq"]["queues"] = [
        {"name": "feeds", "waiting": 3, "consumers": 1}, {"name": "dead-letters", "waiting": 0, "consumers": 0}
    ]  # fmt: skip
    whole["celery"] |= {
        "workers": [{"name": "sms", "alive": True, "queues": ["sms-channel"]}],
        "queues": [{"name": "sms-channel", "waiting": 4, "consumers": 1}],
    }
    whole["rest"] |= {"balancer": True, "instances": [{"name": "rest-1", "alive": True, "ready": True}]}
    whole["channels"] |= {
        "servers": [{"name": "channels-1", "alive": True}], "groups": [{"name": "region.east", "sockets": 5}]
    }  # fmt: skip
    for name in [name for name in parts if name in whole]:
        whole[name] |= parts.pop(name)
    found = {"at": 1e9 + clock, "clock": clock, **whole, "services_error": "", "followed": {}}
    found |= {"services": [service("kafka-1"), service("kafka-2"), service("redis")]}
    return found | {"moved": dict.fromkeys(("rest>rabbitmq", "celery>kafka"), 0)} | parts


def text_of(thing: Any, width: int = 80) -> str:
    console = Console(file=io.StringIO(), width=width)
    console.print(thing)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_the_picture_shows_each_copy_of_each_partition() -> None:
    parts = [partition(0), partition(1, "kafka-2"), partition(2, "kafka-2", ["kafka-2"])]
    said = text_of(picture(look(kafka={"partitions": parts}), {}, []))
    rows = {line.split()[0]: line.split()[1:4] for line in said.splitlines() if line.strip().startswith("kafka-")}
    assert rows == {"kafka-1": ["◆", "●", "○"], "kafka-2": ["●", "◆", "◆"]}
    assert "leads 2" in said


def test_the_picture_shows_what_waits_and_who_serves() -> None:
    said = text_of(picture(look(), {"celery>kafka": 2.04}, ["12:00:00  something"]))
    for words in ("feeds 3", "dead-letters 0 (no consumer)", "sms: 4 waiting", "sockets: 5", "Celery > Kafka 2.0/s"):
        assert words in said
    assert "12:00:00  something" in said
    assert "All is well: every service runs." in said


def test_a_queue_and_its_depth_stay_on_one_line() -> None:
    queues = [{"name": f"queue-{number}", "waiting": 7, "consumers": 1} for number in range(20)]
    for width in range(50, 80):
        said = text_of(picture(look(rabbitmq={"queues": queues}), {}, []), width)
        assert [queue["name"] for queue in queues if f"{queue['name']} 7" not in said] == []


@pytest.mark.parametrize("width", [40, 60, 80, 200])
def test_the_picture_fits_into_a_narrow_terminal(width: int) -> None:
    for language in ("en", "ru"):
        with speak(language):
            said = text_of(picture(look(), dict.fromkeys(look()["moved"], 1.0), []), width)
        assert max(len(line.rstrip()) for line in said.splitlines()) <= width
        assert "◆" in said


def test_what_is_wrong_is_said_in_words_and_not_by_colour_alone() -> None:
    broken = look(
        services=[service("kafka-1", "exited", "unhealthy", "killed"), service("redis", "paused", "unhealthy")],
        kafka={
            "brokers": [{"name": "kafka-1", "alive": False}, {"name": "kafka-2", "alive": True}],
            "partitions": [partition(0, None, [])],
        },
        rabbitmq={"error": "connection refused", "age": 12.0},
        channels={"error": "not asked yet", "age": None},
        rest={"instances": [{"name": "rest-1", "alive": True, "ready": False}], "balancer": False},
    )
    said = text_of(picture(broken, {}, []))
    for words in (
        "Not running as it should: kafka-1 (killed), redis (frozen).", "kafka-1 ✕", "Nobody leads partitions 0",
        "Last seen whole 12 s ago: connection refused", "Never seen: not asked yet", "rest-1 (not ready)",
        "balancer (✕)",
    ):  # fmt: skip
        assert words in said


def test_no_stack_is_said() -> None:
    for none in ([], [service("redis", "absent", "none")]):
        assert condition(look(services=none)).plain.startswith("No stack answers.")


@pytest.mark.parametrize(
    ("one", "state"),
    [
        (service("a"), "runs"),
        (service("a", health="none"), "runs"),
        (service("a", health="starting"), "starts"),
        (service("a", health="unhealthy"), "ill"),
        (service("a", "paused", "unhealthy"), "frozen"),
        (service("a", "exited", "completed"), "done"),
        (service("a", "exited", "unhealthy"), "ended"),
        (service("a", "absent", "none"), "absent"),
        (service("a", broken="cut_off"), "cut_off"),
        (service("a", broken="paused"), "frozen"),
    ],
)  # fmt: skip
def test_a_service_is_in_one_state(one: dict[str, Any], state: str) -> None:
    assert state_of(one) == state
    assert state in STATES


def test_nothing_is_news_while_only_counts_change() -> None:
    assert news(look(), look(2.0, celery={"ended": 9}, rest={"outbox": 4})) == []


def test_the_death_of_a_leader_and_its_return_are_told() -> None:
    brokers = [{"name": "kafka-1", "alive": False}, {"name": "kafka-2", "alive": True}]
    moved = [partition(0, "kafka-2", ["kafka-2"]), partition(1, "kafka-2", ["kafka-2"])]
    dead = look(
        services=[service("kafka-1", broken="killed"), service("kafka-2"), service("redis")],
        kafka={"brokers": brokers, "partitions": moved},
    )
    assert news(look(), dead) == [
        "kafka-1: killed",
        "The controller takes kafka-1 for dead.",
        "kafka-2 leads partitions 0, 1 now.",
        "Of partitions 0, 1 only these copies are in sync: kafka-2.",
    ]
    assert news(dead, look()) == [
        "kafka-1 runs",
        "The controller counts kafka-1 among the living again.",
        "kafka-1, their preferred leader, leads partitions 0, 1 again.",
        "Every copy of partitions 0, 1 is in sync: kafka-1, kafka-2.",
    ]


def test_a_partition_without_a_leader_is_told() -> None:
    alone = look(kafka={"partitions": [partition(0), partition(1, None)]})
    assert news(look(), alone) == ["Nobody leads partitions 1: nobody can write there."]


def test_a_system_that_falls_silent_is_told_once_and_its_return_too() -> None:
    silent = look(rest={"error": "no answer for 4 s", "age": 4.0})
    still = look(rest={"error": "no answer for 9 s", "age": 9.0})
    assert news(look(), silent) == ["REST does not tell everything any more: no answer for 4 s."]
    assert news(silent, still) == []
    assert news(still, look()) == ["REST tells everything again."]
    assert news(look(rest={"error": "not asked yet", "age": None}), look()) == []


def test_what_moves_is_counted_over_the_last_seconds() -> None:
    watch = Watch()
    for second in range(10):
        watch.take(look(float(second), moved={"celery>kafka": 100 if second < 3 else 100 + 2 * (second - 3)}))
    assert watch.rates() == {"celery>kafka": 2.0}
    watch.take(look(10.0, moved={"celery>kafka": 0}))
    assert watch.rates() == {"celery>kafka": 0.0}


def test_where_there_is_no_terminal_changes_are_lines() -> None:
    out = io.StringIO()
    unasked = look(0.5, rest={"error": "not asked yet", "age": None})
    led = look(2.0, kafka={"partitions": [partition(0, "kafka-2"), partition(1)]})
    show(iter([unasked, look(), look(1.5), led, led]), Console(file=out, width=200))
    first, change = out.getvalue().splitlines()
    assert first == "All is well: every service runs."
    assert change.endswith("  kafka-2 leads partitions 0 now.")


def test_what_stays_silent_holds_up_no_line() -> None:
    out = io.StringIO()
    show(
        iter([look(second, rest={"error": "not asked yet", "age": None}) for second in (0.0, 4.0, 6.0)]),
        Console(file=out),
    )
    assert out.getvalue().splitlines() == ["All is well: every service runs."]


def test_a_terminal_is_put_back_when_the_view_is_interrupted() -> None:
    def interrupted() -> Iterator[dict[str, Any]]:
        yield look()
        raise KeyboardInterrupt

    out = io.StringIO()
    console = Console(file=out, force_terminal=True, width=80, height=30)
    with pytest.raises(KeyboardInterrupt):
        show(interrupted(), console)
    said = out.getvalue()
    assert "\x1b[?1049h" in said
    assert said.index("◆") < said.index("\x1b[?1049l")
    assert said.rindex("\x1b[?25h") > said.rindex("\x1b[?25l")


def test_a_long_sentence_is_not_cut_on_the_console_of_the_command_line() -> None:
    out = io.StringIO()
    ill = look(services=[service(f"celery-{number}", health="unhealthy") for number in range(9)])
    show(iter([ill]), Console(file=out, force_terminal=True, width=60, height=40, soft_wrap=True))
    assert "celery-8" in out.getvalue()


def test_the_child_ends_with_the_view() -> None:
    program = "import json, os, time; print(json.dumps({'pid': os.getpid()}), flush=True); time.sleep(600)"
    with looks(environment.read(), (sys.executable, "-c", program)) as seen:
        pid = next(seen)["pid"]
        assert psutil.pid_exists(pid)
    assert not psutil.pid_exists(pid)


def test_a_child_that_fails_is_an_error_with_its_last_words() -> None:
    line = json.dumps(look())
    program = f"print({line!r}); raise SystemExit('no such file: stack')"
    with looks(environment.read(), (sys.executable, "-c", program)) as seen:
        assert next(seen)["clock"] == 1.0
        with pytest.raises(LabError, match="Nothing looks at the hub: no such file: stack"):
            next(seen)
