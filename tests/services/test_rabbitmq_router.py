"""The running router and consumers: what they make of good, bad and poisonous messages, and of a dead broker."""

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from amqp import serialization

from lab.cluster.target import Target
from lab.faults import FAULTS, mend
from lab.waiting import wait_for
from rabbitmq_demo.broker import connected
from rabbitmq_demo.publisher import Publisher
from rabbitmq_demo.subscription import Delivery, everything_in
from rabbitmq_demo.topology import DEAD_QUEUE, INBOX, ROUTER_QUEUE, ROUTING_KEY_IN, depth

Sent = tuple[bytes, dict[str, Any]]


def good(id: str, **changed: Any) -> bytes:
    body = {"id": id, "kind": "feed", "region": "north", "priority": "normal", "text": "a test"} | changed
    return json.dumps(body).encode()


def send(*messages: Sent) -> None:
    """Into the hub's inbox, confirmed."""
    outcomes: list[str] = []
    with connected("tests") as connection:
        publisher = Publisher(connection)
        for body, headers in messages:
            publisher.publish(
                INBOX, ROUTING_KEY_IN, body, lambda outcome, *_: outcomes.append(outcome), id="test", headers=headers,
                mandatory=True,
            )  # fmt: skip
        publisher.settle()
    assert outcomes == ["ok"] * len(messages)


def dead_letters(enough: Callable[[list[Delivery]], bool]) -> list[Delivery]:
    """Take dead letters until there are enough."""
    found: list[Delivery] = []
    with connected("tests") as connection:

        def look() -> bool:
            found.extend(everything_in(DEAD_QUEUE, connection))
            return enough(found)

        wait_for("the dead letters", look, within=30)
    return found


def printed(rabbitmq: Target, *ids: str, within: float = 30) -> None:
    """Wait until the consumers have printed a line with each of these ids."""

    def all_there() -> bool:
        lines = "\n".join(rabbitmq.log_lines("rabbitmq-consumers", 2000))
        return all(f"{id} " in lines for id in ids)

    wait_for("the consumers to print the messages", all_there, within=within)


def test_a_notification_goes_from_the_inbox_to_its_queues_and_each_line_says_why(rabbitmq: Target) -> None:
    id = f"n-{uuid.uuid4().hex[:8]}"
    send((good(id, priority="urgent", text="line one\nline two \x1b[31m"), {}))
    printed(rabbitmq, id)

    def lines() -> dict[str, str]:
        of_it = [line for line in rabbitmq.log_lines("rabbitmq-consumers", 500) if id in line]
        return {line.split()[1]: line for line in of_it}

    wait_for("its three copies", lambda: set(lines()) == {"feeds", "pager", "dashboard"}, within=20)
    assert "hub --*.*.urgent--> hub.urgent --> pager: * is 'feed', * is 'north'" in lines()["pager"]
    assert "line one\\nline two \\x1b[31m" in lines()["feeds"]


def test_bad_messages_end_as_dead_letters_with_a_reason_and_the_router_lives(rabbitmq: Target) -> None:
    router = rabbitmq.status_of("rabbitmq-router").pid
    bad: dict[str, list[Sent]] = {
        "malformed": [(b"not json", {}), (b"[" * 60_000, {}), (b"\xff\xfe\x00", {}), (good("x" * 99), {})],
        "unknown kind": [(good("a", kind="pigeon"), {}), (good("a", kind=["feed"]), {})],
        "too large": [(good("a", text="x" * 70_000), {})],
        "wrong header": [(good("a"), {"flash": "true"}), (good("a"), {"channel": 7})],
    }
    sent = {body: reason for reason, messages in bad.items() for body, _ in messages}
    send(*(message for messages in bad.values() for message in messages))
    wanted = sorted(reason for reason, messages in bad.items() for _ in messages)

    def of_this_test(found: list[Delivery]) -> list[Delivery]:
        return [one for one in found if one.body in sent]

    found = of_this_test(dead_letters(lambda found: len(of_this_test(found)) >= len(wanted)))
    assert sorted(one.headers["reason"] for one in found) == wanted
    assert all(one.headers["detail"] and one.headers["refused-by"] == "router" for one in found)
    after = f"n-{uuid.uuid4().hex[:8]}"
    send((good(after), {"compression": "zlib", "l": [1, {"x": b"\xff"}], "trace": "none"}))
    printed(rabbitmq, after)
    assert rabbitmq.status_of("rabbitmq-router").pid == router


class Undecodable:
    """Stands for a timestamp beyond what the client library can read."""


def test_a_message_that_breaks_the_connection_is_stopped_and_takes_no_other_along(
    rabbitmq: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    router = rabbitmq.status_of("rabbitmq-router").pid
    write = serialization._write_item

    def write_too_late(value: Any, out: Callable[[bytes], None], bits: Any) -> None:
        if isinstance(value, Undecodable):
            out(b"T" + (2**62).to_bytes(8, "big"))
        else:
            write(value, out, bits)

    monkeypatch.setattr(serialization, "_write_item", write_too_late)
    marks = [f"p-{uuid.uuid4().hex[:6]}-{number}" for number in range(120)]
    with connected("tests") as connection:
        list(everything_in(DEAD_QUEUE, connection))
        messages: list[Sent] = [(good(id), {}) for id in marks]
        messages.insert(10, (good("poison"), {"when": Undecodable()}))
        send(*messages)
        printed(rabbitmq, *marks, within=60)
        wait_for("the poison to be dead", lambda: (depth(DEAD_QUEUE, connection) or 0) > 0, within=30)
        wait_for("the inbox to be empty", lambda: depth(ROUTER_QUEUE, connection) == 0, within=30)
        # Nobody here could read it; so count, and let it go. The trickle's own bad ones are two a minute at most.
        assert depth(DEAD_QUEUE, connection) in (1, 2)
        connection.default_channel.queue_purge(DEAD_QUEUE)
    assert rabbitmq.status_of("rabbitmq-router").pid == router


def test_services_outlive_the_broker_and_work_on_when_it_is_back(rabbitmq: Target) -> None:
    services = ("rabbitmq-router", "rabbitmq-consumers", "rest-relay")
    before = {name: rabbitmq.status_of(name).pid for name in services}
    rabbitmq.kill("rabbitmq")
    wait_for("the broker to be dead", lambda: rabbitmq.status_of("rabbitmq").state == "exited", within=10)
    mend(FAULTS["killed"], "rabbitmq", rabbitmq)
    id = f"n-{uuid.uuid4().hex[:8]}"
    send((good(id), {}))
    printed(rabbitmq, id)
    assert {name: rabbitmq.status_of(name).pid for name in services} == before
    assert {name: rabbitmq.status_of(name).health for name in services} == dict.fromkeys(services, "healthy")
