"""Two runs side by side: /runs/compare?a=RUN&b=RUN. One table of all they say of themselves, and both pictures."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from lab.console import bundle
from lab.console.desk import desk_of
from lab.console.missing import no_such_run
from lab.console.pages import page
from lab.console.records import Record, record_of
from lab.console.words import run_words, timeline_words
from lab.told import SIGNS
from lab.verdict import count_title, title
from lab.words import _

NOTHING = "-"


class Row(NamedTuple):
    """One thing that both runs say, or one of them."""

    name: str
    a: str
    b: str

    @property
    def same(self) -> bool:
        """Whether both say the same."""
        return self.a == self.b


def show(request: Request) -> Response:
    """The comparison; without two runs, the page that asks for two."""
    query = request.query_params
    chosen = query.getlist("run")
    if len(chosen) == 2:
        return RedirectResponse(str(request.url.replace_query_params(a=chosen[0], b=chosen[1])), 303)
    names = [query.get("a", ""), query.get("b", "")]
    if not all(names):
        return page(request, "compare.html", status=422, both=None)
    runs = desk_of(request).settings.runs
    both = [record_of(runs, name) for name in names]
    for name, record in zip(names, both, strict=True):
        if not record:
            return no_such_run(request, name)
    a, b = (record for record in both if record)
    return page(
        request,
        "compare.html",
        both=[a, b],
        signs=SIGNS,
        parts=[(heading, rows) for heading, rows in parts(a, b) if rows],
        words=bundle.data(timeline_words() | run_words()),
    )


def parts(a: Record, b: Record) -> list[tuple[str, list[Row]]]:
    """(heading, rows) of the table."""
    return [
        (_("The run"), _rows(_setting(a), _setting(b))),
        (_("Parameters"), _rows(a.about.get("parameters", {}), b.about.get("parameters", {}))),
        (_("Versions"), _rows(_versions(a), _versions(b))),
        (_("Findings"), _rows(_findings(a), _findings(b))),
    ]


def _rows(a: Mapping[str, Any], b: Mapping[str, Any]) -> list[Row]:
    return [Row(name, _text(a.get(name)), _text(b.get(name))) for name in dict.fromkeys([*a, *b])]


def _text(value: Any) -> str:
    if value is None or value == "":
        return NOTHING
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _setting(record: Record) -> dict[str, Any]:
    result, about = record.result, record.about
    return {
        _("scenario"): record.scenario,
        _("variant"): record.variant,
        _("verdict"): f"{SIGNS[record.verdict]} {record.verdict}" if result else _("no verdict"),
        _("as expected"): (_("yes") if result.as_expected else _("no")) if result else None,
        _("prediction"): about.get("predicted"),
        _("target"): about.get("target"),
        _("pace"): about.get("pace"),
        _("seed"): about.get("seed"),
        _("seconds"): result.seconds if result else None,
    }


def _versions(record: Record) -> Mapping[str, Any]:
    return record.result.versions if record.result else record.about.get("versions", {})


def _findings(record: Record) -> dict[str, Any]:
    """Each check's verdict, then its counts."""
    found: dict[str, Any] = {}
    for finding in record.result.findings if record.result else ():
        check = title(finding.check)
        found[check] = f"{SIGNS[finding.verdict]} {finding.verdict}"
        for name, value in finding.counts.items():
            found[_("{check}: {count}").format(check=check, count=count_title(name))] = value
    return found


ROUTES = [Route("/runs/compare", show)]
