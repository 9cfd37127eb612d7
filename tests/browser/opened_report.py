"""A report as it stands in the browser: what its lanes and its table say, and how a person moves its slider."""

from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Page

from lab import demos
from lab.history import History
from lab.report import report
from lab.runner import judged
from lab.synthetic import made_up_run

SCENARIO = demos.scenario_named("kafka-leader-failover")


@dataclass
class Opened:
    """A report in the browser, and what the browser had to say of it."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    @property
    def lanes(self) -> str:
        """All text of the lanes, with what a bar was too short for."""
        return " | ".join(self.page.locator("svg.lanes text, svg.lanes title").all_text_contents())

    def count(self, op: str, column: int) -> int:
        """A number of the table of counts: acknowledged 0, unknown 1, failed 2, no answer 3."""
        row = self.page.locator(".counts tbody tr", has=self.page.get_by_role("rowheader", name=op, exact=True))
        return int(row.locator("td").nth(column).inner_text())

    def scrub(self, seconds: float) -> None:
        """Move the slider there, and wait for the frame after."""
        self.page.evaluate(
            """async (to) => {
              const slider = document.querySelector("#replay input");
              slider.value = to;
              slider.dispatchEvent(new Event("input"));
              await new Promise((next) => requestAnimationFrame(() => requestAnimationFrame(next)));
            }""",
            seconds,
        )

    def wait_until(self, condition: str) -> None:
        """Wait for a condition in JavaScript. The page's own policy forbids Playwright's way, which is eval."""
        self.page.evaluate(f"""async () => {{
          for (let left = 500; !({condition}); left -= 1) {{
            if (!left) throw new Error("waited in vain");
            await new Promise((next) => setTimeout(next, 20));
          }}
        }}""")


def open_report(page: Page, folder: Path, history: History, width: int = 1200) -> Opened:
    """Write the report of a history into a folder and open it from there, with no network."""
    file = folder / "report.html"
    file.write_text(report(history, SCENARIO, judged(history, SCENARIO, folder)))
    opened = Opened(page)
    page.on("console", lambda said: opened.complaints.append(said.text))
    page.on("pageerror", lambda error: opened.complaints.append(str(error)))
    page.on("dialog", lambda dialog: opened.complaints.append(dialog.message))
    page.on("request", lambda request: opened.requests.append(request.url))
    page.context.set_offline(True)
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(file.as_uri())
    page.wait_for_selector("#picture[data-lines]")
    return opened


def failover() -> History:
    """A made-up run in which a leader dies."""
    return made_up_run(1).history()
