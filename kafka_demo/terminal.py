"""How `watcher` and `traffic` talk to whoever sits at the terminal: one short line for each event, in three columns."""

from collections.abc import Iterable
from datetime import datetime


def say(label: str, sentence: str) -> None:
    """Print `14:02:11.3  leader     0,2,4: kafka-1 -> kafka-2`, at once: the next line may be minutes away."""
    now = datetime.now()
    print(f"{now:%H:%M:%S}.{now.microsecond // 100_000}  {label:<9}  {sentence}", flush=True)


def numbers(which: Iterable[int], of: int) -> str:
    """Partitions by number: "0,2,4", or "all 6" when it is all of them."""
    found = sorted(which)
    return f"all {of}" if len(found) == of and of > 1 else ",".join(map(str, found))
