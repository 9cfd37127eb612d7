"""Run folders as a run leaves them, and as one that was killed does; and a console without a stack that shows them."""

from dataclasses import replace
from pathlib import Path

import msgspec
from msgspec.structs import replace as with_fields

from lab import demos
from lab import settings as environment
from lab.history import History
from lab.runner import Result, judged
from lab.scenario import Variant
from lab.settings import Settings
from lab.synthetic import made_up_run

SCENARIO = demos.scenario_named("kafka-leader-failover")


def settings_for(folder: Path) -> Settings:
    """Runs and state below a folder of the test's own; no stack is up there, nor is one asked for."""
    found = replace(environment.read(), runs=folder / "runs", state=folder / "lab-test-96", block=96, target="")
    found.runs.mkdir(parents=True, exist_ok=True)
    return found


def run_folder(
    runs: Path, stamp: str, variant: Variant = "main", *, seed: int = 1, predicted: str | None = None
) -> Path:
    """A made-up run, complete, as a run of the leader failover would be recorded."""
    told = {"scenario": SCENARIO.name, "variant": variant, "target": "local", "pace": "quick", "seed": seed}
    told |= {"parameters": {"acks": "all"}, "predicted": predicted, "versions": {"apache/kafka": f"4.3.{seed}"}}
    folder = runs / f"{stamp}-{SCENARIO.name}-{variant}"
    folder.mkdir(parents=True)
    write_history(folder, made_up_run(seed, variant).history(), **told)
    result = judged(History.load(folder / "history.jsonl"), SCENARIO, folder)
    (folder / "verdict.json").write_bytes(msgspec.json.encode(result))
    (folder / "logs").mkdir()
    (folder / "logs" / "kafka-1.log").write_text("kafka-1 said its last words\n")
    return folder


def with_verdict(folder: Path, **changes: object) -> Result:
    """Write another verdict into a run folder."""
    result = msgspec.json.decode((folder / "verdict.json").read_bytes(), type=Result)
    changed = with_fields(result, **changes)
    (folder / "verdict.json").write_bytes(msgspec.json.encode(changed))
    return changed


def write_history(folder: Path, history: History, **about: object) -> None:
    """Write a history into a folder, its note "run" changed."""
    ops = [with_fields(op, value={**op.value, **about}) if op.op == "run" else op for op in history]
    (folder / "history.jsonl").write_bytes(b"".join(msgspec.json.encode(op) + b"\n" for op in ops))
