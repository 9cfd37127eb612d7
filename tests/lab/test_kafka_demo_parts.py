"""Settings, placement, health and the command line of the Kafka demo, as far as they need no broker."""

import urllib.error
import urllib.request
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from kafka_demo import health, settings
from kafka_demo.__main__ import main
from kafka_demo.errors import WrongUsage
from kafka_demo.placement import placement
from kafka_demo.record import body_of, crc_of


@pytest.fixture(autouse=True)
def _environment_of_its_own(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("KAFKA_BOOTSTRAP", "KAFKA_DEMO_HEALTH", "LAB_KAFKA_1_PORT", "LAB_KAFKA_2_PORT"):
        monkeypatch.delenv(name, raising=False)
    settings.read.cache_clear()
    yield
    settings.read.cache_clear()


def test_without_settings_the_brokers_are_where_the_compose_file_publishes_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert settings.read() == settings.Settings("127.0.0.1:19092,127.0.0.1:29092", None)
    settings.read.cache_clear()
    monkeypatch.setenv("LAB_KAFKA_2_PORT", "29292")
    assert settings.read().bootstrap == "127.0.0.1:19092,127.0.0.1:29292"


def test_settings_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    before = settings.read()
    monkeypatch.setenv("KAFKA_BOOTSTRAP", "elsewhere:9092")
    assert settings.read() is before


@pytest.mark.parametrize(
    "nonsense", ["kafka-1", "kafka-1:", ":9092", "kafka-1:0", "kafka-1:65536", "kafka 1:9092", "a:1,"]
)
def test_an_address_that_makes_no_sense_is_refused_with_an_example(
    nonsense: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KAFKA_BOOTSTRAP", nonsense)
    with pytest.raises(WrongUsage, match=r"KAFKA_BOOTSTRAP names .* host:port, for example kafka-1:9092"):
        settings.read()


def test_the_health_address_may_be_all_interfaces_or_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAFKA_DEMO_HEALTH", "127.77.2.7:8090")
    assert settings.read().health == ("127.77.2.7", 8090)


def test_leaders_take_turns_and_no_partition_has_two_copies_on_one_broker() -> None:
    assert placement([1, 2], partitions=3, replication_factor=2) == [[1, 2], [2, 1], [1, 2]]
    assert placement([1, 2, 5], partitions=4, replication_factor=2) == [[1, 2], [2, 5], [5, 1], [1, 2]]


def test_a_named_leader_leads_and_the_others_follow() -> None:
    assert placement([1, 2], 3, 2, leaders=["kafka-2"]) == [[2, 1]] * 3


def test_a_leader_that_does_not_live_and_more_copies_than_brokers_are_refused() -> None:
    with pytest.raises(WrongUsage, match="kafka-3 cannot lead: the live brokers are kafka-1, kafka-2"):
        placement([1, 2], 1, 2, leaders=["kafka-3"])
    with pytest.raises(WrongUsage, match="3 copies need as many live brokers"):
        placement([1, 2], 1, 3)


def test_two_records_have_different_bodies_and_checksums() -> None:
    assert body_of("a-000001").startswith(b"a-000001 ")
    assert len({crc_of(body_of(f"a-{number:06}")) for number in range(10_000)}) > 9_990


def test_a_process_that_goes_round_is_healthy_and_one_that_hangs_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1_000.0]
    monkeypatch.setattr(health, "time", SimpleNamespace(monotonic=lambda: now[0]))
    one = health.Health()
    now[0] += 14.9
    assert one.answer() == (200, "the last turn was 14.9 s ago")
    now[0] += 0.2
    assert one.answer() == (503, "no turn for 15.1 s")
    one.beat()
    assert one.answer()[0] == 200


def test_health_is_answered_over_http_and_a_taken_port_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    one = health.Health(("127.0.0.1", 0))
    assert one._server is not None
    port = one._server.server_address[1]
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as answer:
            assert (answer.status, answer.read()[:8]) == (200, b"the last")
        monkeypatch.setattr(health, "PATIENCE", -1.0)
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5)
        refused.value.close()
        assert refused.value.code == 503
        with pytest.raises(WrongUsage, match=rf"KAFKA_DEMO_HEALTH asks for 127.0.0.1:{port}, .*in use"):
            health.Health(("127.0.0.1", port))
    finally:
        one.close()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "the following arguments are required: VERB"),
        (["fly"], "invalid choice: 'fly'"),
        (["watch"], "required: TOPIC"),
        (["create-topic", "t", "--partitions", "0"], "'0' is not a number from 1 to 999"),
        (["traffic", "t", "--per-second", "nan"], "'nan' is not a rate above 0"),
    ],
)
def test_wrong_usage_ends_with_64_and_one_sentence(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        main(arguments)
    said = capsys.readouterr().err
    assert (end.value.code, said.count("\n")) == (64, 1)
    assert sentence in said


def test_a_setting_that_makes_no_sense_ends_with_64(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KAFKA_BOOTSTRAP", "nowhere")
    assert main(["describe", "t"]) == 64
    assert capsys.readouterr().err.startswith("kafka_demo: KAFKA_BOOTSTRAP names 'nowhere'")


def test_no_broker_ends_with_69_and_says_where_it_was_looked_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KAFKA_BOOTSTRAP", "127.0.0.1:1")
    monkeypatch.setattr("kafka_demo.__main__.find_topic", lambda name: _find(name, within=0.5))
    assert main(["describe", "t"]) == 69
    assert "no broker answered for 0.5 s" in (said := capsys.readouterr().err)
    assert "brokers asked: 127.0.0.1:1." in said


def _find(name: str, within: float) -> object:
    from kafka_demo.topic import find_topic

    return find_topic(name, within)
