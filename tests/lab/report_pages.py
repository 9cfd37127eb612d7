"""Reports as the tests read them: parsed as a browser would, and of a history that means harm."""

from html.parser import HTMLParser
from pathlib import Path

from lab import demos
from lab.history import History, Op
from lab.report import report
from lab.runner import judged

HOSTILE = "</script></pre><script>alert(1)</script><img src=http://evil.example/x onerror=alert(2)>{{ 7 * 7 }}<!--"
WALL = "2024-01-01T00:00:00.000+00:00"
SCENARIO = demos.scenario_named("kafka-leader-failover")


class Page(HTMLParser):
    """What a browser would make of a page, as far as the tests ask."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[tuple[str | None, str]] = []
        self.styles: list[str] = []
        self.text = ""
        self._inside = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._inside = tag
        if tag == "script":
            self.scripts.append((dict(attrs).get("type"), ""))

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside == "script":
            self.scripts[-1] = (self.scripts[-1][0], self.scripts[-1][1] + data)
        elif self._inside == "style":
            self.styles.append(data)
        else:
            self.text += data

    def script(self, kind: str) -> str:
        return next(text for said, text in self.scripts if said == kind)


def page_of(history: History, **how: bool) -> Page:
    return Page(report(history, SCENARIO, judged(history, SCENARIO, Path("runs/some-run")), **how))


def hostile_history() -> History:
    lines = [
        Op(
            0.0,
            WALL,
            "lab",
            "note",
            "run",
            value={"scenario": "x", "variant": "main", "parameters": {HOSTILE: HOSTILE}},
        ),
        Op(0.1, WALL, "lab", "note", "phase", value=HOSTILE),
        Op(0.1, WALL, "lab", "note", HOSTILE, value=HOSTILE),
        Op(0.2, WALL, "lab", "fault", "killed", HOSTILE, {"node": HOSTILE, "step": "began", "what": HOSTILE}),
        Op(0.3, WALL, HOSTILE, "ok", "read", HOSTILE, {"partition": 0, "offset": 0, "crc": 1, "broker": 1}),
        Op(0.4, WALL, HOSTILE, "fail", HOSTILE, HOSTILE, None, HOSTILE),
        Op(0.5, WALL, "lab", "note", "crash", value=HOSTILE),
    ]
    return History(lines)
