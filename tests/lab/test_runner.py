"""The runner: what a run records, in each variant and however its script ends. On a cluster in memory."""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lab import settings as environment
from lab.cluster.target import Refused
from lab.faults import killed
from lab.history import History
from lab.journal import journal_of
from lab.runner import Request, Result, judged, only_run, run
from lab.runs import last_results, load_run
from lab.scenario import Prediction, Scenario, count_in, scenario
from lab.script import Lab
from lab.settings import Settings
from lab.verdict import Finding, Verdict
from tests.lab.fake_target import FakeTarget


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return replace(environment.read(), state=tmp_path / "state", runs=tmp_path / "runs")


class Memory:
    """A client that keeps what it is given, or loses it when told to."""

    def __init__(self, name: str, loses: bool = False) -> None:
        self.name, self.loses, self.closed = name, loses, False
        self.kept: list[str] = []

    def put(self, id: str, done: Callable[..., None]) -> None:
        if not self.loses:
            self.kept.append(id)
        done("ok", {"place": len(self.kept)}, None)

    def close(self) -> None:
        self.closed = True


def nothing_is_lost(history: History) -> Finding:
    put = {line.id for line in history.of("put", "ok")}
    lost = sorted(put - {line.id for line in history.of("read", "ok")})
    verdict = Verdict.BROKEN if lost else Verdict.HOLDS if put else Verdict.UNKNOWN
    return Finding("nothing_is_lost", verdict, {"lost": len(lost)}, lost[:10], f"lost {len(lost)}")


def make(script: Callable[..., None], **changes: Any) -> Scenario:
    made = scenario(
        "memory",
        claim="What was put can be read.",
        question="Is it there?",
        predictions=[Prediction("yes", "It is.", lambda findings: count_in(findings, "nothing_is_lost", "lost") == 0)],
        nodes=["kafka-1"],
        checks=[nothing_is_lost],
        breaks_with={"loses": "yes"},
        breaks=[nothing_is_lost],
        needs=["kill"],
    )(script)
    return replace(made, **changes)


def story(lab: Lab, loses: str = "no") -> None:
    from dataclasses import dataclass

    @dataclass
    class Found:
        id: str

    client = Memory("client-1", loses == "yes")
    with lab.workload("put", [client], per_second=200):
        lab.observe("before", seconds=0.1)
        with lab.fault(killed, "kafka-1"):
            lab.await_effect("it is dead", lambda: True, within=1)
        lab.await_recovery("it is back", lambda: True, within=1)
    assert client.closed
    lab.read_back(Found(id) for id in client.kept)


def run_it(script: Callable[..., None], settings: Settings, **request: Any) -> tuple[Result, History, FakeTarget]:
    target = FakeTarget()
    result, history = run(Request(make(script), **request), target, settings)
    return result, history, target


def test_a_main_run_breaks_a_node_mends_it_and_holds(settings: Settings) -> None:
    result, history, target = run_it(story, settings)
    assert (result.verdict, result.expected, result.as_expected) == ("HOLDS", "HOLDS", True)
    assert target.calls == [("kill", "kafka-1"), ("start", "kafka-1")]
    (fault,) = result.faults
    assert fault["fault"] == "killed"
    assert fault["began"] <= fault["felt"] <= fault["mended"]
    assert [line.value["step"] for line in history.of("killed", "fault")] == [
        "began", "applied", "felt", "mending", "mended",
    ]  # fmt: skip
    assert journal_of(settings).open_faults() == []
    assert result.versions["fake"] == "1.0"


def test_a_control_run_touches_nothing(settings: Settings) -> None:
    result, history, target = run_it(story, settings, variant="control")
    assert result.as_expected
    assert target.calls == []
    assert {line.op for line in history if line.kind == "fault"} == {"untouched"}


def test_a_breaking_run_is_expected_to_be_broken(settings: Settings) -> None:
    result, _, _ = run_it(story, settings, variant="breaks")
    assert (result.verdict, result.expected, result.as_expected) == ("BROKEN", "BROKEN", True)
    assert result.findings[-1].witnesses


def test_a_breaking_run_that_breaks_something_else_is_not_as_expected(settings: Settings) -> None:
    def also_broken(history: History) -> Finding:
        return Finding("also_broken", Verdict.BROKEN)

    made = make(story, checks=(also_broken,))
    result, _ = run(Request(made, "breaks"), FakeTarget(), settings)
    assert result.verdict == "BROKEN"
    assert not result.as_expected


def test_a_breaking_run_whose_script_fails_is_not_as_expected(settings: Settings) -> None:
    def script(lab: Lab, loses: str = "no") -> None:
        story(lab, loses)
        raise ZeroDivisionError("by zero")

    result, _, _ = run_it(script, settings, variant="breaks")
    assert result.verdict == "BROKEN"
    assert not result.as_expected


def test_the_run_folder_holds_prediction_and_verdict_and_recomputing_gives_the_same(settings: Settings) -> None:
    result, history, _ = run_it(story, settings, variant="breaks", predicted="yes")
    assert history[0].value["predicted"] == "yes"
    folder = Path(result.run)
    written = json.loads((folder / "verdict.json").read_text())
    again = judged(History.load(folder / "history.jsonl"), make(story), folder)
    assert again == result
    assert written["verdict"] == "BROKEN"
    assert (folder / "logs" / "kafka-1.log").read_text() == "kafka-1 said its last words\n"
    assert load_run("latest", settings) == folder
    assert last_results(settings)["memory", "breaks"]["run"] == str(folder)


def test_a_fault_whose_effect_is_not_seen_makes_the_run_unknown(settings: Settings) -> None:
    def script(lab: Lab, loses: str = "no") -> None:
        with lab.fault(killed, "kafka-1"):
            lab.await_effect("pigs fly", lambda: False, within=0.05)

    result, history, target = run_it(script, settings)
    assert result.verdict == "UNKNOWN"
    assert target.states["kafka-1"] == "running"
    assert history.of("killed", "fault")[-1].value["step"] == "mended"
    assert "not_felt" in [line.value["step"] for line in history.of("killed", "fault")]


def test_a_system_that_does_not_recover_makes_the_run_broken(settings: Settings) -> None:
    def script(lab: Lab, loses: str = "no") -> None:
        lab.await_recovery("pigs land", lambda: False, within=0.05)

    result, _, _ = run_it(script, settings)
    assert result.verdict == "BROKEN"


def test_a_script_that_raises_makes_the_run_unknown_and_says_why(settings: Settings) -> None:
    def script(lab: Lab, loses: str = "no") -> None:
        with lab.fault(killed, "kafka-1"):
            raise ZeroDivisionError("by zero")

    result, _, target = run_it(script, settings)
    assert result.verdict == "UNKNOWN"
    assert any("by zero" in finding.says for finding in result.findings)
    assert target.states["kafka-1"] == "running"


def test_ctrl_c_mends_writes_the_folder_and_goes_on_up(settings: Settings) -> None:
    def script(lab: Lab, loses: str = "no") -> None:
        with lab.workload("put", [Memory("client-1")], per_second=100), lab.fault(killed, "kafka-1"):
            raise KeyboardInterrupt

    target = FakeTarget()
    with pytest.raises(KeyboardInterrupt):
        run(Request(make(script)), target, settings)
    assert target.states["kafka-1"] == "running"
    written = json.loads((load_run("latest", settings) / "verdict.json").read_text())
    assert written["findings"][0]["check"] == "the_script_ran_to_its_end"
    assert written["findings"][0]["verdict"] == "UNKNOWN"
    assert not written["as_expected"]


def test_an_error_of_a_client_ends_the_run_as_unknown(settings: Settings) -> None:
    class Faulty(Memory):
        def put(self, id: str, done: Callable[..., None]) -> None:
            raise ValueError("cannot put")

    def script(lab: Lab, loses: str = "no") -> None:
        with lab.workload("put", [Faulty("client-1")], per_second=100):
            lab.observe("a while", seconds=0.1)

    result, _, _ = run_it(script, settings)
    assert result.verdict == "UNKNOWN"
    assert any("cannot put" in finding.says for finding in result.findings)


def test_what_the_target_cannot_do_is_refused_before_anything_is_touched(settings: Settings) -> None:
    target = FakeTarget(abilities=["pause"])
    with pytest.raises(Refused, match="needs 'kill', which the fake target cannot do"):
        run(Request(make(story)), target, settings)
    assert target.calls == []
    result, _ = run(Request(make(story), "control"), target, settings)
    assert result.as_expected


def test_a_parameter_that_the_script_does_not_have_is_refused(settings: Settings) -> None:
    with pytest.raises(Refused, match=r"no parameter 'colour'\. Its parameters: loses"):
        run(Request(make(story), parameters={"colour": "red"}), FakeTarget(), settings)


def test_a_second_run_on_the_same_stack_is_refused_and_names_the_first(settings: Settings) -> None:
    holder = (
        "import sys, dataclasses, pathlib\n"
        "from lab import settings\nfrom lab.runner import only_run\n"
        "with only_run(dataclasses.replace(settings.read(), state=pathlib.Path(sys.argv[1]))):\n"
        "    print('held', flush=True)\n    sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", holder, str(settings.state)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(Refused, match=f"process {other.pid}"), only_run(settings):
            pytest.fail("two runs at once")
        other.communicate("")
    with only_run(settings):
        pass


def test_listeners_hear_every_line_that_is_recorded(settings: Settings) -> None:
    heard: list[str] = []
    result, history = run(Request(make(story)), FakeTarget(), settings, [lambda line: heard.append(line.op)])
    assert len(heard) == len(history)
    assert result.scenario == "memory"
