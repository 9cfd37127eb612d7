"""Send some fifty requests, honest and forged ones, to servers with four settings, and see which Django lets through.

    our own page    --cookies, token------------> [Origin?] -> [https: Referer?] -> [token?] --> a row is made
    evil.localhost  --cookies, if SameSite lets--> [Origin?] refused: it names another site

A browser adds a site's cookies to every request to it, whichever page asked for the request. So a cookie proves nothing
about the page. Django's middleware looks, in this order: is it a method that may change something? If there is an
Origin header, is it our own, or trusted? If there is none and the request is https, is the Referer ours? Is there a
cookie with the secret, is there a token, and was it made of that secret? The token comes as a field of a POSTed form
(`{% csrf_token %}` puts it there), else in the header X-CSRFToken: for JSON, PUT and DELETE there is no other way.

Three layers, then, and the table shows each alone. SameSite=Lax is the browser's: it keeps cookies from another site's
POST, and lets them go with a link, so a GET must never change anything. Origin is refused before the token is looked
at. And where no Origin comes, the token decides, which another site cannot read. A proxy that ends TLS or drops the
port makes honest requests look foreign: SECURE_PROXY_SSL_HEADER or CSRF_TRUSTED_ORIGINS mend that.

The control run has no attacks. `--breaks` aims them at a view that is @csrf_exempt. `--set browser=true` runs the main
rows once more in a real Chromium, with the attacker's real page on another site.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from lab.checks import attacks_change_nothing, requests_are_judged_as_predicted
from lab.processes import Processes
from lab.scenario import Prediction, count_in, scenario
from lab.script import Lab
from lab.verdict import Finding
from rest_demo.scenarios.client import tag
from rest_demo.scenarios.csrf_browser import drive, no_browser, real_browser
from rest_demo.scenarios.csrf_cases import ATTACKS, EVIL, EXEMPT, HONEST, TWINS, ending, no_origin
from rest_demo.scenarios.csrf_visitor import Visitor
from rest_demo.scenarios.csrf_world import Rows, record, start_servers
from rest_demo.scenarios.own_instance import ROOT

judged = requests_are_judged_as_predicted(ways=list(dict.fromkeys(case.way for case in HONEST)))
REFUSED = f"ended: {ending(403, no_origin(f'http://{EVIL}'), 0)}"


@scenario(
    "rest-csrf-matrix",
    claim="A request changes something only if Origin (or Referer) and token, in that order, satisfy Django.",
    question="A page of another site posts a form, cookies and all, and even with the right token. Django ...",
    predictions=[
        Prediction("takes", "... takes it: the token is right.", lambda findings: not _refused_by_origin(findings)),
        Prediction(
            "refuses", "... refuses it: Origin is looked at first.", lambda findings: _refused_by_origin(findings)
        ),
    ],
    nodes=["postgres", "redis", "rest-1"],
    seconds=20,
    checks=[judged, attacks_change_nothing],
    breaks_with={"view": "exempt"},
    breaks=[judged, attacks_change_nothing],
    notes={"N11": judged, "N12": judged},
    lacks=no_browser,
)
def csrf_matrix(
    lab: Lab, view: Literal["protected", "exempt"] = "protected", browser: Literal["true", "false"] = "false"
) -> None:
    if browser == "true":
        chromium = lab.uses(real_browser())
    attacks = [replace(case, path=EXEMPT) if view == "exempt" else case for case in ATTACKS]
    rows = lab.uses(Rows(lab))
    servers = lab.uses(Processes(ROOT))
    addresses = start_servers(servers)

    lab.note("phase", "a person logs in at each server")
    visitors = {name: Visitor(address) for name, address in addresses.items()}
    for visitor in visitors.values():
        visitor.log_in()

    lab.note("phase", "every request of the table is sent")
    for number, case in enumerate(HONEST if lab.variant == "control" else [*HONEST, *attacks, *TWINS]):
        to = tag(lab.run, str(number))
        answer = visitors[case.server].send(case, to)
        record(lab, case, answer.status, answer.reason, rows.called(to))

    if browser == "true":
        lab.note("phase", "the main rows once more, in a real browser")
        drive(lab, chromium, rows, addresses, exempt=view == "exempt")


def _refused_by_origin(findings: Sequence[Finding]) -> bool:
    return count_in(findings, "requests_are_judged_as_predicted", REFUSED) > 0
