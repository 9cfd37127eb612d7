"""The list of runs: newest first, filtered by a plain form, and a choice of two to compare."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from starlette.datastructures import URL, QueryParams
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from lab.console import compare, download, run
from lab.console.desk import desk_of
from lab.console.pages import page
from lab.console.records import VARIANTS, Record, all_records
from lab.told import SIGNS
from lab.words import _

A_PAGE = 100
NO_VERDICT = "none"


class Filter(NamedTuple):
    """What the form asks for; an empty part asks for nothing."""

    scenario: str
    variant: str
    verdict: str
    expected: str
    """yes or no"""

    def lets(self, record: Record) -> bool:
        """Whether this run is wanted."""
        verdict = record.verdict or NO_VERDICT
        expected = {None: "", True: "yes", False: "no"}[record.result.as_expected if record.result else None]
        return all(
            wanted in ("", has)
            for wanted, has in zip(self, (record.scenario, record.variant, verdict, expected), strict=True)
        )


def show(request: Request) -> Response:
    """The list, a hundred a page."""
    records = all_records(desk_of(request).settings.runs)
    query = request.query_params
    chosen = Filter(*(query.get(name, "") for name in Filter._fields))
    found = [record for record in records if chosen.lets(record)]
    number = _page_number(query, len(found))
    return page(
        request,
        "runs.html",
        records=found[(number - 1) * A_PAGE : number * A_PAGE],
        found=len(found),
        everything=len(records),
        number=number,
        pages=max(1, -(-len(found) // A_PAGE)),
        address=_address(request.url),
        filters=_filters(chosen, {record.scenario for record in records if record.scenario}),
        signs=SIGNS,
    )


def _filters(chosen: Filter, scenarios: Iterable[str]) -> list[tuple[str, str, list[tuple[str, str]], str]]:
    """(name, label, [(value, text)], chosen value) of each select of the form."""
    return [
        ("scenario", _("Scenario"), [(name, name) for name in sorted(scenarios)], chosen.scenario),
        ("variant", _("Variant"), [(name, name) for name in VARIANTS], chosen.variant),
        ("verdict", _("Verdict"), [*((word, word) for word in SIGNS), (NO_VERDICT, _("no verdict"))], chosen.verdict),
        ("expected", _("As expected"), [("yes", _("yes")), ("no", _("no"))], chosen.expected),
    ]


def _page_number(query: QueryParams, found: int) -> int:
    told = query.get("page", "1")
    number = int(told) if told.isdecimal() and len(told) < 7 else 1
    return max(1, min(number, -(-found // A_PAGE)))


def _address(url: URL) -> Callable[[int], str]:
    """The address of another page of the same list."""
    return lambda number: f"/runs?{url.include_query_params(page=number).query}"


ROUTES = [Route("/runs", show), *compare.ROUTES, *download.ROUTES, *run.ROUTES]
