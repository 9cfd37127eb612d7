"""Renders a page: its template with what every page needs, which is navigation, words, token, and what we may do."""

from pathlib import Path
from typing import Any

import jinja2
from starlette.requests import Request
from starlette.responses import HTMLResponse

from lab.console.desk import desk_of
from lab.console.language import switch
from lab.words import _, language, later

_templates = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_templates.globals["_"] = _

SECTIONS = (
    ("/", later("Hub")),
    ("/scenarios", later("Scenarios")),
    ("/runs", later("Runs")),
    ("/notes", later("Notes")),
)


def page(request: Request, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    """The template, filled in. It extends base.html and finds there `desk`, `sections`, `path`, languages and `_`."""
    text = _templates.get_template(template).render(
        desk=desk_of(request),
        sections=SECTIONS,
        path=request.url.path,
        language=language(),
        languages=switch(request.url),
        **values,
    )
    return HTMLResponse(text, status)
