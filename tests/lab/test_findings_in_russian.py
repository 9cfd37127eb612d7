"""What a run says of itself is said in Russian too, and in English it is what it was."""

import ast
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from string import Formatter
from threading import Thread

import pytest
from babel.messages.pofile import read_po
from rich.console import Console

from lab import settings as environment
from lab.faults import FAULTS
from lab.history import History
from lab.live import LiveView, Progress
from lab.observed import why_cut_short
from lab.runner import Request, run
from lab.scenario import scenario
from lab.script import Lab
from lab.verdict import Finding, count_title, judge, title
from lab.words import speak
from tests.lab.fake_target import FakeTarget
from tests.lab.histories import AS_ASKED, CASES
from tests.lab.lines import broken, cluster, history, note, read, read_end, topic, written

ROOT = Path(__file__).resolve().parents[2]
CATALOGUES = ROOT / "lab" / "locale" / "ru" / "LC_MESSAGES"
CHECKS = sorted((ROOT / "lab" / "checks").glob("*.py"))
SPEAKERS = [*CHECKS, *(ROOT / "lab" / f"{name}.py" for name in ("live", "observed", "timeline", "verdict"))]
SCRIPTS = [*sorted(ROOT.glob("*_demo/scenarios/*.py")), ROOT / "lab" / "script.py"]
TOLD_IN_SCRIPTS = {"observe": 0, "await_effect": 0, "await_recovery": 0, "note": 1}
"""A method of `Lab`, and which of its arguments people read."""
SHOWN = [(name, verdict) for name, cases in CASES.items() for verdict in cases if not isinstance(cases[verdict], str)]
CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)  # noqa: RUF001
A_SENTENCE = re.compile(r"[A-Z{]\S* .*\.")
EVENTS = ("not recovered", "crash", "interrupted", "ended early", "not_recovered", "ended_early")
"""What lab/live.py says of notes: with a value, and without one."""

ENGLISH = {
    "nothing_acknowledged_is_lost": "Lost: 1 of 2 acknowledged records, b the first.",
    "order_within_a_partition": "Behind a record that the same process appended later: 1 of 2 records.",
    "writes_pause_for": "Writes paused 4.40 s, 5.10 s into the run; 2.19 to 3.75 s is claimed, "
    "with a session timeout of 3 s.",
    "the_leader_moved": "kafka-1 led partition 0 before the fault and all through.",
    "partitions_are_spread_evenly": "Preferred leaders: 2 on kafka-1, 0 on kafka-2.",
    "leader_and_follower_are_on_different_brokers": "Partition 0 lies on ['kafka-1', 'kafka-1'], not on 2 brokers.",
    "messages_reach_the_predicted_queues": "1 of 2 messages went where the model says; the first other one is m-1.",
    "nothing_confirmed_is_lost": "1 of 2 messages that were taken for safe are lost, b the first.",
    "expiry_waits_for_the_head": "1 of 2 did not come at the time of the longest before them: short after 0.4 s.",
    "each_task_runs_once": "2 executions of 1 tasks: 1 doubled, 0 missing. a ran 2 times.",
    "no_task_runs_early": "a started 0.50 s early; at most 1 s late is claimed.",
    "workers_take_only_their_queues": "1 executions came from another queue: a ran in one.",
    "no_frame_is_missed": "1 of 3 frames were missed by 1 of 1 sockets, s-1 the first: 2.",
    "servers_stop_as_predicted": "0 of 1 servers left behind what was predicted; the first other one is case. "
    "daphne TERM: 10 x 1006, disconnect() 10, ghosts 10.",
    "nothing_private_leaks": "1 private frames went to 1 sockets of others: evil.test got 1 of 5.",
    "every_request_succeeds": "1 of 3 requests ended with an error. The first: c, it never ended.",
    "throughput_grows_with_instances": "slot: 8.0 a second with 1, 16.0 with 3 instances, 2.00 times as many; at least "
    "2.10 times is claimed.",
    "what_was_confirmed_is_imported": "1 of 1 confirmed imports were not done; 3 rows are missing.",
    "each_notification_is_shown_once": "2 accepted notifications, 1 pages: 1 not shown, 0 shown twice.",
    "the_system_recovered": "Not within 60 s: it leads again.",
}
"""What some checks say when the claim is broken."""


def catalogue(path: Path) -> Mapping[str, str]:
    with path.open("rb") as file:
        return {str(message.id): str(message.string) for message in read_po(file, locale="ru") if message.id}


RUSSIAN = catalogue(CATALOGUES / "checks.po")


def marked(tree: ast.AST) -> Iterator[ast.Constant]:
    """The texts that are handed to `_` or `later`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("_", "later"):
            yield from (arg for arg in node.args if isinstance(arg, ast.Constant))


def sentences() -> set[str]:
    return {str(text.value) for path in SPEAKERS for text in marked(ast.parse(path.read_text()))}


def told_in_scripts() -> Iterator[ast.expr]:
    """The names of phases, what scripts wait for, and why they expect a load."""
    for path in SCRIPTS:
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call):
                continue
            yield from (keyword.value for keyword in node.keywords if keyword.arg == "bound_by")
            method = node.func.attr if isinstance(node.func, ast.Attribute) else ""
            at = TOLD_IN_SCRIPTS.get(method, len(node.args))
            if at < len(node.args) and (method != "note" or ast.unparse(node.args[0]) == "'phase'"):
                yield node.args[at]


def constants(paths: list[Path]) -> set[str]:
    trees = (ast.walk(ast.parse(path.read_text())) for path in paths)
    return {
        node.value for tree in trees for node in tree if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def counts_we_name() -> set[str]:
    """Each count of the tests' histories, as far as its name stands in a check and not in the history."""
    ours = {text.strip(": ").replace("_", " ") for text in constants(CHECKS)}
    names = {count for name, verdict in SHOWN for count in said(name, verdict).counts}
    return {name for name in names if ours & {name.replace("_", " "), *re.split(": | ", name, maxsplit=1)}}


def said(name: str, verdict: str) -> Finding:
    case = CASES[name][verdict]
    assert isinstance(case, History)
    return judge(case, [AS_ASKED[name]])[1][0]


def places(text: str) -> set[tuple[str, str | None, str | None]]:
    return {(name, spec, conversion) for _, name, spec, conversion in Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("name", ENGLISH)
def test_the_english_sentence_is_what_it_was(name: str) -> None:
    assert said(name, "BROKEN").says == ENGLISH[name]


@pytest.mark.parametrize("path", SPEAKERS, ids=lambda path: path.stem)
def test_every_sentence_is_marked_for_translation(path: Path) -> None:
    tree = ast.parse(path.read_text())
    known = {id(text) for text in marked(tree)}
    known |= {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    constant = (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str))
    assert [node.value for node in constant if id(node) not in known and A_SENTENCE.fullmatch(node.value)] == []


def test_every_sentence_has_its_russian() -> None:
    assert sentences() - RUSSIAN.keys() == set()


def test_every_check_fault_event_and_count_has_its_russian() -> None:
    names = {name.replace("_", " ") for name in CASES} | {*FAULTS} | {name.replace("_", " ") for name in FAULTS}
    assert (names | {*EVENTS}) - RUSSIAN.keys() == set()
    with speak("ru"):
        assert [name for name in counts_we_name() if not CYRILLIC.search(count_title(name))] == []


def test_what_scripts_tell_has_its_russian() -> None:
    literal = {text.value for text in told_in_scripts() if isinstance(text, ast.Constant)}
    assert literal - RUSSIAN.keys() == set()


def test_the_catalogue_holds_nothing_that_nobody_says() -> None:
    names = {name.replace("_", " ") for name in (*CASES, *FAULTS)} | {*FAULTS, *EVENTS}
    filled = [ast.unparse(text) for text in told_in_scripts() if isinstance(text, ast.JoinedStr)]
    pattern = re.compile("|".join(re.sub(r"\{[^}]*\}", ".+", text[2:-1]) for text in filled))
    with_spaces = {text.strip(": ").replace("_", " ") for text in constants(CHECKS)}
    known = sentences() | names | constants(SCRIPTS) | with_spaces
    assert [text for text in RUSSIAN if text not in known and not pattern.fullmatch(text)] == []


def test_every_translation_has_the_places_of_its_sentence() -> None:
    assert {text: told for text, told in RUSSIAN.items() if places(text) != places(told) or not told} == {}


def test_no_catalogue_contradicts_another() -> None:
    others = [catalogue(path) for path in sorted(CATALOGUES.glob("*.po")) if path.stem != "checks"]
    assert {
        text: RUSSIAN[text] for other in others for text in other if RUSSIAN.get(text, other[text]) != other[text]
    } == {}


@pytest.mark.parametrize(("name", "verdict"), SHOWN)
def test_a_check_finds_the_same_in_russian_and_says_so(name: str, verdict: str) -> None:
    english = said(name, verdict)
    with speak("ru"):
        russian = said(name, verdict)
        assert CYRILLIC.search(title(russian.check))
    assert (russian.verdict, russian.counts) == (english.verdict, english.counts)
    assert CYRILLIC.search(russian.says)
    assert said(name, verdict) == english


def test_a_history_does_not_keep_the_language_of_the_first_who_asks() -> None:
    short = history(topic(), *written(1, "a", 0), *written(2, "b", 1), read(9, "a", 0), read_end(9, 1, 2))
    lost = AS_ASKED["nothing_acknowledged_is_lost"]
    with speak("ru"):
        first = lost(short).says
    assert first.endswith("но партиция 0 прочитана только до смещения 1 из 2.")
    assert lost(short).says.startswith("Not seen: 1 of 2 acknowledged records; but partition 0 was read")


def test_the_story_and_what_cut_it_short_are_told_in_russian() -> None:
    cut_short = history(
        note(1, "phase", "two brokers"),
        cluster(2, ["kafka-1"]),
        *broken(5, 9),
        note(10, "recovered", {"what": "the old leader leads again", "seconds": 0.04}),
        note(11, "crash", "KeyError: 1"),
    )
    with speak("ru"):
        progress = Progress()
        told = [sentence for line in cut_short if (sentence := progress.take(line))]
        assert why_cut_short(cut_short) == "Сценарий упал: KeyError: 1."
    assert told[0] == "два брокера"
    assert "узел kafka-1 убит" in told
    assert told[-2:] == ["восстановилось: прежний лидер снова лидер (0.0 с)", "падение: KeyError: 1"]  # noqa: RUF001
    assert [sentence for sentence in told if not CYRILLIC.search(sentence)] == []


def test_a_run_records_english_and_answers_in_russian(tmp_path: Path) -> None:
    settings = replace(environment.read(), state=tmp_path / "state", runs=tmp_path / "runs")

    @scenario(
        "words", claim="It speaks.", question="Does it?", predictions=[], nodes=[], checks=[], breaks_with={}, breaks=[]
    )
    def script(lab: Lab) -> None:
        lab.await_recovery("the old leader leads again", lambda: False, within=0)

    with speak("ru"):
        found, recorded = run(Request(script, "main"), FakeTarget(), settings)
        kept = json.loads((Path(found.run) / "verdict.json").read_text())
    assert recorded.note("ended_early").startswith("No recovery:")
    missed = [finding.says for finding in found.findings if finding.check == "the_system_recovered"]
    assert [says for says in missed if says.endswith("прежний лидер снова лидер.")] == missed != []
    assert "Not within 0 s: the old leader leads again." in [finding["says"] for finding in kept["findings"]]


def test_the_live_view_speaks_to_its_reader_from_every_thread() -> None:
    console = Console(record=True, width=80)
    with speak("ru"):
        view = LiveView("title", console)
    line = note(1, "phase", "two brokers")
    thread = Thread(target=view.hear, args=[line])
    thread.start()
    thread.join()
    assert "два брокера" in console.export_text()
