"""The page that says what was asked for is not there, and where to look instead."""

from starlette.requests import Request
from starlette.responses import Response

from lab.console.pages import page
from lab.words import _


def nothing_here(request: Request, status: int, sentence: str) -> Response:
    """Any error that has no page of its own."""
    return page(request, "missing.html", status=status, sentence=sentence, instead="/", instead_says=_("The hub"))


def no_such_run(request: Request, name: str, why: str = "") -> Response:
    """404: this run is not there; or, with `why`, what was asked of it is not."""
    sentence = why or _("There is no run {name} in the folder of runs.").format(name=name)
    return page(request, "missing.html", status=404, sentence=sentence, instead="/runs", instead_says=_("All runs"))


def no_such_scenario(request: Request, name: str) -> Response:
    """404: the lab has no such scenario."""
    sentence = _("There is no scenario {name}.").format(name=name)
    return page(
        request, "missing.html", status=404, sentence=sentence, instead="/scenarios", instead_says=_("All scenarios")
    )
