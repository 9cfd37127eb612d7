"""The statements of the study notes: which scenario shows which, and which still wait for their demo."""

from lab import demos
from lab.notes import CONDITIONS, STATEMENTS
from lab.runner import ALWAYS_CHECKED
from lab.verdict import name_of

NOT_YET: set[str] = set()
"""Statements whose demo is not built yet. Take a statement out when a scenario shows it; the test insists."""

SHOWN = {number for scenario in demos.scenarios() for number in scenario.notes}


def test_there_are_35_statements() -> None:
    assert list(STATEMENTS) == [f"N{number}" for number in range(1, 36)]


def test_every_statement_has_a_scenario_or_waits_for_its_demo() -> None:
    assert set(STATEMENTS) - SHOWN == NOT_YET


def test_no_scenario_shows_a_statement_that_there_is_not() -> None:
    assert set(STATEMENTS) >= SHOWN


def test_every_statement_that_is_shown_says_what_is_right_today() -> None:
    assert set(CONDITIONS) == SHOWN


def test_the_check_that_speaks_about_a_statement_is_one_of_the_scenarios_own() -> None:
    for scenario in demos.scenarios():
        own = {name_of(check) for check in (*scenario.checks, *ALWAYS_CHECKED)}
        assert {name_of(check) for check in scenario.notes.values()} <= own, scenario.name


def test_every_scenario_has_a_control_a_breaking_variant_and_something_to_predict() -> None:
    for scenario in demos.scenarios():
        assert scenario.breaks_with, scenario.name
        assert set(scenario.breaks_with) <= set(scenario.parameters), scenario.name
        assert set(scenario.breaks) <= {name_of(check) for check in scenario.checks}, scenario.name
        assert scenario.breaks, scenario.name
        assert len(scenario.predictions) >= 2, scenario.name
        assert scenario.lesson, scenario.name
