"""An instance waits for the database no longer than its clients wait for it, and recovers by itself."""

import time
from collections.abc import Callable, Iterator

import pytest
from django.db import OperationalError, connection

from lab.cluster.target import Target
from lab.faults import FAULTS, mend
from lab.waiting import wait_for
from rest_demo.database.base import ImpatientConnection
from tests.rest_demo.instances import Instance

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As in an instance, but sooner."""
    monkeypatch.setattr(ImpatientConnection, "patience", 0.5)
    yield
    connection.close()


@pytest.mark.usefixtures("impatient")
def test_a_statement_that_takes_too_long_is_given_up_and_the_next_one_has_a_new_connection() -> None:
    began = time.monotonic()
    with pytest.raises(OperationalError, match=r"no answer within 0\.5 s"), connection.cursor() as cursor:
        cursor.execute("select pg_sleep(20)")
    assert time.monotonic() - began < 10
    connection.close_if_unusable_or_obsolete()
    with connection.cursor() as cursor:
        cursor.execute("select 7")
        assert cursor.fetchone() == (7,)


@pytest.mark.usefixtures("impatient")
def test_statements_that_take_their_time_together_are_not_given_up() -> None:
    with connection.cursor() as cursor:
        for _ in range(4):
            cursor.execute("select pg_sleep(0.2)")


def test_a_command_has_all_the_time_of_the_world() -> None:
    assert ImpatientConnection.patience is None
    with connection.cursor() as cursor:
        cursor.execute("select pg_sleep(0.6)")


def test_a_kept_connection_is_asked_shortly_whether_it_still_works(impatient: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select 1")
    assert connection.is_usable()
    assert connection.connection.patience == 0.5


def test_an_instance_answers_while_its_database_is_frozen_or_dead_and_recovers_by_itself(
    instance: Callable[..., Instance], small_stack: Target
) -> None:
    client = instance().client()
    assert client.get("/api/notifications/").status_code == 200
    try:
        small_stack.pause("postgres")
        began = time.monotonic()
        frozen = client.get("/api/notifications/")
        took = time.monotonic() - began
        assert (frozen.status_code, frozen.json()["type"]) == (503, "urn:lab:rest:no-database")
        assert took < 5, "the balancer would have given up before"
        assert client.get("/readyz").json()["errors"] == {"database": ["no answer"]}
        assert client.get("/livez").status_code == 200
    finally:
        small_stack.unpause("postgres")
    wait_for("an answer", lambda: client.get("/api/notifications/").status_code == 200, within=30)
    try:
        small_stack.kill("postgres")
        assert client.get("/api/notifications/").status_code == 503
    finally:
        mend(FAULTS["killed"], "postgres", small_stack)
    wait_for("an answer again", lambda: client.get("/api/notifications/").status_code == 200, within=30)
