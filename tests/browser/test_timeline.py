"""The picture of a run in a real Chromium: a failover at a glance, any moment of it, and a long run without stutter."""

import statistics
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import CDPSession, Page, expect

from lab.bench import write_large_history
from lab.console import bundle
from lab.console.words import timeline_words
from lab.history import History, Op
from lab.silences import silences
from lab.synthetic import made_up_run
from tests.browser.opened_report import failover, open_report

WALL = "2024-01-01T00:00:00.000+00:00"
SMOOTH = 16.0
"""Milliseconds of a frame at 60 a second."""
SCRUB = """async (frames) => {
  const slider = document.querySelector("#replay input");
  window.spent = [];
  for (let at = 0; at < frames; at += 1) {
    slider.value = (slider.max * at) / frames;
    slider.dispatchEvent(new Event("input"));
    while (window.spent.length <= at) await new Promise((next) => setTimeout(next, 1));
  }
  return window.spent;
}"""
MEASURED = """
window.spent = [];
const own = window.requestAnimationFrame.bind(window);
window.requestAnimationFrame = (callback) => own((now) => {
  const began = performance.now();
  callback(now);
  // uPlot paints in a microtask of its own.
  queueMicrotask(() => queueMicrotask(() => window.spent.push(performance.now() - began)));
});
"""


def test_a_failover_is_told_at_a_glance(page: Page, tmp_path: Path) -> None:
    history = failover()
    opened = open_report(page, tmp_path, history)
    lanes = opened.lanes
    for text in (
        "kafka-1 killed",
        "kafka-1 leads",
        "kafka-2 leads",
        "in sync: kafka-1, kafka-2",
        "only 1 of 2 in sync",
    ):
        assert text in lanes, text
    for step in ("killed", "felt", "mending", "mended"):
        assert f"{step} {next(op.t for op in history if op.kind == 'fault' and told(op, step)):.2f} s" in lanes
    assert opened.page.locator("svg.lanes .shade.broken").count() == 1
    assert opened.page.locator("svg.lanes .shade.mending").count() == 1
    assert opened.page.locator("#picture canvas").count() == 1, "a chart of what the workload did"
    assert opened.page.locator("svg.lanes .bar.silence").count() >= 1
    for column, kind in enumerate(("ok", "info", "fail")):
        assert opened.count("append", column) == len(history.of("append", kind))


def told(op: Op, step: str) -> bool:
    return bool(op.value["step"] == {"killed": "applied"}.get(step, step))


def test_scrubbing_shows_the_run_as_it_stood_then(page: Page, tmp_path: Path) -> None:
    killed = next(op.t for op in failover() if op.kind == "fault")
    phases = [
        Op(killed + more, WALL, "lab", "note", "phase", value=name) for more, name in ((-2, "all"), (1, "one less"))
    ]
    history = History(sorted([*failover(), *phases], key=lambda op: op.t))
    opened = open_report(page, tmp_path, history)
    led = page.locator("svg.lanes .bar.node")
    stretches = led.count()
    before = round(killed - 0.5, 1)
    opened.scrub(before)
    assert "killed" not in opened.lanes
    assert "all" in opened.lanes
    assert "one less" not in opened.lanes
    assert led.count() == history.note("topic")["partitions"] < stretches, "nobody but the first leaders led until then"
    done = sum(op.t < before + 0.1 for op in history.of("append", "ok"))
    assert opened.count("append", 0) == done
    opened.scrub(killed + 1.5)
    assert "one less" in opened.lanes
    assert "killed" in opened.lanes
    assert "mended" not in opened.lanes
    expect(opened.page.locator("#replay output")).to_contain_text(f"of {history[-1].t:.1f} s")


def test_a_history_of_a_hundred_thousand_lines_is_drawn_and_scrubbed_smoothly(page: Page, tmp_path: Path) -> None:
    """Judged by the time that the page's thread was busy: the time on the wall says how busy the machine is."""
    write_large_history(tmp_path / "history.jsonl", 100_000)
    page.add_init_script(MEASURED)
    opened = open_report(page, tmp_path, History.load(tmp_path / "history.jsonl"))
    assert opened.count("append", 0) > 33_000
    frames, session = 120, page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    before = busy(session)
    spent = page.evaluate(SCRUB, frames)
    busy_each = (busy(session) - before) / frames * 1000
    wall = statistics.median(spent)
    print(
        f"\n100,000 lines: a frame of scrubbing keeps the page busy for {busy_each:.1f} ms, {wall:.1f} ms on the wall"
    )
    assert len(spent) == frames
    assert 0.1 < busy_each < SMOOTH
    assert opened.complaints == []


def busy(session: CDPSession) -> float:
    """Seconds of processor time that the page's main thread has spent: scripts, styles, layout and painting."""
    metrics = session.send("Performance.getMetrics")["metrics"]
    return float(next(one["value"] for one in metrics if one["name"] == "TaskDuration"))


def test_operations_without_a_log_are_shown_by_name_and_outcome(page: Page, tmp_path: Path) -> None:
    def op(t: float, kind: Any, name: str, id: str | None, value: Any = None, error: str | None = None) -> Op:
        return Op(t, WALL, "somebody", kind, name, id, value, error)

    ran = {"started": 1.0, "ended": 1.5}
    lines = [
        op(0.5, "invoke", "send", "t-1"),
        op(0.6, "ok", "send", "t-1"),
        op(0.7, "invoke", "send", "t-2"),
        op(0.8, "fail", "send", "t-2", None, "refused"),
        op(2.0, "observe", "waiting", None, {"feeds": 7}),
        op(3.0, "observe", "waiting", None, {"feeds": 0}),
        op(4.0, "observe", "routed", "r-1", {"way": "x", "predicted": {"a": 1, "b": 2}, "seen": {"b": 2, "a": 1}}),
        op(4.1, "observe", "routed", "r-2", {"way": "x", "predicted": ["a"], "seen": []}),
        op(5.0, "ok", "execution", "t-1", ran),
        op(5.0, "info", "execution", "t-2", {"started": 1.2, "ended": None}),
    ]
    opened = open_report(page, tmp_path, History(lines))
    assert [opened.count("send", column) for column in range(4)] == [1, 0, 1, 0]
    assert (opened.count("execution", 0), opened.count("execution", 1)) == (1, 1)
    assert (opened.count("routed", 0), opened.count("routed", 2)) == (1, 1)
    assert "queue feeds: waiting, at most 7" in opened.lanes
    assert "routed: each observation" in opened.lanes
    assert opened.page.locator("svg.lanes .mark.fail").count() == 2
    opened.scrub(1.6)
    assert opened.count("execution", 0) == 1, "drawn when it ended, not when its ledger was read"
    assert opened.complaints == []


def test_a_run_that_grows_ends_as_the_picture_of_the_whole(page: Page) -> None:
    script = modules("reduce.js", "shapes.js", "faults.js", "lanes.js", "rates.js", "timeline.js")
    page.set_content(
        f"<style>{bundle.style().text}</style><div id=grown></div><div id=whole></div>"
        f"<script>{bundle.scripts()[0].text}</script><script type=module>{script}; window.parts = [Run, draw];</script>"
    )
    grown, whole, canvases = page.evaluate(
        """([lines, words]) => {
          const [Run, draw] = window.parts;
          const [grown, whole] = ["grown", "whole"].map((id) => document.getElementById(id));
          const [growing, all] = [new Run(), new Run()];
          lines.forEach((line, at) => {
            growing.add(line);
            all.add(line);
            if (at % 50 === 0) draw(growing, grown, { words });
          });
          draw(growing, grown, { words });
          draw(all, whole, { words });
          const seen = (element) => element.querySelector(".counts").outerHTML + element.querySelector("svg").outerHTML;
          return [seen(grown), seen(whole), grown.querySelectorAll("canvas").length];
        }""",
        [as_json(failover()), timeline_words()],
    )
    assert grown == whole
    assert canvases == 1


def test_a_fault_whose_mending_never_ended_is_shaded_to_the_end(page: Page, tmp_path: Path) -> None:
    history = [op for op in failover() if op.kind != "fault" or not told(op, "mended")]
    opened = open_report(page, tmp_path, History(history))
    assert "mended" not in opened.lanes
    shade, sheet = (page.locator(f"svg.lanes {name}").bounding_box() for name in (".shade.mending", ".now"))
    assert shade
    assert sheet
    assert abs(shade["x"] + shade["width"] - sheet["x"]) < 2


def modules(*names: str) -> str:
    """Scripts of the console as one."""
    return "\n".join(bundle.one_module((bundle.STATIC / name).read_text()) for name in names)


def as_json(history: History) -> list[dict[str, Any]]:
    return [{"t": op.t, "kind": op.kind, "op": op.op, "id": op.id, "value": op.value} for op in history]


@pytest.mark.parametrize("seed", range(1, 6))
def test_the_script_finds_the_silences_that_the_checks_find(page: Page, seed: int) -> None:
    history = made_up_run(seed).history()
    page.set_content(f"<script>{modules('reduce.js')}; window.Run = Run;</script>")
    found = page.evaluate(
        """(lines) => {
          const run = new Run();
          lines.forEach((line) => run.add(line));
          return run.silencesUntil(run.seconds).map((one) => [one.partition, one.start, one.end]);
        }""",
        as_json(history),
    )
    partitions = range(history.note("topic")["partitions"])
    expected = [(p, s.start, s.end) for p in partitions for s in silences(history, p) if s.end - s.start >= 0.5]
    assert expected
    assert sorted(map(tuple, found)) == sorted(expected)
