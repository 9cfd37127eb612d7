"""The rule, in both versions: on the server, in a thick client, and as an instance takes it up."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.test import APIClient

from rest_demo.__main__ import main
from rest_demo.rules.release import release
from rest_demo.rules.versions import KINDS, REGIONS, RULES, decide, rule_of
from tests.rest_demo.instances import Instance


def _pages(api: APIClient) -> list[dict]:
    pages = [api.get("/api/rules/").json()]
    while (offset := pages[-1]["next"]) is not None:
        pages.append(api.get("/api/rules/", {"offset": offset}).json())
    return pages


def test_a_thick_client_that_fetched_the_rule_decides_as_the_server_does(api: APIClient) -> None:
    pages = _pages(api)
    assert len(pages) > 5
    fetched = rule_of(pages)
    for kind in KINDS:
        for region, recipients in (("north", 1), ("valley", 499), ("islands", 500), ("nowhere", 100_000)):
            question = {"kind": kind, "region": region, "recipients": recipients}
            told = api.get("/api/priority/", question).json()
            own = decide(fetched, kind, region, recipients)
            assert (own.priority, str(own.price), own.rule_version) == tuple(told.values())


@given(kind=st.sampled_from(KINDS), region=st.sampled_from(REGIONS), recipients=st.integers(1, 1_000_000))
def test_the_versions_differ_visibly_and_answer_in_one_form(kind: str, region: str, recipients: int) -> None:
    first, second = (decide(RULES[version], kind, region, recipients) for version in (1, 2))
    assert (first.rule_version, second.rule_version) == (1, 2)
    assert first.price > 0
    assert second.price > 0
    for one in (first, second):
        assert one.priority in ("normal", "urgent")
        assert one.price == one.price.quantize(Decimal("0.01"))


def test_the_second_version_is_more_often_urgent_and_never_less() -> None:
    grid = [(kind, region, n) for kind in KINDS for region in REGIONS for n in (1, 100, 250, 1000, 5000)]
    urgent = [{one for one in grid if decide(RULES[version], *one).priority == "urgent"} for version in (1, 2)]
    assert urgent[0] < urgent[1]


@pytest.mark.django_db(transaction=True)
def test_an_instance_takes_up_a_release_when_it_starts_and_not_before(instance: Callable[..., Instance]) -> None:
    def version_of(one: Instance) -> int:
        return int(one.client().get("/api/priority/?kind=feed&region=north").json()["rule_version"])

    before = instance("rest-1")
    assert version_of(before) == 1
    release("rest-1", 2)
    assert version_of(before) == 1
    assert version_of(instance("rest-1")) == 2
    assert version_of(instance("rest-2")) == 1


def test_a_version_that_does_not_exist_is_refused_on_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["release", "rest-1", "3"]) == 64
    assert "there is no version 3" in capsys.readouterr().err
