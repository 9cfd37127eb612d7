"""A stand-in for `lab run`: it takes the lock, makes a run folder, and does what a test wants of it."""

from lab.console.catalogue import Choice, Known, Parameter

NAME = "20260101-000000-some-scenario-main"
STAND_IN = """
import fcntl, json, os, pathlib, signal, sys, time
def end(*_): raise KeyboardInterrupt
signal.signal(signal.SIGTERM, end)
state, runs, does = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3]
(state / "told.json").write_text(json.dumps(sys.argv[4:]))
if does == "refuses":
    print("lab: It needs 'cut_off', which this target cannot do.", file=sys.stderr); sys.exit(64)
if does == "has no stack":
    print("a line of progress", file=sys.stderr)
    print("lab: kafka-1 is exited. `lab up`.", file=sys.stderr); sys.exit(69)
if does == "crashes":
    print("lab: the lab itself failed: KeyError: 'x'", file=sys.stderr); sys.exit(70)
lock = (state / "run.lock").open("a+")
fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
lock.truncate(0); lock.write(str(os.getpid())); lock.flush()
folder = runs / "NAME"
folder.mkdir()
history = (folder / "history.jsonl").open("a")
history.write(json.dumps({"t": 0, "wall": "", "process": "lab", "kind": "note", "op": "run", "id": None, "error": None,
                          "value": {"scenario": "some-scenario", "variant": "main"}}) + "\\n")
history.flush()
print(json.dumps({"began": folder.name}), flush=True)
if does == "fails":
    print("lab: the disk is full. Make room.", file=sys.stderr); sys.exit(69)
try:
    time.sleep(120)
except KeyboardInterrupt:
    (folder / "verdict.json").write_text("{}")
""".replace("NAME", NAME)
KNOWN = Known(
    name="some-scenario", demo="kafka_demo", claim="", question="", lesson="", predictions=[Choice("nothing", "")],
    notes=[], nodes=[], needs=[], seconds=1, parameters={"acks": Parameter("all", ["all", "1"])}, breaks_with={},
    breaks=[],
)  # fmt: skip
