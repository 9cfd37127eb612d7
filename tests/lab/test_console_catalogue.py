"""What the pages know of the scenarios: read by a child, once, and whole."""

import asyncio
import subprocess
import sys

import pytest

from lab import demos
from lab.console import catalogue as module
from lab.console.catalogue import Catalogue, CatalogueError, Lessons
from tests.conftest import ROOT


def test_the_child_tells_every_scenario_with_all_that_a_page_shows() -> None:
    found = asyncio.run(Catalogue().scenarios())
    assert [known.name for known in found] == [scenario.name for scenario in demos.scenarios()]
    for known, scenario in zip(found, demos.scenarios(), strict=True):
        assert (known.claim, known.question, known.lesson) == (scenario.claim, scenario.question, scenario.lesson)
        assert [one.choice for one in known.predictions] == [one.choice for one in scenario.predictions]
        assert set(known.parameters) == set(scenario.parameters) >= set(known.breaks_with)


def test_a_parameter_that_takes_few_values_names_them() -> None:
    known = asyncio.run(Catalogue().scenario("kafka-leader-failover"))
    assert known
    assert known.parameters["acks"].default in (known.parameters["acks"].choices or [])


def test_the_child_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    catalogue = Catalogue()
    monkeypatch.setattr(catalogue, "_read", lambda: asked.append(1) or Lessons([], ["kafka-leader"]))

    async def thrice() -> None:
        answers = await asyncio.gather(*(catalogue.lessons() for _ in range(3)))
        assert [answer.roles for answer in answers] == [["kafka-leader"]] * 3

    asyncio.run(thrice())
    assert asked == [1]


def test_a_child_that_fails_is_told_in_a_sentence_and_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    catalogue = Catalogue()
    with monkeypatch.context() as patch:
        patch.setattr(module, "LESSONS", "lab.no_such_module")
        with pytest.raises(CatalogueError, match="no_such_module"):
            catalogue.read()
    assert catalogue.read().scenarios


def test_asking_the_catalogue_imports_no_client_of_a_system() -> None:
    code = (
        "import sys, asyncio; from lab.console.catalogue import Catalogue; asyncio.run(Catalogue().scenarios());"
        "print(sorted({'confluent_kafka', 'django', 'celery', 'kombu'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
