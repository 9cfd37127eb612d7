"""The published schema: valid, complete, and what the service really does, by a hundred requests an operation."""

from collections.abc import Callable
from io import StringIO
from typing import Any

import hypothesis
import pytest
import schemathesis
from django.core.management import call_command
from hypothesis import HealthCheck
from schemathesis.specs.openapi.checks import positive_data_acceptance

from rest_demo.dependencies import NEEDS, NEIGHBOURS
from rest_demo.notifications import bottleneck
from rest_demo.schema import PROBLEM
from rest_demo.wsgi import application


def served(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    """As a server does: it takes the whole answer, and closes it."""
    answer = application(environ, start_response)
    try:
        return [b"".join(answer)]
    finally:
        answer.close()


schema = schemathesis.openapi.from_wsgi("/api/schema/", served)


def test_the_schema_is_valid_and_nothing_in_it_was_guessed() -> None:
    out = StringIO()
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=out)
    assert "openapi: 3" in out.getvalue()


def test_for_each_operation_it_is_written_down_what_it_needs() -> None:
    published = {
        f"{method.upper()} {path}" for path, operations in schema.raw_schema["paths"].items() for method in operations
    }
    written = {name.partition("?")[0] for name in NEEDS} - {"GET /livez", "GET /readyz", "GET /api/schema/"}
    assert published == written
    assert all(needs <= set(NEIGHBOURS) for needs in NEEDS.values())


def test_each_operation_says_that_it_answers_problems() -> None:
    for operations in schema.raw_schema["paths"].values():
        for operation in operations.values():
            assert list(operation["responses"]["default"]["content"]) == ["application/problem+json"]
    assert schema.raw_schema["components"]["schemas"]["Problem"]["required"] == PROBLEM["required"]


@pytest.fixture
def nothing_takes_time(monkeypatch: pytest.MonkeyPatch, transactional_db: None) -> None:
    """On a database that is emptied afterwards."""
    monkeypatch.setattr(bottleneck, "hold", lambda ms: None)


# Contacts are held against more than a schema can say: whether a telephone number can be one, whether a file is one.
@schema.parametrize()
@hypothesis.settings(
    max_examples=100, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), database=None
)
@pytest.mark.usefixtures("nothing_takes_time")
def test_the_service_answers_as_the_schema_says_whatever_it_is_asked(case: schemathesis.Case) -> None:
    case.call_and_validate(excluded_checks=[positive_data_acceptance] if "/contacts/" in case.path else [])
