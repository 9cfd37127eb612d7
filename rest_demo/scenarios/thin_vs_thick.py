"""The same job with the rule on the server and with the rule on the client, and what each costs the server.

    thin    --"priority and price of this one?"-->  /api/priority/     one request for each decision
    thick   --"give me the rule's data"---------->  /api/rules/        some pages, once; then it decides by itself

"Logic moved to the server means more requests there": it depends on the cut. For one decision the thin client asks once
and the thick one fetches all pages; for many it is the other way round. Requests, bytes and waits are counted for both,
and both must decide alike, since the thick client has the rule's code and gets the server's own data.

What the thick client saves it pays elsewhere: it keeps a rule that the server may have changed long ago, which is why
such a client asks for the data again now and then. `--breaks` lets it ask before each decision: then it saves nothing.
Nothing is broken here, so the control run is the same run.
"""

import time
from collections.abc import Iterator, Sequence
from typing import Any, Literal

from lab.checks import both_ways_decide_the_same, the_cut_decides_the_load
from lab.scenario import Prediction, count_in, scenario
from lab.script import Lab
from rest_demo import settings
from rest_demo.rules.versions import ELSEWHERE, KINDS, REGIONS, Rule, decide, rule_of
from rest_demo.scenarios.balancer import await_all_trusted
from rest_demo.scenarios.client import Answer, ask

FEW, MANY = 1, 40
cut = the_cut_decides_the_load(few=FEW, many=MANY)
Question = tuple[str, str, int]
"""Kind, region, recipients."""


@scenario(
    "rest-thin-vs-thick",
    claim="One decision costs the server less with its rule on the server, forty cost less with it on the client.",
    question="A client needs forty decisions. With the rule on the server that costs the server ...",
    predictions=[
        Prediction(
            "more",
            "... more requests: one for each decision.",
            lambda f: _requests(f, "thin") > _requests(f, "thick"),
        ),
        Prediction(
            "less",
            "... fewer requests: the client has to fetch the rule as well.",
            lambda f: _requests(f, "thin") <= _requests(f, "thick"),
        ),
    ],
    notes={"N5": cut},
    nodes=["rest-1", "rest-2", "rest-3", "nginx"],
    seconds=5,
    checks=[cut, both_ways_decide_the_same],
    breaks_with={"data": "asked_each_time"},
    breaks=[cut],
)
def thin_vs_thick(lab: Lab, data: Literal["kept", "asked_each_time"] = "kept") -> None:
    await_all_trusted()
    regions = [*REGIONS[: REGIONS.index(ELSEWHERE)], "nowhere"]
    for count in (FEW, MANY):
        questions = [
            (lab.random.choice(KINDS), lab.random.choice(regions), lab.random.randint(1, 2000)) for _ in range(count)
        ]
        thin, thick = Thin(), Thick(keep=data == "kept")
        for client in (thin, thick):
            lab.note("phase", f"{client.name}, {count} decisions")
            client.work(questions)
            value = {
                "way": client.name, "decisions": count, "requests": len(client.answers),
                "bytes": sum(answer.size for answer in client.answers), "p95": p95(client.waits),
            }  # fmt: skip
            lab.record(client.name, "observe", "job", value=value)
        for question, one, other in zip(questions, thin.decided, thick.decided, strict=True):
            lab.record("lab", "observe", "decided", value={"what": question, "thin": one, "thick": other})


class Client:
    """Answers questions one after the other. `waits`: seconds for each; `answers`: what the server said meanwhile."""

    name = ""

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self.waits: list[float] = []
        self.decided: list[str] = []

    def work(self, questions: Sequence[Question]) -> None:
        for question in questions:
            began = time.monotonic()
            self.decided.append(self.decide(*question))
            self.waits.append(time.monotonic() - began)

    def decide(self, kind: str, region: str, recipients: int) -> str:
        """Priority and price, as text."""
        raise NotImplementedError

    def ask(self, path: str) -> Any:
        answer = ask(settings.read().url, "GET", path)
        self.answers.append(answer)
        if not answer.ok:
            raise ConnectionError(f"GET {path} was answered {answer.status}")
        return answer.json()


class Thin(Client):
    """Asks the server to decide."""

    name = "thin"

    def decide(self, kind: str, region: str, recipients: int) -> str:
        said = self.ask(f"/api/priority/?kind={kind}&region={region}&recipients={recipients}")
        return f"{said['priority']} {said['price']}"


class Thick(Client):
    """Decides itself, by the rule's data, which it asks for once, or each time."""

    name = "thick"

    def __init__(self, keep: bool) -> None:
        super().__init__()
        self._keep = keep
        self._rule: Rule | None = None

    def decide(self, kind: str, region: str, recipients: int) -> str:
        if self._rule is None or not self._keep:
            self._rule = rule_of(self._pages())
        decision = decide(self._rule, kind, region, recipients)
        return f"{decision.priority} {decision.price}"

    def _pages(self) -> Iterator[Any]:
        offset: int | None = 0
        while offset is not None:
            page = self.ask(f"/api/rules/?offset={offset}")
            yield page
            offset = page["next"]


def p95(waits: Sequence[float]) -> float:
    return round(sorted(waits)[int(0.95 * (len(waits) - 1))], 4)


def _requests(findings: Any, way: str) -> float:
    return count_in(findings, "the_cut_decides_the_load", f"{way} {MANY}: requests")
